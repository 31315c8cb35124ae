"""``dev.py bare``: proves ``make run`` on machines that have nothing but Python and make.

For every Debian release and user a fresh chroot is filled with the last commit, ``make run`` is timed until the
platform answers, stopped, looked over for orphans, and started again; on demand ``make test`` is run there too.
Mounts are made in a namespace of their own, so that nothing is left mounted whatever happens.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .console import Failure, say, step
from .paths import ROOT, VAR
from .processes import Program, last_lines, spawn, stop
from .statefile import StateFile

RELEASES = ("bookworm", "trixie")
USERS = ("root", "user")
FIRST_START_SECONDS = 180.0
SECOND_START_SECONDS = 10.0
_FOLDER = VAR / "bare"
_TEST_SECONDS = 3600.0
_PORT, _MEDIA_PORT = 22080, 22091
_PACKAGES = "python3,make,ca-certificates"
# How this machine reaches package indexes: the same way is open to the chroots.
_NETWORK_VARIABLES = re.compile(r"^(PIP_|npm_config_|NODE_EXTRA_CA_CERTS|SSL_CERT_)|_proxy$", re.IGNORECASE)
_NETWORK_FILES = (
    "etc/resolv.conf",
    "etc/hosts",
    "etc/pip.conf",
    "etc/npmrc",
    "etc/ssl/certs/ca-certificates.crt",
)
_HOME_FILES = (".npmrc", ".config/pip/pip.conf", ".pip/pip.conf")


@dataclass(frozen=True)
class Proof:
    """What one chroot showed: seconds until the platform answered, and what went wrong, if anything."""

    release: str
    user: str
    first: float
    second: float
    trouble: str = ""


def prove(releases: list[str] | None, users: list[str] | None, *, test: bool = False) -> int:
    """Run all the proofs, print a table, give the exit status."""
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        raise Failure("Fresh chroots need root and debootstrap.", "As root: apt-get install debootstrap")
    proofs = []
    for release in releases or RELEASES:
        base = _base(release)
        proofs += [_prove_one(base, release, user, test=test) for user in users or USERS]
    say()
    for proof in proofs:
        figures = f"first start {proof.first:6.1f} s   second start {proof.second:5.1f} s"
        say(
            f"{'FAILED' if proof.trouble else 'ok':6}  {proof.release:9} {proof.user:5} {figures}  {proof.trouble}"
        )
    return 1 if any(proof.trouble for proof in proofs) else 0


def _base(release: str) -> Path:
    """A minimal Debian, made once per release and only ever copied."""
    base = _FOLDER / f"base-{release}"
    if base.is_dir():
        return base
    fresh = _FOLDER / f"new-{release}"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    with step(f"Fetching a bare Debian ({release})"):
        done = subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", release, str(fresh), *_mirror()],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise Failure(f"debootstrap failed:\n{done.stdout[-1500:]}{done.stderr[-500:]}")
    return fresh.rename(base)


def _mirror() -> list[str]:
    """The Debian mirror this machine itself uses, when it names one."""
    apt = Path("/etc/apt")
    for path in [apt / "sources.list", *sorted(apt.glob("sources.list.d/*"))]:
        if path.is_file() and (found := re.search(r"\bhttps?://\S+/debian/?(?=\s)", path.read_text())):
            return [found[0]]
    return []


def _prove_one(base: Path, release: str, user: str, *, test: bool) -> Proof:
    root = _FOLDER / f"{release}-{user}"
    home = root / ("root" if user == "root" else "home/dev")
    checkout = home / "telehealth"
    say(f"\n=== {release}, {user}")
    with step("Making a fresh chroot"):
        shutil.rmtree(root, ignore_errors=True)
        subprocess.run(["cp", "-a", "--reflink=auto", str(base), str(root)], check=True)
        _fill(root, home, checkout, user)
    (_FOLDER / f"{root.name}.log").unlink(missing_ok=True)
    first, trouble = _start_and_stop(root, home, checkout, user, FIRST_START_SECONDS)
    second = 0.0
    if not trouble:
        second, trouble = _start_and_stop(root, home, checkout, user, SECOND_START_SECONDS)
    if test and not trouble:
        trouble = _test(_program(root, home, checkout, user, "test"))
    if not trouble:
        shutil.rmtree(root)
    return Proof(release, user, first, second, trouble)


def _fill(root: Path, home: Path, checkout: Path, user: str) -> None:
    """Put the last commit, the user and this machine's way to the network into a chroot."""
    checkout.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x", "-C", str(checkout)], input=archive, check=True)
    _copy((Path("/") / name, root / name) for name in _NETWORK_FILES)
    _copy((Path.home() / name, home / name) for name in _HOME_FILES)
    if user != "root":
        with (root / "etc/passwd").open("a") as passwd:
            passwd.write("dev:x:1000:1000::/home/dev:/bin/sh\n")
        with (root / "etc/group").open("a") as group:
            group.write("dev:x:1000:\n")
        subprocess.run(["chown", "-R", "1000:1000", str(home)], check=True)


