"""Nothing of a connection is left in the node after it is over."""

from tests.bench.soak import measure


async def test_a_hundred_people_come_and_go_and_leave_nothing_behind() -> None:
    result = await measure(100, warm_up=60)
    assert result["failed_joins"] == []
    assert result["passed"] == dict.fromkeys(result["passed"], True), result
