"""Nothing that comes from outside breaks the relay: a short hunt, and every input that once did."""

import pytest

from tests.fuzz.engine import CRASHES, crashes, run
from tests.fuzz.targets import TARGETS

EXAMPLES = 400


@pytest.mark.parametrize("name", TARGETS)
def test_valid_inputs_are_taken(name: str) -> None:
    for seed in TARGETS[name].seeds:
        TARGETS[name].check(seed)


@pytest.mark.parametrize("name", TARGETS)
def test_a_short_hunt_finds_nothing(name: str) -> None:
    run(TARGETS[name], examples=EXAMPLES)


@pytest.mark.parametrize("name", TARGETS)
def test_what_once_broke_it_does_so_no_more(name: str) -> None:
    for path in crashes(name):
        TARGETS[name].check(path.read_bytes())


def test_every_kept_input_belongs_to_a_target() -> None:
    folders = {path.name for path in CRASHES.iterdir()} if CRASHES.exists() else set()
    assert folders <= set(TARGETS)
