"""Who is seen where. Pure.

Every viewer has a fixed set of slots. Each other participant gets a place `i` at that viewer and keeps it while they are
in the room: microphone on `a<i>`, camera on `v<i>`. The last video slot is for the screen.
"""

from collections.abc import Collection, Iterable

from media.control import Source

PLACES = 5
MAX_PARTICIPANTS = PLACES + 1
SCREEN_SLOT = f"v{PLACES}"
AUDIO_SLOTS = tuple(f"a{i}" for i in range(PLACES))
VIDEO_SLOTS = (*(f"v{i}" for i in range(PLACES)), SCREEN_SLOT)
SLOTS = AUDIO_SLOTS + VIDEO_SLOTS
UPWARD: dict[str, Source] = {"m": "microphone", "c": "camera", "s": "screen"}

Publication = tuple[str, Source]


class Places:
    """The places of one viewer."""

    __slots__ = ("_places",)

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def update(self, others: Iterable[str]) -> dict[str, int]:
        """Free the places of who has left, seat who is new (in the order given) on the lowest free place.

        Whoever finds no place is left out; a room does not let that many in.
        """
        present = list(dict.fromkeys(others))
        self._places = {who: place for who, place in self._places.items() if who in present}
        free = sorted(set(range(PLACES)) - set(self._places.values()))
        for who in present:
            if who not in self._places and free:
                self._places[who] = free.pop(0)
        return dict(self._places)


def assign(
    *, places: dict[str, int], publications: Collection[Publication], screen_owner: str | None
) -> dict[str, Publication]:
    """Return what each of a viewer's slots should carry; slots without a source are absent.

    `screen_owner` is whose screen the room sees; nobody is shown their own (they have no place at themselves).
    """
    table: dict[str, Publication] = {}
    for who, place in places.items():
        if (who, "microphone") in publications:
            table[f"a{place}"] = (who, "microphone")
        if (who, "camera") in publications:
            table[f"v{place}"] = (who, "camera")
    if screen_owner in places and (screen_owner, "screen") in publications:
        table[SCREEN_SLOT] = (screen_owner, "screen")
    return table
