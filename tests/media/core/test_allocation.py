"""What each picture may cost on one downlink."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from media.core.allocation import (
    CLIMB,
    NOTHING,
    STAY,
    Allocation,
    Allocator,
    Choice,
    Demand,
    Layer,
    Priority,
    fill,
    stairs,
)
from media.core.temporal import EVERYTHING

# As a browser sends a camera at 1280x720.
CAMERA = (
    Layer("q", 180, (62_000, 92_000, 154_000)),
    Layer("h", 360, (146_000, 218_000, 364_000)),
    Layer("f", 720, (295_000, 443_000, 738_000)),
)
CARD = (Layer("", 1080, (800_000,)),)  # a capture card without layers
AUDIO = 45_000


def demand(
    priority: Priority = Priority.OTHER,
    height: int = 720,
    layers: tuple[Layer, ...] = CAMERA,
    source: str = "p",
) -> Demand:
    return Demand(source, priority, height, layers)


def choices(**demands: Demand) -> dict[str, Demand]:
    return demands


def test_people_climb_by_frame_rate_first_and_exams_by_sharpness() -> None:
    assert [step.choice for step in stairs(demand())] == [
        Choice("q", 0),
        Choice("q", 1),
        Choice("q", EVERYTHING),
        Choice("h", 1),
        Choice("h", EVERYTHING),
        Choice("f", EVERYTHING),
    ]
    assert [step.choice for step in stairs(demand(Priority.EXAM))] == [
        Choice("q", 0),
        Choice("q", 1),
        Choice("h", 0),
        Choice("h", 1),
        Choice("f", 0),
        Choice("f", 1),
        Choice("f", EVERYTHING),
    ]


def test_where_half_the_picture_does_not_flow_the_whole_comes_with_fewer_pictures() -> None:
    without_h = (CAMERA[0], Layer("h", 360, ()), CAMERA[2])
    assert [step.choice for step in stairs(demand(layers=without_h))][3:] == [
        Choice("f", 1),
        Choice("f", EVERYTHING),
    ]


def test_nobody_gets_more_than_the_tile_shows() -> None:
    assert stairs(demand(height=0)) == []
    assert stairs(demand(height=180))[-1].choice == Choice("q", EVERYTHING)
    assert stairs(demand(height=200))[-1].choice == Choice("h", EVERYTHING)
    assert stairs(demand(height=4000))[-1].choice == Choice("f", EVERYTHING)


def test_a_layer_that_does_not_flow_is_stepped_over() -> None:
    without_q = (Layer("q", 180, ()), *CAMERA[1:])
    assert [step.choice.rid for step in stairs(demand(height=100, layers=without_q))] == ["h", "h", "h"]
    assert stairs(demand(layers=(Layer("q", 180, ()),))) == []
    assert [s.choice for s in stairs(demand(layers=CARD))] == [Choice("", EVERYTHING)]


def test_sound_is_paid_before_any_picture() -> None:
    slots = choices(v0=demand(height=180))
    assert fill(slots, 61_999).steps["v0"].choice == NOTHING
    assert fill(slots, 62_000).steps["v0"].choice == Choice("q", 0)
    only_sound = Allocator().decide(now=0, downlink=AUDIO, audio=AUDIO, demands=slots)
    assert only_sound == Allocation({"v0": NOTHING}, 0.0, (62_000 + AUDIO) / CLIMB)


def test_the_exam_comes_first_then_who_is_looked_at_then_the_others() -> None:
    slots = choices(a=demand(), b=demand(Priority.FOCUS), c=demand(Priority.EXAM), d=demand(Priority.OTHER))

    def at(budget: float) -> list[Choice]:
        return [step.choice for step in fill(slots, budget).steps.values()]

    assert at(62_000) == [NOTHING, NOTHING, Choice("q", 0), NOTHING]
    assert at(220_000) == [NOTHING, Choice("q", 0), Choice("h", 0), NOTHING]
    assert at(700_000) == [Choice("q", 0), Choice("q", EVERYTHING), Choice("f", 1), NOTHING]
    assert at(3_000_000) == [Choice("f", EVERYTHING)] * 4


def test_equals_get_the_same_but_for_one_step() -> None:
    slots = choices(a=demand(), b=demand(), c=demand())
    for budget in range(0, 2_400_000, 7_000):
        found = list(fill(slots, budget).steps.values())
        order = [0, *(step.rank for step in stairs(demand()))]
        places = [order.index(step.rank) for step in found]
        assert max(places) - min(places) <= 1


def test_an_exam_too_large_for_the_line_holds_nobody_up() -> None:
    slots = choices(card=demand(Priority.EXAM, 1080, CARD), face=demand(Priority.FOCUS))
    filled = fill(slots, 500_000)
    assert filled.aside == {"card"}
    assert [step.choice for step in filled.steps.values()] == [NOTHING, Choice("h", EVERYTHING)]
    assert filled.next_total == 738_000
    assert [step.choice for step in fill(slots, 870_000).steps.values()] == [
        Choice("", EVERYTHING),
        Choice("q", 0),
    ]


def test_an_exam_that_may_soon_fit_does_not_push_others_down_before_it_does() -> None:
    slots = choices(card=demand(Priority.EXAM, 1080, CARD), face=demand(Priority.FOCUS))
    allocator = Allocator()
    first = allocator.decide(now=0, downlink=900_000, audio=0, demands=slots)
    assert first.choices == {"card": NOTHING, "face": Choice("h", EVERYTHING)}
    there = allocator.decide(now=1, downlink=1_010_000, audio=0, demands=slots)
    assert there.choices["card"] == Choice("", EVERYTHING)
    stays = allocator.decide(now=2, downlink=900_000, audio=0, demands=slots)
    assert stays.choices == {"card": Choice("", EVERYTHING), "face": NOTHING}


rates = st.lists(st.floats(1_000, 900_000), min_size=1, max_size=3).map(lambda r: tuple(sorted(r)))
stacks = st.lists(st.one_of(st.just(()), rates), min_size=1, max_size=3).map(
    lambda found: tuple(Layer("qhf"[i], (180, 360, 720)[i], r) for i, r in enumerate(found))
)
wishes = st.builds(
    Demand,
    source=st.just("p"),
    priority=st.sampled_from(Priority),
    max_height=st.sampled_from([0, 180, 360, 720]),
    layers=stacks,
)
rooms = st.dictionaries(st.sampled_from(["v0", "v1", "v2", "v3", "v4", "v5"]), wishes, max_size=6)
budgets = st.floats(0, 3_000_000)


@settings(max_examples=300)
@given(room=rooms, one=budgets, other=budgets)
def test_more_bits_never_give_anybody_less(room: dict[str, Demand], one: float, other: float) -> None:
    low, high = sorted((one, other))
    # The budget at which the very next step fits is where somebody else might lose one.
    less, more = fill(room, low), fill(room, high if other > one else fill(room, low).next_total or high)
    if less.aside == more.aside:
        for slot in room:
            assert less.steps[slot].rank <= more.steps[slot].rank
    exams = [slot for slot in room if room[slot].priority is Priority.EXAM and stairs(room[slot])]
    assert [s not in less.aside for s in exams] <= [s not in more.aside for s in exams]


@settings(max_examples=300)
@given(room=rooms, budget=budgets)
def test_a_filling_stays_within_its_budget_and_names_what_the_next_step_needs(
    room: dict[str, Demand], budget: float
) -> None:
    filled = fill(room, budget)
    assert sum(step.cost for step in filled.steps.values()) <= budget
    for slot, step in filled.steps.items():
        assert step.rank == 0 or step in stairs(room[slot])
    if filled.next_total is None:
        assert all(
            filled.steps[s].rank == (stairs(room[s]) or [step])[-1].rank for s, step in filled.steps.items()
        )
    else:
        assert filled.next_total > budget
        assert fill(room, filled.next_total + 1).steps != filled.steps


lines = st.lists(st.tuples(st.floats(0.1, 8), st.floats(0, 3_000_000)), min_size=1, max_size=80)


@settings(max_examples=150, deadline=None)
@given(room=rooms, line=lines, noise=st.lists(st.floats(0.7, 1.4), min_size=3, max_size=3))
def test_no_slot_flaps_more_than_twice_a_minute_nor_costs_more_than_there_is(
    room: dict[str, Demand], line: list[tuple[float, float]], noise: list[float]
) -> None:
    allocator = Allocator()
    now = 0.0
    history: dict[str, list[tuple[float, int]]] = {slot: [] for slot in room}
    wobble = itertools.cycle(noise)
    for pause, downlink in line:
        now += pause
        measured = {
            slot: wish._replace(
                layers=tuple(
                    layer._replace(rates=tuple(r * factor for r in layer.rates))
                    for layer in wish.layers
                    for factor in (next(wobble),)
                )
            )
            for slot, wish in room.items()
        }
        decided = allocator.decide(now=now, downlink=downlink, audio=AUDIO, demands=measured)
        assert decided.spent == 0 or decided.spent + AUDIO <= downlink * STAY + 1
        for slot, choice in decided.choices.items():
            ranks = {step.choice: step.rank for step in stairs(measured[slot])}
            history[slot].append((now, ranks.get(choice, 0)))
    for seen in history.values():
        flaps: list[float] = []
        fallen = False
        for (_, before), (at, after) in itertools.pairwise(seen):
            if after < before:
                fallen = True
            elif after > before and fallen:
                flaps.append(at)
                fallen = False
        assert all(third - first >= 60 for first, third in zip(flaps, flaps[2:], strict=False))


@given(room=rooms, downlink=budgets, before=budgets)
def test_on_a_steady_line_the_choice_settles_at_what_fits_with_the_margin(
    room: dict[str, Demand], downlink: float, before: float
) -> None:
    allocator = Allocator()
    for now, line in ((0.0, before), (1.0, downlink), (30.0, downlink)):
        settled = allocator.decide(now=now, downlink=line, audio=AUDIO, demands=room)
    assert allocator.decide(now=99.0, downlink=downlink, audio=AUDIO, demands=room) == settled
    lean = fill(room, downlink * CLIMB - AUDIO)
    if not lean.aside:
        for slot, choice in settled.choices.items():
            ranks = {step.choice: step.rank for step in stairs(room[slot])}
            assert ranks.get(choice, 0) >= lean.steps[slot].rank


def test_a_line_that_breaks_in_is_followed_at_once_and_one_that_comes_back_after_the_hold() -> None:
    allocator, slots = Allocator(), choices(v0=demand(Priority.FOCUS))

    def at(now: float, downlink: float) -> Choice:
        return allocator.decide(now=now, downlink=downlink, audio=AUDIO, demands=slots).choices["v0"]

    assert at(0.0, 2_000_000) == Choice("f", EVERYTHING)
    assert at(90.0, 250_000) == Choice("q", EVERYTHING)
    assert at(91.0, 2_000_000) == Choice("q", EVERYTHING)
    assert at(100.0, 2_000_000) == Choice("f", EVERYTHING)
    # The climb does not last: the next one waits twice as long.
    assert at(105.0, 250_000) == Choice("q", EVERYTHING)
    assert at(124.9, 2_000_000) == Choice("q", EVERYTHING)
    assert at(125.0, 2_000_000) == Choice("f", EVERYTHING)


def test_a_tile_that_is_opened_or_shows_somebody_else_is_not_held_back() -> None:
    allocator = Allocator()

    def show(now: float, wish: Demand) -> Choice:
        return allocator.decide(now=now, downlink=2_000_000, audio=AUDIO, demands={"v0": wish}).choices["v0"]

    assert show(0.0, demand()) == Choice("f", EVERYTHING)
    assert show(1.0, demand(height=0)) == NOTHING
    assert show(1.1, demand(height=360)) == Choice("h", EVERYTHING)
    assert show(1.2, demand(source="q", height=180)) == Choice("q", EVERYTHING)
    assert show(1.3, demand(source="r", height=180)) == Choice("q", EVERYTHING)
