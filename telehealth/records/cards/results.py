"""What a code on a card says: frozen values, each with its warnings."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from telehealth.records.enums import DatePrecision, IdentifierKind, Sex


class Warn(StrEnum):
    """What does not fit together on a card that was read well. It is shown and never blocks: corrected dates are real."""

    BIRTH_YEAR_DIFFERS = "birth_year_differs"
    SEX_DIFFERS = "sex_differs"
    BIRTH_DATE_IMPOSSIBLE = "birth_date_impossible"
    ISSUE_DATE_IMPOSSIBLE = "issue_date_impossible"
    PROVINCE_UNKNOWN = "province_unknown"
    GROUP_UNKNOWN = "group_unknown"
    SEX_UNKNOWN = "sex_unknown"


class Fault(StrEnum):
    """Why a code cannot be used. `telehealth.records.card_words` has a sentence for each."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    CUT = "cut"
    """The reader stopped early: fields, or the final `$`, are missing."""
    GARBLED = "garbled"
    """A Vietnamese keyboard (Unikey) or a wrong code page changed letters on the way."""
    DAMAGED = "damaged"
    """A number or field is of no form a card has."""
    CONTROL_CHARACTERS = "control_characters"
    HIDDEN_CHARACTERS = "hidden_characters"
    """Zero-width or direction-changing characters: the text is not what it looks like."""
    STRANGE_CHARACTERS = "strange_characters"
    """Emoji, letters of other scripts that look like ours, markup."""
    LINK = "link"
    PAYMENT = "payment"
    """A payment code (EMVCo, VietQR) is on many counters beside the card reader."""
    OPAQUE = "opaque"
    """VNeID, VssID and others whose content nobody has published."""
    CARD_VERSION_UNKNOWN = "card_version_unknown"
    CHECK_DIGIT_WRONG = "check_digit_wrong"


@dataclass(frozen=True)
class PartialDate:
    """A date of which only the year, or year and month, may be known."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def precision(self) -> DatePrecision:
        if self.day:
            return DatePrecision.DAY
        return DatePrecision.MONTH if self.month else DatePrecision.YEAR

    @property
    def date(self) -> date | None:
        """The calendar day, when all of it is known."""
        return date(self.year, self.month, self.day) if self.month and self.day else None


@dataclass(frozen=True)
class CitizenCard:
    """QR of the citizen card of 2021 (căn cước công dân) or the identity card of 2024 (căn cước)."""

    number: str
    old_number: str | None
    full_name: str
    born: PartialDate | None
    sex: Sex
    address: str
    issued: PartialDate | None
    warnings: tuple[Warn, ...] = ()


@dataclass(frozen=True)
class InsuranceCard:
    """QR of a health-insurance card: `number` is the ten digits that stay, `card_number` the fifteen of an old card."""

    number: str
    card_number: str | None
    full_name: str
    born: PartialDate | None
    sex: Sex
    address: str
    registered_facility: str
    valid_from: PartialDate | None
    valid_to: PartialDate | None
    five_years_from: PartialDate | None
    benefit_level: int | None
    living_area: str
    guardian: str
    warnings: tuple[Warn, ...] = ()


@dataclass(frozen=True)
class BareNumber:
    """A number without anything else, typed or from a simple bar code. `kinds`: what it may be, the likeliest first."""

    value: str
    kinds: tuple[IdentifierKind | str, ...]
    benefit_level: int | None = None
    warnings: tuple[Warn, ...] = ()

    @property
    def insurance_number(self) -> str | None:
        """The ten lasting digits when it may be an insurance number."""
        return self.value[-10:] if IdentifierKind.INSURANCE in self.kinds else None


PHONE = "phone"
"""Among `BareNumber.kinds`: no identifier of a patient, yet patients are found by it."""
SMART_CARD = "smart_card"


@dataclass(frozen=True)
class SmartCardCode:
    """QR of a smart examination card issued here. `signature` is not checked yet: that needs the installation's key."""

    number: str
    signature: str


@dataclass(frozen=True)
class RegistrationCode:
    """QR of a registration for examination, whole: `scheduling.appointments.codes` knows what it names."""

    text: str


@dataclass(frozen=True)
class Unreadable:
    """A code that cannot be used, and why. `number`: a whole citizen or insurance number that survived, to go on with."""

    fault: Fault
    number: str = ""


CardRead = CitizenCard | InsuranceCard | BareNumber | SmartCardCode | RegistrationCode | Unreadable
