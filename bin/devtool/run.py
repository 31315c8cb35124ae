"""``dev.py run``: set up, start everything, keep it up, stop it."""

from __future__ import annotations

import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType

from . import cache, configuration, data, database, environment, frontend, services
from .configuration import Options
from .console import Failure, complain, say, step
from .paths import ROOT, SETUP, digest, venv_python
from .processes import Program
from .statefile import StateFile, only_one
from .supervisor import Supervisor

_GRACE = 15.0  # seconds the web process may take to send its sockets elsewhere
_MEDIA_GRACE = 20.0  # a relay forwards until its rooms are on another, 15 s at most


def run(options: Options) -> None:
    """Run the platform until Ctrl-C or SIGTERM."""
    ensure_ready(options)
    with only_one(options.state) as file, _supervised(file) as supervisor:
        ensure_ports_free(options)
        addresses = _start_services(options, supervisor)
        variables = configuration.environment(options, addresses)
        file.update(phase="starting", pid=os.getpid(), url=options.url, environment=variables)
        accounts = _start_platform(options, supervisor, variables)
        _announce(options, accounts)
        file.update(phase="ready")
        while True:
            supervisor.tend()
            time.sleep(0.1)


def run_services(state: Path) -> None:
    """Run only PostgreSQL and Valkey until Ctrl-C or SIGTERM."""
    environment.ensure_packages("runtime")
    with only_one(state) as file, _supervised(file) as supervisor:
        addresses = _start_services(Options(state=state), supervisor)
        file.update(phase="ready", pid=os.getpid(), environment=addresses.environment())
        while True:
            supervisor.tend()
            time.sleep(0.1)


def ensure_ready(options: Options) -> None:
    """Bring packages, frontend and translations up to date."""
    environment.ensure_packages("runtime")
    if options.build:
        frontend.ensure_build()
    ensure_translations()


def ensure_translations() -> None:
    """Compile the translations when one changed."""
    locale = ROOT / "telehealth" / "locale"
    wanted = digest(path for path in locale.rglob("*.po"))
    stamp = SETUP / "translations"
    if stamp.exists() and stamp.read_text() == wanted and any(locale.rglob("*.mo")):
        return
    with step("Compiling translations"):
        data.command("compile_translations", variables={**os.environ, "TELEHEALTH_ENV": "test"})
    stamp.write_text(wanted)


def ensure_ports_free(options: Options) -> None:
    """Raise :class:`Failure`, naming the option to change, when somebody listens where we want to."""
    wanted = [(socket.SOCK_STREAM, options.host, options.port, "--port")]
    for node in options.nodes:
        wanted.append((socket.SOCK_STREAM, "127.0.0.1", node.control_port, "--media-port"))
        wanted.append((socket.SOCK_DGRAM, "0.0.0.0", node.media_port, "--media-port"))
    if options.demonstration:
        wanted.append((socket.SOCK_STREAM, "127.0.0.1", options.stand_ins_port, "--media-port"))
    for kind, host, port, option in wanted:
        base = options.port if option == "--port" else options.media_port
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise Failure(
                    f"Port {port} on {host} cannot be used: {os.strerror(error.errno or 0)}.",
                    f"Stop the program that uses it, or choose another: {option} {base + 100}",
                ) from None


def platform_programs(options: Options, variables: dict[str, str]) -> list[Program]:
    """Media relays, the demonstration's stand-ins, worker and web, in the order they are started."""
    python = str(venv_python())

    def one(
        name: str, arguments: Sequence[str], own: Mapping[str, str] = MappingProxyType({}), **more: object
    ) -> Program:
        log = options.state / "log" / f"{name}.log"
        return Program(name, [python, "-m", *arguments], {**variables, **own}, log, ROOT, **more)  # type: ignore[arg-type]

    several = options.media_nodes > 1
    return [
        *(
            one(
                node.name,
                ["media"],
                node.variables if several else {},
                ready=partial(_accepts, ("127.0.0.1", node.control_port)),
                grace=_MEDIA_GRACE,
            )
            for node in options.nodes
        ),
        *([one("stand-ins", ["telehealth", "stand_ins"])] if options.demonstration else []),
        one(
            "worker",
            ["celery", "-A", "telehealth.celery", "worker", "-B", "--concurrency", "2", "-l", "info"],
        ),
        one(
            "web",
            ["telehealth", "web", "--host", options.host, "--port", str(options.port)],
            ready=lambda: _healthy(f"{options.url}/healthz"),
            grace=_GRACE,
        ),
    ]


@contextmanager
def _supervised(file: StateFile) -> Iterator[Supervisor]:
    """A supervisor for the length of a block, ended by Ctrl-C, SIGTERM or a lost terminal."""
    # Ctrl-C too: a shell that starts us in the background has it ignored, and we would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    supervisor = Supervisor(report=complain, changed=file.note_pids)
    try:
        yield supervisor
    except KeyboardInterrupt:
        say("\nStopping …")
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # stopping takes seconds and is not to be cut short
        supervisor.stop_all()


def _start_services(options: Options, supervisor: Supervisor) -> services.Addresses:
    given = os.environ
    database_url, redis_url = given.get("DATABASE_URL"), given.get("REDIS_URL")
    log = options.state / "log"
    if not database_url:
        environment.ensure_space(options.state, 300_000_000)
        cluster = services.cluster_in(options.state, durable=options.durable)
        launch = database.find_launch(options.state)
        if not options.durable:
            data.take_from_cache(options, cluster)
        with step("Starting PostgreSQL"):
            database.prepare(cluster, launch)
            supervisor.start(database.program(cluster, launch))
            database.create_database(cluster, launch)
        database_url = cluster.url
    if not redis_url:
        with step("Starting Valkey"):
            sockets = database.socket_folder(options.state / "valkey")
            supervisor.start(cache.program(sockets, log / "valkey.log"))
        redis_url = cache.url(sockets)
    return services.Addresses(database_url, redis_url)


def _start_platform(options: Options, supervisor: Supervisor, variables: dict[str, str]) -> str:
    """Start what is ours; gives the demonstration's accounts."""
    *others, worker, web = platform_programs(options, variables)
    for program in others:
        supervisor.launch(program)
    accounts = data.ensure_data(options, supervisor, variables)
    with step("Starting web, media relay and worker"):
        supervisor.launch(worker)
        supervisor.launch(web)
        for program in (*others, web, worker):
            supervisor.wait_for(program.name)
    return accounts


def _announce(options: Options, accounts: str) -> None:
    say()
    say(f"The platform is running: {options.url}")
    if options.host not in {"127.0.0.1", "localhost"}:
        say("Browsers give camera and microphone only to https or to this machine itself (127.0.0.1).")
    if accounts:
        say(accounts)
    say(f"Logs: {options.state / 'log'}. Stop with Ctrl-C.")


def _accepts(address: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(address, timeout=1):
            return True
    except OSError:
        return False


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # our own process on this machine
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
