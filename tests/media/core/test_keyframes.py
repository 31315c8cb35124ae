"""Merging and repeating key frame requests."""

from media.core.keyframes import ALLOWED, ALLOWED_SECONDS, MAX_ASKS, KeyframeAllowance, KeyframeRequests


def test_requests_within_the_interval_are_one() -> None:
    requests = KeyframeRequests()
    assert [requests.request(0.01 * i) for i in range(9)] == [True] + [False] * 8
    assert requests.sent == 1


def test_it_is_asked_again_until_the_key_frame_comes() -> None:
    requests = KeyframeRequests()
    requests.request(0.0)
    assert [requests.due(t) for t in (0.2, 0.4, 0.6, 0.8, 1.2)] == [False, False, True, False, True]
    requests.arrived(1.3)
    assert requests.due(5.0) is False
    assert requests.waiting is False


def test_a_request_right_after_a_key_frame_is_kept_for_later() -> None:
    requests = KeyframeRequests()
    requests.request(0.0)
    requests.arrived(0.05)
    assert requests.request(0.1) is False
    assert [requests.due(t) for t in (0.5, 0.55, 0.6, 1.05)] == [False, True, False, True]


def test_no_third_key_frame_is_asked_for_in_two_seconds_whatever_the_two_were_for() -> None:
    requests = KeyframeRequests()
    requests.arrived(0.0)
    requests.arrived(0.02)  # of the same picture
    requests.arrived(0.6)
    assert requests.request(0.7) is False
    assert [requests.due(t) for t in (1.2, 1.9, 2.0)] == [False, False, True]


def test_a_stream_that_begins_is_asked_for_a_key_frame_only_when_it_did_not_begin_with_one() -> None:
    requests = KeyframeRequests()
    requests.begin(10.0)
    assert requests.request(10.0) is False
    assert [requests.due(t) for t in (10.2, 10.25)] == [False, True]


def test_nine_who_come_in_within_two_seconds_cost_three_key_frames() -> None:
    requests = KeyframeRequests()
    asked = 0
    for tick in range(300):
        now = tick / 100
        due = requests.request(now) if tick % 22 == 0 and tick < 200 else requests.due(now)
        if due:
            asked += 1
            requests.arrived(now + 0.03)
    assert asked == 3


def test_a_camera_that_never_answers_is_left_alone_until_somebody_asks_anew() -> None:
    requests = KeyframeRequests()
    requests.request(0.0)
    assert sum(requests.due(t * 0.5) for t in range(1, 100)) == MAX_ASKS - 1
    assert requests.request(60.0) is True


def test_a_viewer_who_asks_a_hundred_times_a_second_causes_four_key_frames_and_then_one_in_three_seconds() -> (
    None
):
    allowance = KeyframeAllowance()
    caused = [at for at in range(1280, 2816) if allowance.take(at / 128)]
    assert caused == [1280, 1281, 1282, 1283, 1664, 2048, 2432]


def test_who_was_quiet_for_long_has_no_more_than_the_usual_allowance() -> None:
    allowance = KeyframeAllowance()
    assert [allowance.take(1e6) for _ in range(ALLOWED + 1)] == [True] * ALLOWED + [False]
    assert allowance.take(1e6 + ALLOWED_SECONDS) is True
