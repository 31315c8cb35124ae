"""Texts are found where they are asked for, and what is missing or left over is told."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import gettext, ngettext, override

from telehealth.core.translations import (
    Text,
    Use,
    compile_parts,
    merge_parts,
    missing,
    problems,
    texts_in_python,
    texts_in_template,
)

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def write_part(folder: Path, name: str, text: str) -> None:
    parts = folder / "en" / "parts"
    parts.mkdir(parents=True, exist_ok=True)
    (parts / name).write_text(HEAD + text)


def test_python_calls_are_found_also_under_another_name() -> None:
    source = """
from django.utils.translation import gettext as _, gettext_lazy as later, ngettext, pgettext_lazy
a = _("Một")
b = later("Hai " "ba")
c = ngettext("%(n)d ngày", "%(n)d ngày", n)
d = pgettext_lazy("advice", "Đồng ý")
e = _(f"Không {x}")
f = other("Không phải")
"""
    assert list(texts_in_python(source, "a.py")) == [
        Use("a.py", 3, Text("Một")),
        Use("a.py", 4, Text("Hai ba")),
        Use("a.py", 5, Text("%(n)d ngày", plural="%(n)d ngày")),
        Use("a.py", 6, Text("Đồng ý", context="advice")),
        Use("a.py", 7, None),
    ]


def test_template_tags_are_found() -> None:
    source = """{% load i18n %}<h1>{% translate "Tiêu đề" %}</h1>
{% blocktranslate with n=x %}Trang {{ n }}{% endblocktranslate %}
{% include "a.html" with title=_("Trống") %}
{% blocktranslate count n=x %}Một{% plural %}Nhiều{% endblocktranslate %}"""
    assert [use.text for use in texts_in_template(source, "a.html")] == [
        Text("Tiêu đề"),
        Text("Trang %(n)s"),
        Text("Trống"),
        Text("Một", plural="Nhiều"),
    ]


def test_missing_unused_and_misplaced_placeholders_are_named(tmp_path: Path) -> None:
    write_part(
        tmp_path,
        "a.po",
        'msgid "Có %(n)s tệp"\nmsgstr "%(m)s files"\n\nmsgid "Thừa"\nmsgstr "Left over"\n\n'
        'msgid "Trống"\nmsgstr ""\n',
    )
    catalog, quarrels = merge_parts(tmp_path / "en" / "parts", "en")
    uses = [
        Use("a.py", 1, Text("Có %(n)s tệp")),
        Use("a.py", 2, Text("Thiếu")),
        Use("a.py", 3, Text("Trống")),
        Use("a.py", 4, None),
    ]
    assert quarrels == []
    assert problems(uses, catalog) == [
        "a.py:4: the text is not a constant and cannot be translated",
        "a.py:1: other placeholders in the English of 'Có %(n)s tệp'",
        "a.py:2: no English for 'Thiếu'",
        "a.py:3: no English for 'Trống'",
        "not used any more: 'Thừa'",
    ]
    assert missing(uses, catalog) == [Text("Thiếu")]


def test_two_parts_that_disagree_are_named(tmp_path: Path) -> None:
    write_part(tmp_path, "a.po", 'msgid "Gửi"\nmsgstr "Send"\n')
    write_part(tmp_path, "b.po", 'msgid "Gửi"\nmsgstr "Submit"\n')
    assert merge_parts(tmp_path / "en" / "parts", "en")[1] == [
        "b.po: 'Gửi' is translated differently in another part"
    ]


def test_compiled_parts_speak(tmp_path: Path) -> None:
    from gettext import GNUTranslations

    write_part(tmp_path, "a.po", 'msgid "Gửi"\nmsgstr "Send"\n')
    with compile_parts(tmp_path, "en").open("rb") as file:
        assert GNUTranslations(file).gettext("Gửi") == "Send"


def test_every_text_of_the_platform_has_its_english() -> None:
    call_command("check_translations")


def test_the_check_fails_with_what_is_missing(tmp_path: Path, settings: object) -> None:
    write_part(tmp_path, "a.po", 'msgid "Không ai hỏi"\nmsgstr "Nobody asks"\n')
    settings.LOCALE_PATHS = [tmp_path]  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="no English for 'Đăng nhập'"):
        call_command("check_translations")


def test_english_is_spoken_where_it_is_chosen() -> None:
    with override("en"):
        assert gettext("Nhận ca") == "Claim case"
        assert [ngettext("%(n)d tuổi", "%(n)d tuổi", n) % {"n": n} for n in (1, 2)] == [
            "1 year old",
            "2 years old",
        ]
    with override("vi"):
        assert gettext("Nhận ca") == "Nhận ca"
        assert gettext("Username") == "Tên đăng nhập"
