"""The bars M1 to M8: real Chromium at both ends of a bad line."""

from __future__ import annotations

import asyncio
import time

from tests.bench.measure import percentile
from tests.bench.net.run import (
    SMALL,
    Run,
    in_call,
    lost_connections,
    rebuilds,
    stretch,
)
from tests.net import figures
from tests.net.conditions import PROFILES, Line, Way, far, lossy
from tests.net.rig import Rig

SETTLE = 4.0
"""Seconds after a change of the line before figures are taken."""
CLEAR_LINE = PROFILES["P0"]


async def m1_setup(run: Run) -> None:
    """From joining to the first picture: p95 ≤ 1.5 s (P0), 3 s (P1), 6 s (P5); sound is earlier."""
    joins = int(run.length("joins", full=10, short=3))
    async with run.rig() as rig:
        limits = {"P0": 1.5, "P1": 3.0, "P5": 6.0}
        run.verify(rig.network, 1, {name: PROFILES[name] for name in limits})
        anna, binh = await run.call(rig, "anna", "binh")
        for name, limit in limits.items():
            run.use(rig, 1, PROFILES[name], name)
            pictures, sounds = [], []
            for _ in range(joins):
                await binh.leave()
                await binh.page.wait_for_timeout(1500)
                await binh.join()
                await binh.page.wait_for_function(
                    "roomDebug.picture !== null && roomDebug.sound !== null", timeout=30_000
                )
                pictures.append(await binh.page.evaluate("roomDebug.picture") / 1000)
                sounds.append(await binh.page.evaluate("roomDebug.sound") / 1000)
            run.at_most(f"{name} picture_p95_s", percentile(pictures, 0.95), limit)
            run.told(f"{name} sound_p95_s", percentile(sounds, 0.95))
            run.told(f"{name} joins_sound_first", sum(s <= p for s, p in zip(sounds, pictures, strict=True)))
        await anna.leave()


async def m2_sound(run: Run) -> None:
    """Sound made up by the receiver: ≤ 2 % at 10 and 15 % loss, ≤ 5 % at 30 %, ≤ 6 % in bursts. The call never ends."""
    cases = (
        ("P2", PROFILES["P2"], 0.02, run.length("P2", full=600, short=20)),
        ("P3", PROFILES["P3"], 0.06, run.length("P3", full=120, short=20)),
        ("15 % lost", lossy(0.15), 0.02, run.length("15 %", full=120, short=20)),
        ("30 % lost", lossy(0.30), 0.05, run.length("30 %", full=120, short=20)),
    )
    async with run.rig() as rig:
        run.verify(rig.network, 1, {name: line for name, line, _, _ in cases})
        anna, binh = await run.call(rig, "anna", "binh")
        began = time.time()
        for name, line, limit, seconds in cases:
            run.use(rig, 1, line, name)
            await asyncio.sleep(SETTLE)
            sender, receiver = await stretch(seconds, anna, binh)
            run.at_most(f"{name} concealed_down", figures.concealment(receiver), limit)
            run.at_most(f"{name} concealed_up", figures.concealment(sender), limit)
            run.told(f"{name} playout_delay_s", figures.playout_delay(receiver))
        run.at_most("disconnects", len(lost_connections(rig, began)) + await rebuilds(anna, binh), 0)
        await run.keep("loss", binh, anna)


async def m3_picture(run: Run) -> None:
    """Picture frozen: ≤ 3 % of the time on P1, ≤ 8 % on P2, at most 6 freezes a minute."""
    seconds = run.length("each", full=120, short=30)
    async with run.rig() as rig:
        limits = {"P1": 0.03, "P2": 0.08}
        run.verify(rig.network, 1, {name: PROFILES[name] for name in limits})
        anna, binh = await run.call(rig, "anna", "binh")
        for name, limit in limits.items():
            run.use(rig, 1, PROFILES[name], name)
            await asyncio.sleep(2 * SETTLE)
            for person, seen in zip((anna, binh), await stretch(seconds, anna, binh), strict=True):
                way = "down" if person is binh else "up"
                share, each_minute = figures.frozen(seen)
                run.at_most(f"{name} frozen_{way}", share, limit)
                run.at_most(f"{name} freezes_a_minute_{way}", each_minute, 6)
                run.at_least(f"{name} frames_a_second_{way}", figures.frame_rate(seen), 5)
                run.told(f"{name} width_{way}", figures.width(seen[-1]))
        await run.keep("picture", binh, anna)


