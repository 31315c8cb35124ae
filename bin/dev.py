#!/usr/bin/env python3
"""The project's commands: ``python3 bin/dev.py --help`` lists them. Needs only Python 3.11 or newer."""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this is the place where an older one is told
    sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ".")

from devtool.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
