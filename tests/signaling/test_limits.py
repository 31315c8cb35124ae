from hypothesis import given
from hypothesis import strategies as st

from signaling.limits import TokenBucket


def test_burst_is_allowed_and_then_refilled_over_time() -> None:
    bucket = TokenBucket(3, seconds=3, now=100.0)
    assert [bucket.take(100.0) for _ in range(4)] == [True, True, True, False]
    assert bucket.wait() == 1.0
    assert [bucket.take(101.0), bucket.take(101.0)] == [True, False]


def test_clock_that_goes_back_gives_nothing() -> None:
    bucket = TokenBucket(1, seconds=1, now=100.0)
    assert bucket.take(100.0)
    assert not bucket.take(50.0)
    assert not bucket.take(100.5)
    assert bucket.take(101.1)


@given(st.lists(st.floats(0, 100), max_size=200), st.integers(1, 20), st.floats(0.1, 60))
def test_no_window_gets_more_than_its_burst_and_refill(
    moments: list[float], burst: int, seconds: float
) -> None:
    bucket = TokenBucket(burst, seconds=seconds, now=0.0)
    taken = [moment for moment in sorted(moments) if bucket.take(moment)]
    for first, start in enumerate(taken):
        for last in range(first, len(taken)):
            assert last - first + 1 <= burst + (taken[last] - start) * burst / seconds + 1e-6
