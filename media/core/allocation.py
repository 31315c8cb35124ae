"""What each of a viewer's pictures may cost: simulcast layers and temporal layers for one downlink. Pure.

Sound is paid first, always. What is left is filled like connected vessels: every picture climbs its own stairs of layers,
and the next step is always that of the picture which gets least *for its weight*. Filling stops at the first step that does not
fit; it is not skipped for a cheaper one. So more bits never take a layer away from anybody, and the result does not depend
on what was before. That comes after: `Allocator` keeps pictures from going to and fro.

Exam pictures (ultrasound, screen, second camera) get their lowest step before anybody else gets one, and climb with
sharpness before frame rate; people climb with frame rate first, for half a face at 30 pictures a second is better than a
sharp one at 7.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import IntEnum
from typing import NamedTuple

from media.core.temporal import EVERYTHING

STAY = 0.95  # share of the estimate that may be used by what flows already
CLIMB = 0.80  # and that must suffice before more is sent
FIRST_HOLD = 10.0  # seconds before a picture that was lowered may climb again
LONGEST_HOLD = 60.0
PROVEN_SECONDS = 60.0  # a climb that lasted this long was right; the hold starts over


class Priority(IntEnum):
    """How much a picture matters to this viewer; smaller is more."""

    EXAM = 0
    FOCUS = 1
    OTHER = 2


WEIGHT = {Priority.EXAM: 8.0, Priority.FOCUS: 3.0, Priority.OTHER: 1.0}


class Layer(NamedTuple):
    """One simulcast layer as it arrives."""

    rid: str
    height: int
    rates: tuple[float, ...]
    """Measured bit/s up to and with temporal layer 0, 1, 2. One number when there are none; empty when nothing flows."""


class Demand(NamedTuple):
    """One slot: what there is and how much of it the viewer can use."""

    source: str
    """Whose picture it is; a change starts the slot afresh."""
    priority: Priority
    max_height: int
    """Height of the tile in device pixels; 0 when it is not shown."""
    layers: tuple[Layer, ...]
    """Lowest first. Keep a layer that does not flow in its place, with empty rates."""


class Choice(NamedTuple):
    """What to forward: `rid` None for no picture; temporal layers up to `temporal` (`EVERYTHING` for all there are)."""

    rid: str | None
    temporal: int


NOTHING = Choice(None, 0)


class Step(NamedTuple):
    """One step of a picture's stairs. `rank` orders the steps of one picture for as long as its layers keep their places."""

    rank: int
    cost: float
    choice: Choice


GROUND = Step(0, 0.0, NOTHING)


class Filling(NamedTuple):
    """A filling of one budget."""

    steps: dict[str, Step]
    aside: frozenset[str]
    """Exam pictures whose lowest step alone does not fit; they hold nobody up."""
    next_total: float | None
    """Bit/s for pictures at which the next step would fit; None when all have all they can use."""


class Allocation(NamedTuple):
    """A decision for one viewer."""

    choices: dict[str, Choice]
    spent: float
    """Bit/s of pictures as measured; without sound."""
    next_downlink: float | None
    """The estimate at which more could be sent: what probing should aim at. None when nothing is missing."""


def stairs(demand: Demand) -> list[Step]:
    """Return a picture's steps, each dearer and better than the one before; empty when nothing is shown or flows."""
    if demand.max_height <= 0:
        return []
    flowing = [(place, layer) for place, layer in enumerate(demand.layers) if any(r > 0 for r in layer.rates)]
    useful: list[tuple[int, Layer]] = []
    for place, layer in flowing:
        useful.append((place, layer))
        if layer.height >= demand.max_height:  # the browser would only scale a larger one down
            break
    found: list[Step] = []
    for number, (place, layer) in enumerate(useful):
        top = len(layer.rates) - 1
        # A face gets its frame rate before more than half its size.
        smooth = 0 if demand.priority is Priority.EXAM else min(number, 1) if number < 2 else top
        for temporal, rate in enumerate(layer.rates):
            if rate > 0 and temporal >= min(smooth, top):
                reach = EVERYTHING if temporal == top else temporal
                found.append(Step(place * 4 + reach + 1, rate, Choice(layer.rid, reach)))
    # A step that costs as much as a better one is no step.
    kept: list[Step] = []
    for step in reversed(found):
        if not kept or step.cost < kept[-1].cost:
            kept.append(step)
    kept.reverse()
    return kept


class _Turn(NamedTuple):
    """A step in the order of filling."""

    later: bool
    weighted: float
    place: int
    slot: str
    step: Step


def fill(demands: Mapping[str, Demand], budget: float) -> Filling:
    """Spend up to `budget` bit/s on pictures."""
    return _pour(_order(demands), budget, demands)


