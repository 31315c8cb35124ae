"""Run a command in a namespace that another process holds: `python -m tests.net.enter PID DESCRIPTOR COMMAND …`."""

import os
import sys

from tests.net import netdev

if __name__ == "__main__":
    process, descriptor, *command = sys.argv[1:]
    netdev.enter(os.open(f"/proc/{process}/fd/{descriptor}", os.O_RDONLY))
    os.execvp(command[0], command)
