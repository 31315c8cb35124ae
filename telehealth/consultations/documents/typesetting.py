"""Turns plain strings and a typst template into PDF bytes.

Nothing a person typed ever becomes typst source: it travels as JSON in `sys.inputs`, where it is a string
and stays one.
"""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TypeAlias

import typst

from telehealth.consultations.documents.glyphs import coverage

HERE = Path(__file__).parent
FONTS = HERE / "fonts"

# A longer run of letters without a space may be broken anywhere, or it would run off the paper.
LONGEST_WORD = 24
_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
_ZERO_WIDTH_SPACE = "\u200b"

Tree: TypeAlias = "str | int | bool | Sequence[Tree] | Mapping[str, Tree] | None"


def typeset(template: str, view: Tree, *, at: datetime) -> bytes:
    """The PDF of `template` (a file beside this one) filled with `view`.

    The same arguments give the same bytes.
    """
    # PDF/A for the archive, PDF/UA for screen readers; typst writes the tags both ask for.
    return typst.compile(
        str(HERE / template),
        root=str(HERE),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(_printable_tree(view))},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=int(at.timestamp()),
    )


def printable(text: str) -> str:
    """The text as the paper can show it.

    Every visible character stands literally; one that no font can draw is named by its code point. Invisible
    characters (controls, direction overrides, joiners) are dropped: on paper they could only mislead.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    shown = "".join(_shown(character) for character in composed)
    return _LONG_WORD.sub(lambda match: _breakable(match[0]), shown)


def _shown(character: str) -> str:
    if character in "\n\r\u2028\u2029\x0b\x0c\x85":
        return "\n"
    if character.isspace():
        return " " if character in "\t\x1c\x1d\x1e\x1f" else _drawn(character)
    if unicodedata.category(character) in ("Cc", "Cf") or "\ufe00" <= character <= "\ufe0f":
        return ""
    return _drawn(character)


def _drawn(character: str) -> str:
    return character if ord(character) in _drawable() else f"[U+{ord(character):04X}]"


def _breakable(word: str) -> str:
    pieces = [""]
    for character in word:
        if len(pieces[-1]) >= LONGEST_WORD and not unicodedata.combining(character):
            pieces.append("")
        pieces[-1] += character
    return _ZERO_WIDTH_SPACE.join(pieces)


def _printable_tree(tree: Tree) -> Tree:
    if isinstance(tree, str):
        return printable(tree)
    if isinstance(tree, Mapping):
        return {key: _printable_tree(value) for key, value in tree.items()}
    if isinstance(tree, Sequence):
        return [_printable_tree(item) for item in tree]
    return tree


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


@cache
def _drawable() -> frozenset[int]:
    """What Be Vietnam Pro or the fallback DejaVu Sans can draw in every style the papers use."""
    own = [coverage(path.read_bytes()) for path in FONTS.glob("BeVietnamPro_*.ttf")]
    return frozenset.intersection(*own) | coverage((FONTS / "DejaVuSans.ttf").read_bytes())
