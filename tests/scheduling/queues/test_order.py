"""Who is next: emergencies first, the ratio kept, windows respected, nobody starved."""

import math
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from scheduling.calendars.slots import Interval
from scheduling.queues.order import Choice, Policy, Turn, Waiter, Why, choose_among, foresee, next_call

START = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)  # 07:00 in Việt Nam
MINUTE = timedelta(minutes=1)
POLICY = Policy(priority=1, ordinary=2)


def waiter(
    number: int,
    series: str = "A",
    *,
    came: int = 0,
    window: tuple[int, int] | None = None,
    back_at: int | None = None,
    here: bool = True,
    room: UUID | None = None,
) -> Waiter:
    """`came` and `window` in minutes from the start."""
    return Waiter(
        id=UUID(int=number),
        series=series,
        taken_at=START + came * MINUTE,
        window=Interval(START + window[0] * MINUTE, START + window[1] * MINUTE) if window else None,
        back_at=back_at,
        here=here,
        room=room,
    )


def called(
    waiters: list[Waiter], *, policy: Policy = POLICY, turn: Turn | None = None, minute: int = 0
) -> list[tuple[int, str]]:
    """Call everybody at one moment; return numbers and reasons."""
    left, turn, calls = list(waiters), turn or Turn(), []
    while (choice := next_call(left, turn=turn, policy=policy, now=START + minute * MINUTE)) is not None:
        left.remove(choice.waiter)
        turn = turn.after(choice)
        calls.append((choice.waiter.id.int, choice.why.value))
    return calls


def test_one_priority_then_two_ordinary_while_both_wait() -> None:
    crowd = [waiter(n, came=n) for n in range(1, 6)] + [waiter(n, "U", came=n) for n in range(11, 14)]
    assert called(crowd, minute=20) == [
        (11, "priority"),
        (1, "walk_in"),
        (2, "walk_in"),
        (12, "priority"),
        (3, "walk_in"),
        (4, "walk_in"),
        (13, "priority"),
        (5, "walk_in"),
    ]


def test_an_emergency_never_waits_and_costs_nobody_their_turn() -> None:
    turn = Turn(calls=5, run_series="U", run_length=1)
    crowd = [waiter(1), waiter(2, "U"), waiter(3, "C", came=9)]
    assert called(crowd, turn=turn, minute=10) == [(3, "emergency"), (1, "walk_in"), (2, "priority")]


def test_a_series_nobody_stands_in_gives_its_turn_away_and_gets_it_back_at_once() -> None:
    turn = Turn(run_series="A", run_length=9)
    assert called([waiter(1), waiter(2, "U", came=3)], turn=turn, minute=5) == [
        (2, "priority"),
        (1, "walk_in"),
    ]


def test_online_and_walk_in_alternate_once_the_window_has_begun() -> None:
    crowd = [waiter(n, came=n) for n in (1, 2, 3)] + [
        waiter(n, came=n - 10, window=(30, 60)) for n in (11, 12, 13)
    ]
    assert called(crowd, minute=30) == [
        (11, "online"),
        (1, "walk_in"),
        (12, "online"),
        (2, "walk_in"),
        (13, "online"),
        (3, "walk_in"),
    ]


def test_coming_early_gains_nothing_and_costs_nothing() -> None:
    crowd = [waiter(1, came=0, window=(30, 60)), waiter(2, came=9), waiter(3, came=25, window=(20, 60))]
    assert called(crowd, minute=29) == [(3, "online"), (2, "walk_in"), (1, "early")]


def test_who_comes_after_the_window_stands_among_the_walk_ins_from_then_on() -> None:
    crowd = [waiter(1, came=60, window=(30, 60)), waiter(2, came=50), waiter(3, came=70)]
    assert called(crowd, minute=80) == [(2, "walk_in"), (1, "walk_in"), (3, "walk_in")]


def test_who_was_away_comes_back_after_so_many_calls_and_never_two_in_a_row() -> None:
    crowd = [waiter(n, came=n) for n in range(1, 6)]
    crowd += [waiter(21, back_at=2, here=False), waiter(22, back_at=2, here=False)]
    assert called(crowd, minute=9) == [
        (1, "walk_in"),
        (2, "walk_in"),
        (21, "back"),
        (3, "walk_in"),
        (22, "back"),
        (4, "walk_in"),
        (5, "walk_in"),
    ]


def test_when_nobody_else_waits_who_is_back_goes_at_once_and_who_is_away_is_not_called() -> None:
    assert called([waiter(1, back_at=9), waiter(2, back_at=8, here=False)]) == [(1, "back")]


def test_who_is_kept_for_a_room_is_left_to_it() -> None:
    here, there = UUID(int=101), UUID(int=102)
    crowd = [waiter(1, room=there), waiter(2, came=1), waiter(3, came=2, room=here)]

    def next_in(room: UUID) -> int:
        choice = next_call(crowd, turn=Turn(), policy=POLICY, now=START + 5 * MINUTE, room=room)
        assert choice is not None
        return choice.waiter.id.int

    assert (next_in(here), next_in(there), next_in(UUID(int=103))) == (2, 1, 2)


def test_a_room_of_two_services_calls_an_emergency_then_who_is_due_longest() -> None:
    old, new = Choice(waiter(1, came=0), Why.WALK_IN), Choice(waiter(2, came=5), Why.PRIORITY)
    early = Choice(waiter(3, came=-9), Why.EARLY)
    emergency = Choice(waiter(4, "C", came=9), Why.EMERGENCY)
    assert choose_among([new, early, old]) == old
    assert choose_among([old, emergency]) == emergency
    assert choose_among([early]) == early
    assert choose_among([]) is None


## Properties: a day of arrivals, one call a minute ---

