"""Who is seen where."""

from hypothesis import given
from hypothesis import strategies as st

from media.control import Source
from media.core.rooms import PLACES, SLOTS, Places, assign

SOURCES: tuple[Source, ...] = ("microphone", "camera", "screen")
people = st.sampled_from(["anna", "binh", "chi", "dung", "giang"])


def test_six_people_fill_the_slots() -> None:
    others = ["b", "c", "d", "e", "f"]
    table = assign(
        places=Places().update(others),
        publications={(who, source) for who in others for source in SOURCES},
        screen_owner="d",
    )
    assert table == {
        **{f"a{i}": (who, "microphone") for i, who in enumerate(others)},
        **{f"v{i}": (who, "camera") for i, who in enumerate(others)},
        "v5": ("d", "screen"),
    }


def test_nobody_moves_when_somebody_leaves_and_a_newcomer_takes_the_gap() -> None:
    places = Places()
    places.update(["b", "c", "d"])
    assert places.update(["b", "d"]) == {"b": 0, "d": 2}
    assert places.update(["b", "d", "e"]) == {"b": 0, "d": 2, "e": 1}


def test_sound_without_a_camera_leaves_the_picture_slot_empty() -> None:
    table = assign(places={"b": 0}, publications={("b", "microphone")}, screen_owner=None)
    assert table == {"a0": ("b", "microphone")}


def test_a_screen_of_somebody_without_a_place_is_not_shown() -> None:
    assert assign(places={"b": 0}, publications={("a", "screen")}, screen_owner="a") == {}


@given(st.lists(st.sets(people), max_size=30))
def test_places_are_kept_while_present_and_never_shared(history: list[set[str]]) -> None:
    places = Places()
    before: dict[str, int] = {}
    for present in history:
        now = places.update(sorted(present))
        assert set(now) == present
        assert len(set(now.values())) == len(now)
        assert all(0 <= place < PLACES for place in now.values())
        assert all(now[who] == place for who, place in before.items() if who in present)
        before = now


@given(
    others=st.sets(people),
    publications=st.sets(st.tuples(people, st.sampled_from(SOURCES))),
    screen=st.none() | people,
)
def test_a_slot_carries_only_what_is_published_by_somebody_else(
    others: set[str], publications: set[tuple[str, Source]], screen: str | None
) -> None:
    table = assign(places=Places().update(sorted(others)), publications=publications, screen_owner=screen)
    assert set(table) <= set(SLOTS)
    assert set(table.values()) <= publications
    assert {who for who, _ in table.values()} <= others
    assert len(set(table.values())) == len(table)