def _order(demands: Mapping[str, Demand]) -> list[_Turn]:
    order: list[_Turn] = []
    for index, (slot, demand) in enumerate(demands.items()):
        weight = WEIGHT[demand.priority]
        for number, step in enumerate(stairs(demand)):
            first = number == 0 and demand.priority is Priority.EXAM
            order.append(_Turn(not first, step.cost / weight, index, slot, step))
    # Of one picture the steps are in order by their cost; of two equal ones the slot's place decides.
    order.sort(key=lambda turn: turn[:3])
    return order


def _pour(order: list[_Turn], budget: float, slots: Iterable[str], without: Collection[str] = ()) -> Filling:
    steps = dict.fromkeys(slots, GROUND)
    aside: set[str] = set()
    total = 0.0
    next_total: float | None = None
    for later, _, _, slot, step in order:
        if slot in aside or slot in without:
            continue
        wanted = total - steps[slot].cost + step.cost
        if wanted > budget:
            next_total = wanted if next_total is None else min(wanted, next_total)
            if later:
                break
            aside.add(slot)
            continue
        total = wanted
        steps[slot] = step
    return Filling(steps, frozenset(aside), next_total)


class _State:
    """What is remembered of one slot."""

    __slots__ = ("climbed", "climbed_at", "free_at", "hold", "rank", "wish")

    def __init__(self, wish: Demand) -> None:
        self.wish = wish
        self.rank = 0
        self.free_at = float("-inf")
        self.hold = FIRST_HOLD / 2
        self.climbed = False
        self.climbed_at = float("-inf")

    def follow(self, demand: Demand) -> None:
        """Take in a new wish: what the viewer asks for is not held back."""
        before = self.wish
        self.wish = demand
        if demand.source != before.source:
            self.rank = 0
        elif (demand.priority, demand.max_height) == (before.priority, before.max_height):
            return
        self.free_at = float("-inf")
        self.hold = FIRST_HOLD / 2
        self.climbed = False

    def move(self, rank: int, now: float) -> None:
        if rank > self.rank:
            self.climbed = True
            self.climbed_at = now
        elif rank < self.rank:
            if self.climbed:
                proven = now - self.climbed_at > PROVEN_SECONDS
                self.hold = FIRST_HOLD if proven else min(2 * self.hold, LONGEST_HOLD)
                self.climbed = False
            self.free_at = now + max(self.hold, FIRST_HOLD)
        self.rank = rank


class Allocator:
    """The decisions for one viewer over time.

    Down at once; up only when the step fits with a margin and the slot's hold is over. The hold doubles with each climb that
    does not last, from 10 to 60 s: no slot climbs after a fall more than twice in any minute.
    """

    __slots__ = ("_states",)

    def __init__(self) -> None:
        self._states: dict[str, _State] = {}

    def decide(
        self, *, now: float, downlink: float, audio: float, demands: Mapping[str, Demand]
    ) -> Allocation:
        """Return what every slot gets.

        `downlink`: the estimate in bit/s; `audio`: what all sound streams cost, with headers and copies; both as they are on
        the wire, as `Layer.rates` should be. Smooth the rates over a second or two. Slots missing from `demands` are forgotten.
        """
        order = _order(demands)
        lean = _pour(order, downlink * CLIMB - audio, demands)
        states = self._follow(demands)
        # An exam picture that is not there yet must not push the others down before it can really come.
        absent = {slot for slot in lean.aside if states[slot].rank == 0}
        full = _pour(order, downlink * STAY - audio, demands, without=absent)
        offered: dict[str, dict[int, Step]] = {slot: {0: GROUND} for slot in demands}
        for turn in order:
            offered[turn.slot][turn.step.rank] = turn.step
        choices: dict[str, Choice] = {}
        spent = 0.0
        for slot, by_rank in offered.items():
            state = states[slot]
            most = full.steps[slot].rank
            goal = min(lean.steps[slot].rank, most)
            current = max(rank for rank in by_rank if rank <= state.rank)
            state.rank = current  # what no longer comes is the publisher's doing: when it comes again, nothing holds it back
            if current > most:
                current = most
            elif current < goal and now >= state.free_at:
                current = goal
            state.move(current, now)
            step = by_rank[current]
            choices[slot] = step.choice
            spent += step.cost
        needed = None if lean.next_total is None else (lean.next_total + audio) / CLIMB
        return Allocation(choices, spent, needed)

    def _follow(self, demands: Mapping[str, Demand]) -> dict[str, _State]:
        states: dict[str, _State] = {}
        for slot, demand in demands.items():
            state = self._states.get(slot)
            if state is None:
                state = _State(demand)
            else:
                state.follow(demand)
            states[slot] = state
        self._states = states
        return states