windows = st.none() | st.tuples(st.integers(0, 40), st.integers(1, 30)).map(lambda w: (w[0], w[0] + w[1]))
arrivals = st.lists(
    st.tuples(st.sampled_from("AAAUC"), st.integers(0, 50), windows, st.none() | st.integers(0, 40)),
    max_size=40,
)
policies = st.builds(Policy, priority=st.integers(1, 3), ordinary=st.integers(1, 4))


def crowd_of(drawn: list[tuple[str, int, tuple[int, int] | None, int | None]]) -> list[Waiter]:
    return [
        waiter(n, series, came=came, window=window, back_at=back_at)
        for n, (series, came, window, back_at) in enumerate(drawn, start=1)
    ]


def a_day(crowd: list[Waiter], policy: Policy) -> list[tuple[datetime, list[Waiter], Choice]]:
    """Call once a minute; return each call with who stood there."""
    left, turn, day = list(crowd), Turn(), []
    for minute in range(200):
        now = START + minute * MINUTE
        there = [w for w in left if w.taken_at <= now]
        choice = next_call(there, turn=turn, policy=policy, now=now)
        if choice is not None:
            day.append((now, there, choice))
            left.remove(choice.waiter)
            turn = turn.after(choice)
    assert left == []
    return day


@given(arrivals, policies)
def test_everybody_is_called_once_and_emergencies_first(
    drawn: list[tuple[str, int, tuple[int, int] | None, int | None]], policy: Policy
) -> None:
    crowd = crowd_of(drawn)
    day = a_day(crowd, policy)
    assert sorted(choice.waiter.id for _now, _there, choice in day) == sorted(w.id for w in crowd)
    for _now, there, choice in day:
        if any(w.series == "C" and w.back_at is None for w in there):
            assert choice.why == Why.EMERGENCY


@given(arrivals, policies)
def test_nobody_is_called_before_their_window_while_somebody_due_waits(
    drawn: list[tuple[str, int, tuple[int, int] | None, int | None]], policy: Policy
) -> None:
    for now, there, choice in a_day(crowd_of(drawn), policy):
        if choice.why == Why.EARLY:
            assert not any(w.due_at <= now and w.back_at is None for w in there)
        elif choice.why in {Why.PRIORITY, Why.ONLINE, Why.WALK_IN}:
            assert choice.waiter.due_at <= now


@given(arrivals, policies)
def test_within_a_lane_nobody_overtakes(
    drawn: list[tuple[str, int, tuple[int, int] | None, int | None]], policy: Policy
) -> None:
    for now, there, choice in a_day(crowd_of(drawn), policy):
        if choice.why in {Why.PRIORITY, Why.ONLINE, Why.WALK_IN}:
            mine = choice.waiter
            lane = [
                w
                for w in there
                if w.back_at is None
                and w.series == mine.series
                and w.due_at <= now
                and (w.series == "U" or w.in_window == mine.in_window)
            ]
            assert mine.due_at == min(w.due_at for w in lane)


@given(arrivals, policies)
def test_the_ratio_is_kept_while_both_wait(
    drawn: list[tuple[str, int, tuple[int, int] | None, int | None]], policy: Policy
) -> None:
    run: list[str] = []
    for now, there, choice in a_day(crowd_of(drawn), policy):
        due = {w.series for w in there if w.back_at is None and w.due_at <= now}
        if choice.why in {Why.BACK, Why.EMERGENCY}:
            continue
        if not {"A", "U"} <= due:
            run = []
            continue
        run.append(choice.waiter.series)
        newest = run[-1]
        length = len(run) - max((n + 1 for n, s in enumerate(run) if s != newest), default=0)
        assert length <= (policy.priority if newest == "U" else policy.ordinary)


@given(
    st.lists(st.sampled_from(["U", "online", "back", "A", ""]), min_size=120, max_size=120),
    st.integers(0, 6),
    policies,
)
def test_nobody_starves_whoever_else_comes(comers: list[str], ahead: int, policy: Policy) -> None:
    """Somebody with `ahead` walk-ins before them is called within a bound, though before every call somebody comes."""
    me = waiter(999, came=ahead)
    left = [waiter(n, came=n) for n in range(ahead)] + [me]
    turn = Turn()
    ordinary = 2 * (ahead + 1)  # every second ordinary call is a walk-in's
    others = policy.priority * (math.ceil(ordinary / policy.ordinary) + 1)
    bound = 2 * (ordinary + others) + 1  # never two in a row who are back
    for number, comer in enumerate(comers):
        minute = ahead + 1 + number
        if comer == "online":
            left.append(waiter(1000 + number, came=minute, window=(0, 1000)))
        elif comer == "back":
            left.append(waiter(1000 + number, came=0, back_at=0))
        elif comer:
            left.append(waiter(1000 + number, comer, came=minute))
        choice = next_call(left, turn=turn, policy=policy, now=START + minute * MINUTE)
        assert choice is not None
        if choice.waiter == me:
            assert number < bound
            return
        left.remove(choice.waiter)
        turn = turn.after(choice)
    assert len(comers) < bound


@given(arrivals, policies, st.integers(0, 60))
def test_what_is_foreseen_is_what_happens_when_nobody_else_comes(
    drawn: list[tuple[str, int, tuple[int, int] | None, int | None]], policy: Policy, minute: int
) -> None:
    crowd = [w for w in crowd_of(drawn) if w.taken_at <= START + minute * MINUTE]
    now = START + minute * MINUTE
    foreseen = list(foresee(crowd, turn=Turn(), policy=policy, now=now, every=MINUTE))
    left, turn = list(crowd), Turn()
    for choice in foreseen:
        assert next_call(left, turn=turn, policy=policy, now=now) == choice
        left.remove(choice.waiter)
        turn = turn.after(choice)
        now += MINUTE
    assert left == []
