from signaling.outbox import Outbox


def test_messages_come_out_in_order() -> None:
    outbox = Outbox()
    assert outbox.put("a")
    assert outbox.put("b")
    assert [outbox.take(), outbox.take(), outbox.take()] == ["a", "b", None]


def test_newest_of_a_kind_replaces_the_older_ones() -> None:
    outbox = Outbox()
    for number in range(1000):
        assert outbox.put(f"quality {number}", coalesce="quality:x")
    assert len(outbox) == 1
    assert outbox.take() == "quality 999"


def test_message_that_does_not_fit_is_refused() -> None:
    outbox = Outbox(max_bytes=10, max_messages=3)
    assert outbox.put("12345")
    assert not outbox.put("123456")
    assert outbox.put("1234")
    assert outbox.put("1")
    assert not outbox.put("")
    assert [outbox.take(), outbox.take(), outbox.take(), outbox.take()] == ["12345", "1234", "1", None]


def test_first_message_may_be_of_any_size() -> None:
    outbox = Outbox(max_bytes=10)
    assert outbox.put("snapshot of a long call")
    assert not outbox.put("1")
