"""The files in `data/`, read and checked."""

import json
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

DATA = Path(__file__).parent / "data"


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CommuneRow(Row):
    code: str
    name: str
    kind: Literal["xã", "phường"]
    former_district: str


class SpecialtyRow(Row):
    key: str
    vi: str
    en: str


class DepartmentRow(Row):
    key: str
    code: str | None
    name: str


class FacilityRow(Row):
    """`…_is_assumption` says that nobody confirmed it; see `data/README.md`."""

    key: str
    name: str
    short_name: str
    kind: str
    level: Literal["ban_dau", "co_ban", "chuyen_sau"] | None
    level_is_assumption: bool
    role: Literal["authority", "hub", "hub_and_spoke", "spoke"]
    role_is_assumption: bool
    remote_system_2023: bool
    commune: str | None
    legacy_address: str | None
    hi_code: str | None
    gln: str | None
    aliases: tuple[str, ...]
    parent: str | None
    name_history: tuple[str, ...]
    departments: tuple[str, ...]
    hub_specialties: tuple[str, ...]
    asks: tuple[str, ...]


class MembershipRow(Row):
    facility: str
    role: str
    department: str | None
    specialties: tuple[str, ...]


class PersonRow(Row):
    """Somebody with an account; without memberships a patient."""

    username: str
    full_name: str
    title: str
    licence: str | None
    scope: str
    memberships: tuple[MembershipRow, ...]


@cache
def communes() -> tuple[CommuneRow, ...]:
    return TypeAdapter(tuple[CommuneRow, ...]).validate_python(_read("communes"))


@cache
def specialties() -> tuple[SpecialtyRow, ...]:
    return TypeAdapter(tuple[SpecialtyRow, ...]).validate_python(_read("specialties"))


@cache
def departments() -> tuple[DepartmentRow, ...]:
    return TypeAdapter(tuple[DepartmentRow, ...]).validate_python(_read("departments"))


@cache
def facilities() -> tuple[FacilityRow, ...]:
    return TypeAdapter(tuple[FacilityRow, ...]).validate_python(_read("facilities"))


@cache
def people() -> tuple[PersonRow, ...]:
    return TypeAdapter(tuple[PersonRow, ...]).validate_python(_read("people"))


def _read(name: str) -> object:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