def _copy(pairs: Iterable[tuple[Path, Path]]) -> None:
    for source, target in pairs:
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            shutil.copy(source, target)


def _start_and_stop(root: Path, home: Path, checkout: Path, user: str, limit: float) -> tuple[float, str]:
    """Time ``make run`` until the platform answers; then stop it and look for what it left."""
    state = StateFile(checkout / "var")
    program = _program(root, home, checkout, user, "run")
    started = time.monotonic()
    with step("make run, until the platform answers"):
        child = spawn(program)
        try:
            while not (_answers() and state.read().get("phase") == "ready"):
                if child.poll() is not None:
                    return time.monotonic() - started, f"it ended:\n{last_lines(program.log, 30)}"
                if time.monotonic() - started > limit + 300:
                    return time.monotonic() - started, f"it never answered; see {program.log}"
                time.sleep(0.05)
            seconds = time.monotonic() - started
            os.kill(state.read()["pid"], signal.SIGTERM)
            child.wait(60)
        finally:
            stop(child, program)
    if left := _processes_in(root):
        return seconds, f"left running after the stop: {', '.join(left)}"
    return seconds, "" if seconds <= limit else f"slower than {limit:g} s"


def _test(program: Program) -> str:
    """Run ``make test`` to its end; gives what went wrong."""
    with step("make test"):
        child = spawn(program)
        try:
            child.wait(_TEST_SECONDS)
        except subprocess.TimeoutExpired:
            return f"make test did not end; see {program.log}"
        finally:
            stop(child, program)
    return "" if child.returncode == 0 else f"make test failed; see {program.log}"


def _program(root: Path, home: Path, checkout: Path, user: str, target: str) -> Program:
    identity = [] if user == "root" else ["--userspec=1000:1000"]
    inside = f"cd /{checkout.relative_to(root)} && exec make {target}"
    script = (
        'set -e; mount --make-rprivate /; mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"; '
        'mount -t tmpfs -o mode=1777 tmpfs "$0/dev/shm"; mount -t tmpfs -o mode=1777 tmpfs "$0/tmp"; '
        'exec chroot "$@"'
    )
    chroot = [*identity, str(root), "/bin/sh", "-c", inside]
    passed = {name: value for name, value in os.environ.items() if _NETWORK_VARIABLES.search(name)}
    return Program(
        name="bare",
        command=["unshare", "--mount", "sh", "-c", script, str(root), *chroot],
        environment={
            **passed,
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": f"/{home.relative_to(root)}",
            "ARGS": f"--port={_PORT} --media-port={_MEDIA_PORT}" if target == "run" else "",
        },
        log=_FOLDER / f"{root.name}.log",
        directory=Path("/"),
        grace=60.0,
    )


def _answers() -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{_PORT}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _processes_in(root: Path) -> list[str]:
    """Programs still running with their root in the chroot, after a moment to be collected."""
    time.sleep(0.5)
    left = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(process / "root") == str(root):
                left.append((process / "comm").read_text().strip())
        except OSError:
            continue
    return left
