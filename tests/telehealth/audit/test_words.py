"""Every code in the audit log has words."""

from pathlib import Path

from django.utils import translation

from telehealth.audit.words import ACTIONS, OBJECT_TYPES, object_words, position_of, words_of
from tests.telehealth.audit.recorded import recorded_in

ROOT = Path(__file__).parents[3]
PACKAGES = [ROOT / name for name in ("telehealth", "scheduling", "signaling")]


def test_every_recorded_action_and_object_type_has_words() -> None:
    found = recorded_in(PACKAGES)
    assert found.unreadable == []
    # One for each way an action is said: plainly, through functions, behind a prefix, as a default, by one of two.
    for known in ("hat.chosen", "request.claimed", "user.signed_in", "request.closed", "request.room_opened"):
        assert known in found.actions
    assert {"patient.viewed", "request.viewed"} <= found.actions
    assert (found.actions - set(ACTIONS), found.object_types - set(OBJECT_TYPES)) == (set(), set())


def test_an_action_without_words_is_found_wherever_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "doors.py").write_text(
        "def access_thing(hat, *, act: str | None = 'viewed'):\n    record(f'thing.{act}', object_type='thing')\n"
        "def _finish(thing, action):\n    record(action, object_type='thing')\n"
        "def close(thing, how):\n    _finish(thing, 'thing.closed' if how else 'thing.cancelled')\n"
        "def read(thing, verb):\n    record(verb.upper(), object_type='verb')\n"
    )
    (tmp_path / "callers.py").write_text(
        "def page(hat):\n    access_thing(hat)\n    access_thing(hat, act=None)\n    access_thing(hat, act='printed')\n"
        "def _finish(thing, action):\n    pass\n"
        "_finish(1, 'another function')\n"
    )
    found = recorded_in([tmp_path])
    assert found.actions == {"thing.viewed", "thing.printed", "thing.closed", "thing.cancelled"}
    assert found.object_types == {"thing", "verb"}
    assert found.unreadable == [f"{tmp_path}/doors.py:8"]


def test_no_two_actions_read_the_same_in_either_language() -> None:
    for language in ("vi", "en"):
        with translation.override(language):
            assert len({words_of(action) for action in ACTIONS}) == len(ACTIONS)


def test_a_code_without_words_is_shown_as_it_is() -> None:
    with translation.override("en"):
        assert (words_of("request.claimed"), object_words("request")) == ("Took the case", "Case")
    assert (words_of("request.claimed"), object_words("request")) == ("Nhận ca", "Ca")
    assert (words_of("thing.done"), object_words("thing")) == ("thing.done", "thing")


def test_actions_are_listed_in_the_order_of_a_case_and_unknown_ones_last() -> None:
    codes = ["thing.done", "audit.viewed", "request.claimed", "another.done", "user.signed_in"]
    assert sorted(codes, key=position_of) == [
        "user.signed_in",
        "request.claimed",
        "audit.viewed",
        "another.done",
        "thing.done",
    ]