async def m4_thin(run: Run) -> None:
    """128 kbit/s both ways: sound ≤ 3 % made up, queue ≤ 300 ms after 10 s, picture ≤ 80 kbit/s, no disconnect."""
    seconds = run.length("P4", full=600, short=30)
    async with run.rig() as rig:
        run.verify(rig.network, 1, {"P4": PROFILES["P4"]})
        anna, binh = await run.call(rig, "anna", "binh")
        await asyncio.sleep(SETTLE)
        began = run.use(rig, 1, PROFILES["P4"], "P4")
        await asyncio.sleep(10)
        queues: list[tuple[float, float]] = []
        watching = asyncio.create_task(_watch(rig, 1, queues))
        sender, receiver = await stretch(seconds, anna, binh)
        watching.cancel()
        run.at_most("concealed_down", figures.concealment(receiver), 0.03)
        run.at_most("concealed_up", figures.concealment(sender), 0.03)
        for index, way in enumerate(("up", "down")):
            waited = [queue[index] for queue in queues]
            run.at_most(f"queue_{way}_p95_s", percentile(waited, 0.95), 0.3)
        run.at_most("video_down_bit_s", figures.video_rate(receiver), 80_000)
        run.at_most("video_up_bit_s", figures.video_rate(sender), 80_000)
        run.at_most("disconnects", len(lost_connections(rig, began)) + await rebuilds(anna, binh), 0)
        await run.keep("P4", binh, anna)


async def _watch(rig: Rig, client: int, queues: list[tuple[float, float]]) -> None:
    while True:
        queues.append(rig.network.waiting(client))
        await asyncio.sleep(0.1)


async def m5_step(run: Run) -> None:
    """Downlink 2 Mbit/s to 250 kbit/s: layer down ≤ 3 s, sound gap ≤ 0.5 s; back up ≤ 20 s; ≤ 2 changes a minute."""
    wide, narrow = (
        Line(up=Way(delay=0.03), down=Way(delay=0.03, rate=rate, queue=0.5)) for rate in (2_000_000, 250_000)
    )
    before_s, narrow_s, after_s = (
        run.length("before", full=30, short=15),
        run.length("narrow", full=60, short=20),
        run.length("after", full=60, short=25),
    )
    async with run.rig() as rig:
        run.verify(rig.network, 1, {"2 Mbit/s": wide, "250 kbit/s": narrow})
        _, binh = await run.call(rig, "anna", "binh")
        rig.network.set(1, wide)
        (before,) = await stretch(before_s, binh)
        wide_width, wide_rate = figures.width(before[-1]), figures.video_rate(before[-25:])
        step = run.use(rig, 1, narrow, "250 kbit/s")
        fits = await _until_offered(rig, 250_000 * 1.05, seconds=narrow_s)
        await asyncio.sleep(max(0.0, step + narrow_s - time.time()))
        back = run.use(rig, 1, wide, "2 Mbit/s")
        await asyncio.sleep(after_s)
        samples = await binh.samples()
        thin = figures.between(samples, step, back)
        after = figures.between(samples, back, time.time())
        run.at_most("down_s", fits, 3.0)
        run.at_most("sound_gap_s", figures.longest_gap(thin), 0.5)
        run.at_most("concealed_narrow", figures.concealment(thin), 0.03)
        risen = figures.first(after, lambda sample: figures.width(sample) >= wide_width)
        run.at_most("up_again_s", None if risen is None else risen - back, 20.0)
        settled = figures.between(samples, step + 5, back)
        minutes = max(1.0, (back - step - 5) / 60)
        run.at_most("changes_a_minute", figures.changes(map(figures.width, settled)) / minutes, 2)
        run.told("width_wide", wide_width)
        run.told("width_narrow", figures.width(thin[-1]))
        run.told("width_after", figures.width(after[-1]))
        run.told("video_wide_bit_s", wide_rate)
        run.told("video_narrow_bit_s", figures.video_rate(thin[-25:]))
        await run.keep("step", binh)


async def _until_offered(rig: Rig, most: float, *, seconds: float) -> float | None:
    """Return when the downlink of client 1 is asked for at most `most` bit/s over a second, seconds from now."""
    began = time.monotonic()
    await asyncio.sleep(1.0)  # what was offered before the step must be out of the window
    while (elapsed := time.monotonic() - began) < seconds:
        if rig.network.offered(1)[1] <= most:
            return elapsed
        await asyncio.sleep(0.05)
    return None


async def m6_isolation(run: Run) -> None:
    """One viewer on P4: the others keep at least 95 % of the bitrate they had before."""
    seconds = run.length("each", full=60, short=20)
    async with run.rig(clients=3) as rig:
        run.verify(rig.network, 1, {"P4": PROFILES["P4"]})
        anna = await rig.person(0, "anna")
        thin = await rig.person(1, "binh", listen=True)
        others = [await rig.person(2, name, listen=True) for name in ("chi", "dung")]
        for person in (anna, thin, *others):
            await person.join()
        for person in (thin, *others):
            await in_call(person)
        await asyncio.sleep(10)  # until the publisher has grown to its full rate
        before = [figures.video_rate(seen) for seen in await stretch(seconds, *others)]
        run.use(rig, 1, PROFILES["P4"], "P4")
        await asyncio.sleep(SETTLE)
        after = [figures.video_rate(seen) for seen in await stretch(seconds, *others)]
        for person, old, new in zip(others, before, after, strict=True):
            run.at_least(f"{person.name} kept", new / max(old, 1), 0.95)
            run.told(f"{person.name} before_bit_s", old)
        await run.keep("isolation", *others, thin)


