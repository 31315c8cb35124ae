"""Make the sound files that boards call numbers with, by the speech program eSpeak NG, which must be installed.

    python -m telehealth make_voice_pack            the Vietnamese pack, into frontend/static/voice/vi
    python -m telehealth make_voice_pack --gong     the gong only

A pack recorded by a person has the same file names (see frontend/static/voice/README.md) and simply takes their place.
"""

import json
import math
import shutil
import subprocess
import tempfile
import wave
from argparse import ArgumentParser
from array import array
from pathlib import Path
from typing import Any

import av
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

RATE = 22_050
BIT_RATE = 40_000
QUIET = 350  # of 32767; less than this at either end of a clip is silence

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
LETTERS = {
    "a": "a", "b": "bê", "c": "xê", "d": "đê", "e": "e", "g": "gờ", "h": "hát", "k": "ca", "l": "lờ", "m": "mờ",
    "n": "nờ", "p": "pê", "q": "quy", "r": "rờ", "s": "sờ", "t": "tê", "u": "u", "v": "vê", "x": "ích", "y": "y dài",
}  # fmt: skip
TEXTS = {
    "invite": "Mời số",
    "to-room": "vào phòng số",
    "to-counter": "vào quầy số",
    "see-board": "xin xem phòng trên bảng",
    "ten": "mười",
    "tens": "mươi",
    "one-after-ten": "mốt",
    "four-after-ten": "tư",
    "five-after-ten": "lăm",
    **{f"digit-{number}": word for number, word in enumerate(DIGITS)},
    **{f"letter-{letter}": word for letter, word in LETTERS.items()},
}
CALL = ["gong", "invite", "@code", "@room"]


class Command(BaseCommand):
    help = "Make the sound files that boards call numbers with."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--gong", action="store_true", help="only the gong")
        parser.add_argument("--folder", type=Path, help="where packs are; each in a folder of its language")

    def handle(self, *_args: Any, **options: Any) -> None:
        folder = (options["folder"] or settings.BASE_DIR / "frontend" / "static" / "voice") / "vi"
        folder.mkdir(parents=True, exist_ok=True)
        _encode(_gong(), folder / "gong.mp3")
        if options["gong"]:
            return
        program = shutil.which("espeak-ng")
        if program is None:
            raise CommandError("espeak-ng is not installed (Debian: apt-get install espeak-ng).")
        for name, text in TEXTS.items():
            _encode(_spoken(program, text), folder / f"{name}.mp3")
        pack = {
            "language": "vi",
            "name": "Tiếng Việt",
            "made_by": "eSpeak NG, python -m telehealth make_voice_pack",
            "numbers": "vi",
            "call": CALL,
            "clips": {name: f"{name}.mp3" for name in ("gong", *TEXTS)},
        }
        text = json.dumps(pack, ensure_ascii=False, indent=1) + "\n"
        (folder / "pack.json").write_text(text, encoding="utf-8")
        self.stdout.write(f"{len(TEXTS) + 1} clips in {folder}")


def _gong() -> "array[int]":
    """Return two strokes of a bell, the second lower: a fundamental and two partials that die away sooner."""
    samples = array("h", bytes(2 * int(RATE * 1.9)))
    for start, pitch in ((0.0, 659.26), (0.55, 523.25)):
        for n in range(int(start * RATE), len(samples)):
            at = n / RATE - start
            tone = sum(
                loudness * math.exp(-at * decay) * math.sin(2 * math.pi * pitch * partial * at)
                for partial, loudness, decay in ((1, 0.55, 3.0), (2.0, 0.2, 5.0), (2.76, 0.12, 8.0))
            )
            samples[n] += int(13_000 * tone * min(1.0, at / 0.004))
    return samples


def _spoken(program: str, text: str) -> "array[int]":
    """Return a text as spoken, without the silence around it."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        arguments = [
            program,
            "-v",
            "vi",
            "-s",
            "135",
            "-p",
            "45",
            "-g",
            "2",
            "-a",
            "160",
            "-w",
            file.name,
            text,
        ]
        subprocess.run(arguments, check=True)  # noqa: S603 -- our own texts
        with wave.open(file.name) as sound:
            if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) != (RATE, 1, 2):
                raise CommandError("espeak-ng made another kind of sound than expected.")
            samples = array("h", sound.readframes(sound.getnframes()))
    loud = [n for n, sample in enumerate(samples) if abs(sample) > QUIET]
    if not loud:
        raise CommandError(f"espeak-ng said nothing for {text!r}.")
    edge = RATE // 50
    return samples[max(0, loud[0] - edge) : loud[-1] + 3 * edge]


def _encode(samples: "array[int]", path: Path) -> None:
    """Write samples as MP3, which every browser plays."""
    with av.open(str(path), "w", format="mp3") as out:
        stream = out.add_stream("libmp3lame", rate=RATE)
        stream.bit_rate = BIT_RATE
        stream.layout = "mono"
        frame = av.AudioFrame(format="s16p", layout="mono", samples=len(samples))
        frame.planes[0].update(samples.tobytes())
        frame.sample_rate = RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            out.mux(packet)
