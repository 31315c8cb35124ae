"""What is sent to the portal and what comes back, as values. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from telehealth.integrations.insurance.codes import CODES
from telehealth.records.cards.numbers import read_date, read_sex
from telehealth.records.cards.results import PartialDate
from telehealth.records.comparison import Version, born_of
from telehealth.records.domain.insurance import Answer
from telehealth.records.enums import InsuranceState
from telehealth.records.models import Patient

LOGIN_PATH = "/api/token/take"
LOOK_UP_PATH = "/api/egw/KQNhanLichSuKCB2024"
KEPT = (
    "maKetQua ghiChu maThe hoTen ngaySinh gioiTinh diaChi maDKBD cqBHXH gtTheTu gtTheDen maKV ngayDu5Nam maSoBHXH maTheCu maTheMoi "
    "gtTheTuMoi gtTheDenMoi maDKBDMoi tenDKBDMoi"
)
"""Fields of a reply that are kept as evidence. The history of treatment is not ours to keep."""


@dataclass(frozen=True)
class Question:
    """Whose card it is said to be."""

    number: str
    full_name: str
    born: str
    """`dd/MM/yyyy`, `MM/yyyy` or `yyyy`: as far as it is known."""


@dataclass(frozen=True)
class Credentials:
    """A facility's account. `password` is the MD5 in hex the portal wants, never the password itself."""

    username: str
    password: str
    staff_name: str
    staff_number: str


@dataclass(frozen=True)
class Tokens:
    """What logging in gives."""

    access_token: str
    id_token: str


def question_of(patient: Patient, number: str) -> Question:
    return Question(number, patient.full_name, written(born_of(patient)))


def written(born: PartialDate | None) -> str:
    """Return a date as the portal writes it."""
    if born is None:
        return ""
    return (
        "/".join(f"{part:02d}" for part in (born.day, born.month) if part)
        + ("/" if born.month else "")
        + str(born.year)
    )


def look_up_body(question: Question, credentials: Credentials) -> dict[str, str]:
    return {
        "maThe": question.number,
        "hoTen": question.full_name,
        "ngaySinh": question.born,
        "hoTenCb": credentials.staff_name,
        "cccdCb": credentials.staff_number,
    }


def look_up_query(tokens: Tokens, credentials: Credentials) -> dict[str, str]:
    """The portal wants its secrets in the address: never log it."""
    return {
        "token": tokens.access_token,
        "id_token": tokens.id_token,
        "username": credentials.username,
        "password": credentials.password,
    }


def tokens_of(reply: Mapping[str, Any]) -> Tokens | None:
    """Return the tokens of a login; None when it was refused."""
    key = reply.get("APIKey")
    if str(reply.get("maKetQua")) != "200" or not isinstance(key, Mapping):
        return None
    access, identity = key.get("access_token"), key.get("id_token")
    return Tokens(access, identity) if isinstance(access, str) and isinstance(identity, str) else None


def new_number(reply: Mapping[str, Any]) -> str:
    """Return the number to ask about instead: of code 003, the old card is over and there is a new one."""
    return _text(reply, "maTheMoi") if _text(reply, "maKetQua") == "003" else ""


def no_answer(code: str) -> Answer:
    """Return what is noted when there is no reply: `code` is one of ours."""
    return Answer(CODES[code].state, code, {})


def answer_of(reply: Mapping[str, Any]) -> Answer:
    """Return what a reply says of a card."""
    code = _text(reply, "maKetQua")
    if code not in CODES:
        return Answer(InsuranceState.UNVERIFIED, "unknown", {"maKetQua": code[:20]})
    known = CODES[code]
    kept = {name: _text(reply, name)[:200] for name in KEPT.split() if _text(reply, name)}
    born = read_date(_text(reply, "ngaySinh"))[0]
    version = None
    if _text(reply, "hoTen") or born:
        number = _text(reply, "maThe") or _text(reply, "maSoBHXH")
        version = Version(
            "portal", _text(reply, "hoTen")[:120], born, read_sex(_text(reply, "gioiTinh")), number[:15]
        )
    area = _text(reply, "maKV").upper()
    return Answer(
        state=known.state,
        code=code,
        reply=kept,
        version=version,
        mismatch=known.mismatch,
        card_number=_text(reply, "maThe")[:15],
        registered_facility=_text(reply, "maDKBD")[:5],
        living_area=area if area in {"K1", "K2", "K3"} else "",
        valid_from=_day(reply, "gtTheTu"),
        valid_to=_day(reply, "gtTheDen"),
        five_years_from=_day(reply, "ngayDu5Nam"),
    )


def _text(reply: Mapping[str, Any], name: str) -> str:
    value = reply.get(name)
    return str(value).replace("\x00", "").strip() if isinstance(value, str | int) else ""


def _day(reply: Mapping[str, Any], name: str) -> date | None:
    read, _possible = read_date(_text(reply, name))
    return read.date if read else None