async def m7_far(run: Run) -> None:
    """Round trips of 650 ms with 1 % loss, and of 1.5 s: no disconnect in 30 minutes, sound goes on."""
    seconds = run.length("call", full=1800, short=50)
    async with run.rig(clients=3) as rig:
        run.verify(rig.network, 1, {"P5": PROFILES["P5"]})
        run.verify(rig.network, 2, {"1.5 s": far(1.5)})
        people = [
            await rig.person(client, name, size=SMALL) for client, name in enumerate(("anna", "binh", "chi"))
        ]
        run.use(rig, 1, PROFILES["P5"], "P5")
        run.use(rig, 2, far(1.5), "1.5 s")
        for person in people:
            await person.join()
        for person in people:
            await in_call(person)
        began = run.mark("all in")
        await asyncio.sleep(SETTLE)
        seen = dict(zip(("P0", "P5", "1.5 s"), await stretch(seconds, *people), strict=True))
        run.at_most("disconnects", len(ended := lost_connections(rig, began)), 0)
        run.at_most("rebuilds", await rebuilds(*people), 0)
        run.told("ended", "; ".join(ended))
        for name in ("P5", "1.5 s"):
            run.told(f"{name} concealed", figures.concealment(seen[name]))
            run.at_most(f"{name} sound_gap_s", figures.longest_gap(seen[name]), 3.0)
        await run.keep("far", *people)


async def p6_bufferbloat(run: Run) -> None:
    """A queue of 2 s at 256 kbit/s: we do not fill it (p95 ≤ 0.5 s after 10 s), and sound stays whole (≤ 3 %)."""
    seconds = run.length("P6", full=120, short=20)
    async with run.rig() as rig:
        run.verify(rig.network, 1, {"P6": PROFILES["P6"]})
        anna, binh = await run.call(rig, "anna", "binh")
        await asyncio.sleep(SETTLE)
        run.use(rig, 1, PROFILES["P6"], "P6")
        await asyncio.sleep(10)
        queues: list[tuple[float, float]] = []
        watching = asyncio.create_task(_watch(rig, 1, queues))
        sender, receiver = await stretch(seconds, anna, binh)
        watching.cancel()
        for index, way in enumerate(("up", "down")):
            run.at_most(f"queue_{way}_p95_s", percentile([queue[index] for queue in queues], 0.95), 0.5)
        run.at_most("concealed_down", figures.concealment(receiver), 0.03)
        run.at_most("concealed_up", figures.concealment(sender), 0.03)
        await run.keep("P6", binh, anna)


async def p7_flap(run: Run) -> None:
    """The line is dark for 5 s in every 30 s: sound is back ≤ 3 s after the line, every time."""
    rounds = int(run.length("flaps", full=6, short=2))
    dark, every = 5.0, 30.0 if not run.short else 15.0
    async with run.rig() as rig:
        if not run.short:
            run.verify(rig.network, 1, {"P7": PROFILES["P7"]})
        anna, binh = await run.call(rig, "anna", "binh")
        await asyncio.sleep(SETTLE)
        silent: list[float] = []
        for _ in range(rounds):
            run.use(rig, 1, CLEAR_LINE.dark(), "dark")
            await asyncio.sleep(dark)
            light = run.use(rig, 1, CLEAR_LINE, "light")
            await asyncio.sleep(every - dark)
            for person in (anna, binh):
                silent.append(sound_back(await person.samples(), light, light + every - dark))
        run.at_most("sound_back_p95_s", percentile(silent, 0.95), 3.0)
        run.told("sound_back_median_s", percentile(silent, 0.5))
        run.told("rebuilds", await rebuilds(anna, binh))
        await run.keep("P7", binh, anna)


def sound_back(samples: list[figures.Sample], since: float, until: float) -> float:
    """Return the seconds from `since` until sound flows again for a second on end; the whole time when it does not."""
    seen = figures.between(samples, since, until)
    for index, sample in enumerate(seen):
        second = figures.between(seen[index:], sample.at, sample.at + 1.0)
        whole = len(second) > 2 and second[-1].at - second[0].at > 0.7
        if whole and figures.longest_gap(second) == 0 and figures.concealment(second) < 0.2:
            return sample.at - since
    return until - since


BARS = {
    "M1": m1_setup,
    "M2": m2_sound,
    "M3": m3_picture,
    "M4": m4_thin,
    "M5": m5_step,
    "M6": m6_isolation,
    "M7": m7_far,
    "P6": p6_bufferbloat,
    "P7": p7_flap,
}
