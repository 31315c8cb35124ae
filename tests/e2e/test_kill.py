"""What is promised when a part dies in the middle of a call."""

import json
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.support.browser import Person
from tests.support.media import expect_media, stats
from tests.support.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.kill, pytest.mark.timeout(240)]


@dataclass
class Call:
    """A live call between a district doctor and a specialist."""

    platform: Platform
    doctor: Person
    specialist: Person

    @property
    def people(self) -> tuple[Person, Person]:
        return self.doctor, self.specialist


@pytest.fixture
def call(platform: Platform, visitor: Callable[..., Person]) -> Iterator[Call]:
    """People whose consoles may complain: parts of the platform die on purpose."""
    doctor, specialist = visitor("bs.kyson"), visitor("bs.timmach")
    steps.meet(doctor, specialist, f"Lầu Bá {time.monotonic_ns() % 100_000}")
    steps.open_chat(doctor)
    steps.open_chat(specialist)
    yield Call(platform, doctor, specialist)
    steps.leave_for_all(doctor)


def chat_of(page: Page) -> list[str]:
    """Return what the page's room knows was said."""
    chat: list[dict[str, str]] = page.evaluate("window.roomDebug.state().room.chat")
    return [line["text"] for line in chat]


def expect_line(page: Page, state: str) -> None:
    expect(page.locator("body")).to_be_visible()
    deadline = time.monotonic() + 30
    while page.evaluate("window.roomDebug.state().line") != state:
        assert time.monotonic() < deadline, f"the line never became {state}"
        page.wait_for_timeout(50)


def say_all(call: Call, words: list[str]) -> None:
    for text in words:
        steps.say(call.doctor, text)


def expect_said(call: Call, words: list[str]) -> None:
    """Everybody sees every word once, in order, and so does the log."""
    for someone in call.people:
        expect(someone.page.locator(".line .prose-plain")).to_have_text(words)
        expect(someone.page.get_by_text("Đang gửi…")).to_have_count(0)
        assert chat_of(someone.page) == words
    session = re.search(r"/rooms/([0-9a-f-]+)/", call.doctor.page.url)
    assert session
    code = (
        "from telehealth.consultations.models import RoomEvent as R; import json; "
        f"rows = list(R.objects.filter(session_id='{session[1]}').order_by('seq').values_list('seq', 'body')); "
        "print(json.dumps([[s for s, b in rows], [b['text'] for s, b in rows if b['kind'] == 'chat_posted']]))"
    )
    sequence, said = json.loads(call.platform.manage("shell", "--no-imports", "-c", code))
    assert sequence == list(range(1, len(sequence) + 1))
    assert said == words


def test_k1_web_dies_and_sound_goes_on_and_nothing_said_is_lost_or_doubled(call: Call) -> None:
    words = [f"Lời {number}" for number in range(8)]
    say_all(call, words[:3])
    before = [stats(someone.page)["packets"] for someone in call.people]
    dead = call.platform.kill("web", signal.SIGKILL)
    say_all(call, words[3:])  # into the dark
    for someone, packets in zip(call.people, before, strict=True):
        expect_media(someone.page, videos=1, audios=1, seconds=10)
        assert stats(someone.page)["packets"] > packets
    call.platform.await_restart("web", after=dead)
    for someone in call.people:
        expect_line(someone.page, "open")
        expect_media(someone.page, videos=1, audios=1)
    expect_said(call, words)


def test_k5_media_dies_and_everybody_has_sound_again(call: Call) -> None:
    dead = call.platform.kill("media", signal.SIGKILL)
    started = time.monotonic()
    call.platform.await_restart("media", after=dead)
    for someone in call.people:
        expect_media(someone.page, videos=1, audios=1, seconds=20)
    gap = time.monotonic() - started
    print(json.dumps({"media_killed_to_sound_and_picture_again_s": round(gap, 2)}))
    assert gap < 12  # the longest ever allowed; `bench kill` measures the percentile
    expect_said(call, [])


def test_k3_valkey_dies_and_the_room_goes_on(call: Call) -> None:
    words = [f"Lời {number}" for number in range(4)]
    say_all(call, words[:1])
    dead = call.platform.kill("valkey", signal.SIGKILL)
    say_all(call, words[1:3])
    for someone in call.people:
        expect_media(someone.page, videos=1, audios=1, seconds=10)
    call.platform.await_restart("valkey", after=dead)
    say_all(call, words[3:])
    expect_said(call, words)


def test_k4_postgresql_is_away_and_commands_are_kept_and_media_flows(call: Call) -> None:
    words = [f"Lời {number}" for number in range(4)]
    say_all(call, words[:1])
    dead = call.platform.kill("postgres", signal.SIGKILL)
    say_all(call, words[1:3])
    for someone in call.people:
        expect_media(someone.page, videos=1, audios=1, seconds=10)
    call.platform.await_restart("postgres", after=dead)
    call.platform.await_serving("/readyz")
    say_all(call, words[3:])
    expect_said(call, words)


def test_web_is_told_to_stop_and_says_goodbye(call: Call) -> None:
    words = ["Trước", "Sau"]
    say_all(call, words[:1])
    expect_said(call, words[:1])
    dead = call.platform.kill("web", signal.SIGTERM)
    call.platform.await_restart("web", after=dead)
    for someone in call.people:
        expect_line(someone.page, "open")
        expect_media(someone.page, videos=1, audios=1)
    say_all(call, words[1:])
    expect_said(call, words)
