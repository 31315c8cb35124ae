"""The approved texts: what they may say, how long they may be."""

import json
import re
from pathlib import Path

import pytest

from telehealth import demonstration
from telehealth.core.text import fold
from telehealth.notifications.catalogue import SPECS
from telehealth.notifications.enums import Channel
from telehealth.notifications.kinds import Kind, Spec, Text
from telehealth.notifications.values import BLANKS, LONGEST

DATA = Path(demonstration.__file__).parent / "data"
LONGEST_LINK = "https://" + "x" * 32 + "/n/" + "y" * 18
GSM_BASIC = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
CLINICAL = re.compile(
    r"\b("
    "benh|kham|chan doan|trieu chung|don thuoc|thuoc|xet nghiem|ket qua|phau thuat|mo xe|dieu tri|cap cuu|"
    "suc khoe|bac si|y ta|dieu duong|chuyen khoa|khoa|tim mach|than kinh|noi tiet|san|nhi|ung buou|ung thu|tam than|truyen nhiem|"
    "hiv|lao|da lieu|mat|rang|tai mui hong|chan thuong|than|tiet nieu|phoi|tieu hoa|sieu am|x quang|thai|"
    "disease|illness|sick|diagnosis|diagnostic|symptom|prescription|medicine|drug|test result|laboratory|surgery|treatment|"
    "emergency|doctor|nurse|physician|specialty|specialist|department|cardiology|neurology|oncology|cancer|obstetrics|"
    "paediatrics|pediatrics|psychiatry|infectious|tuberculosis|dermatology|dental|hospital|clinic|ward|patient|health"
    r")\b"
)
NAMES = (
    "name",
    "patient",
    "doctor",
    "facility",
    "place",
    "specialty",
    "department",
    "reason",
    "title",
    "address",
)


def texts() -> list[tuple[Kind, str, Text]]:
    return [
        (kind, language, getattr(spec, language)) for kind, spec in SPECS.items() for language in ("vi", "en")
    ]


def every_text() -> list[str]:
    return [
        part for _kind, _language, text in texts() for part in (text.title, text.body, text.ask, text.sms)
    ]


def test_every_kind_has_a_text() -> None:
    assert set(SPECS) == set(Kind)


def test_no_text_holds_a_clinical_word() -> None:
    assert [text for text in every_text() if CLINICAL.search(fold(text))] == []


def test_no_text_names_a_specialty() -> None:
    specialties = json.loads((DATA / "specialties.json").read_text())
    names = {fold(specialty[language]) for specialty in specialties for language in ("vi", "en")}
    assert [
        (name, text)
        for name in names
        for text in every_text()
        if re.search(rf"\b{re.escape(name)}\b", fold(text))
    ] == []


def test_no_blank_takes_a_name_a_place_or_a_specialty() -> None:
    blanks = frozenset[str]().union(*(text.blanks() for _kind, _language, text in texts()))
    assert blanks - {"link"} <= set(BLANKS)
    assert not blanks & set(NAMES)


@pytest.mark.parametrize("typed", ["Nguyễn Văn An", "an", "Tim mach", "BS", "khoa", "a b", "Nội", ""])
def test_no_blank_takes_words(typed: str) -> None:
    assert [name for name, form in BLANKS.items() if form.fullmatch(typed)] == []


def test_both_languages_have_the_same_blanks_in_every_part() -> None:
    for kind, spec in SPECS.items():
        assert spec.vi.blanks() == spec.en.blanks(), kind


def test_an_sms_fits_one_message_without_diacritics() -> None:
    for kind, language, text in texts():
        sms = text.sms.format(link=LONGEST_LINK, **LONGEST)
        assert len(sms) <= 160, (kind, language, len(sms))
        assert set(sms) <= GSM_BASIC, (kind, language)


def test_a_zalo_text_fits_400_characters() -> None:
    for kind, language, text in texts():
        assert len(f"{text.body} {text.ask}: {LONGEST_LINK}".format(**LONGEST)) <= 400, (kind, language)


def test_a_link_says_what_it_is_for() -> None:
    for kind, language, text in texts():
        assert bool(text.ask) == ("{link}" in text.sms), (kind, language)
        assert "{link}" not in text.title + text.body, (kind, language)


def test_the_longest_values_are_of_their_form() -> None:
    assert {name for name, value in LONGEST.items() if not BLANKS[name].fullmatch(value)} == set()
    assert set(LONGEST) == set(BLANKS)


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_kind_takes_each_channel_once(spec: Spec) -> None:
    assert len(set(spec.channels)) == len(spec.channels)
    assert spec.at_once


def test_a_secret_does_not_stand_under_the_bell() -> None:
    assert [kind for kind, spec in SPECS.items() if spec.secret and Channel.IN_APP in spec.channels] == []
