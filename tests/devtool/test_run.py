"""What ``dev.py run`` sets and refuses before anything starts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from devtool import environment
from devtool.configuration import Node, Options, _own_addresses, usual_media_nodes
from devtool.configuration import environment as variables
from devtool.console import Failure
from devtool.paths import ROOT
from devtool.run import ensure_ports_free, platform_programs
from devtool.services import Addresses

ADDRESSES = Addresses("postgresql:///telehealth?host=/s", "unix:///s/valkey.sock")


def test_variables_of_a_development_start(tmp_path: Path) -> None:
    made = variables(Options(port=8100, media_port=8201, state=tmp_path, durable=False), ADDRESSES, given={})

    secrets = {name: made.pop(name) for name in ("SECRET_KEY", "MEDIA_SECRET")}
    path = made.pop("PATH")
    assert made == {
        "PYTHONUNBUFFERED": "1",
        "TELEHEALTH_ENV": "development",
        "DEMONSTRATION": "1",
        "STATE_DIR": str(tmp_path),
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "ALLOWED_ORIGINS": "http://127.0.0.1:8100,http://localhost:8100",
        "MEDIA_NODES": "ws://127.0.0.1:8200/control",
        "MEDIA_CONTROL_LISTEN": "127.0.0.1:8200",
        "MEDIA_UDP_LISTEN": "0.0.0.0:8201",
        "MEDIA_ANNOUNCE": "127.0.0.1",
        "INSURANCE_PORTAL_URL": "stand-in:",
        "PUBLIC_ORIGIN": "http://127.0.0.1:8100",
        "STAND_INS": "http://127.0.0.1:8202",
        "DATABASE_URL": "postgresql:///telehealth?host=/s",
        "REDIS_URL": "unix:///s/valkey.sock",
    }
    assert path == f"{ROOT / 'var' / 'venv' / 'bin'}:/usr/bin:/bin"
    assert min(len(value) for value in secrets.values()) >= 32
    assert len(set(secrets.values())) == 2


def test_several_relays_have_ports_two_apart_and_web_knows_them_all(tmp_path: Path) -> None:
    options = Options(media_port=8201, media_nodes=3, state=tmp_path)

    assert options.nodes == [
        Node("media-1", 8200, 8201),
        Node("media-2", 8202, 8203),
        Node("media-3", 8204, 8205),
    ]
    assert options.nodes[2].variables == {
        "MEDIA_NODE_NAME": "media-3",
        "MEDIA_CONTROL_LISTEN": "127.0.0.1:8204",
        "MEDIA_UDP_LISTEN": "0.0.0.0:8205",
    }
    assert variables(options, ADDRESSES, given={})["MEDIA_NODES"] == (
        "ws://127.0.0.1:8200/control,ws://127.0.0.1:8202/control,ws://127.0.0.1:8204/control"
    )


def test_each_relay_is_a_process_of_its_own_with_its_own_log(tmp_path: Path) -> None:
    made = platform_programs(Options(media_nodes=2, state=tmp_path), {"MEDIA_NODE_NAME": "given"})

    relays = [(one.name, one.environment["MEDIA_NODE_NAME"], one.log.name) for one in made[:-3]]
    assert relays == [("media-1", "media-1", "media-1.log"), ("media-2", "media-2", "media-2.log")]
    assert [one.name for one in made[-3:]] == ["stand-ins", "worker", "web"]


def test_only_the_demonstration_has_stand_ins(tmp_path: Path) -> None:
    with_them, without = (
        Options(media_port=8201, media_nodes=2, state=tmp_path),
        Options(demonstration=False, state=tmp_path),
    )

    assert variables(with_them, ADDRESSES, given={})["STAND_INS"] == "http://127.0.0.1:8204"
    assert variables(without, ADDRESSES, given={})["STAND_INS"] == ""
    assert "stand-ins" not in [one.name for one in platform_programs(without, {})]


def test_there_is_a_relay_per_core_unless_its_addresses_are_given() -> None:
    assert usual_media_nodes({}) == len(os.sched_getaffinity(0))
    assert usual_media_nodes({"MEDIA_NODES": "ws://192.0.2.7:7900/control"}) == 1


def test_port_of_a_later_relay_in_use_moves_them_all() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("0.0.0.0", 0))
        port = other.getsockname()[1]

        with pytest.raises(Failure, match=rf"choose another: --media-port {port - 2 + 100}$"):
            ensure_ports_free(Options(port=_free_port(), media_port=port - 2, media_nodes=2))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_start_for_people_announces_the_machines_own_address_too(tmp_path: Path) -> None:
    made = variables(Options(state=tmp_path), ADDRESSES, given={})

    assert made["MEDIA_ANNOUNCE"].split(",") == ["127.0.0.1", *_own_addresses()]


def test_secrets_are_the_same_at_the_next_start(tmp_path: Path) -> None:
    options = Options(state=tmp_path)

    assert variables(options, ADDRESSES, given={}) == variables(options, ADDRESSES, given={})


def test_what_is_set_already_wins(tmp_path: Path) -> None:
    given = {"MEDIA_ANNOUNCE": "192.0.2.7", "TELEHEALTH_ENV": "production"}

    made = variables(Options(state=tmp_path), ADDRESSES, given=given)

    assert {name: made[name] for name in given} == given


def test_port_in_use_is_said_with_the_option_that_cures_it() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(Failure) as told:
            ensure_ports_free(Options(port=port))

    assert str(told.value) == (
        f"Port {port} on 127.0.0.1 cannot be used: Address already in use. "
        f"Stop the program that uses it, or choose another: --port {port + 100}"
    )


def test_full_disk_is_said_with_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"Only \d+ MB are free .* about 9000000000 MB are needed"):
        environment.ensure_space(tmp_path, 9_000_000_000_000_000)


def test_missing_system_library_is_said_with_the_package_that_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "libatomic.so.1: cannot open shared object file: No such file or directory"
    (tmp_path / "compiled.py").write_text(f"raise ImportError({words!r})")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with pytest.raises(Failure) as told:
        environment.ensure_loadable(["compiled"])

    assert str(told.value) == (
        "The system library libatomic.so.1 is missing. As root: apt-get install libatomic1"
    )


def test_failure_is_one_line_and_a_status_not_a_trace() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "bin" / "dev.py"), "check", "--only", "nonsense"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("\nThere is no step called nonsense. Steps: lint, types, imports, ")
