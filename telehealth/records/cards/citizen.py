"""QR of the citizen card (2021) and the identity card (2024): seven fields of plain text between `|`, unsigned."""

from telehealth.records.cards.numbers import citizen_number_warnings, read_date, read_sex
from telehealth.records.cards.results import CitizenCard, Fault, Unreadable, Warn
from telehealth.records.cards.text import fault_of_address, fault_of_name, is_digits
from telehealth.records.enums import Sex

FIELDS = 7


def parse_citizen(fields: list[str]) -> CitizenCard | Unreadable:
    """Read the fields of a code whose first is twelve digits. Empty fields after the seventh are the card of 2024's."""
    number = fields[0]
    if len(fields) < FIELDS or len(fields[6]) < len("ddMMyyyy"):
        return Unreadable(Fault.CUT, number)
    _, old_number, name, born_text, sex_text, address, issued_text = fields[:FIELDS]
    if any(fields[FIELDS:]) or (old_number and not is_digits(old_number, 9)):
        return Unreadable(Fault.DAMAGED, number)
    fault = fault_of_name(name) or fault_of_address(address)
    if fault:
        return Unreadable(fault, number)
    if not is_digits(born_text, 8) or not is_digits(issued_text, 8):
        return Unreadable(Fault.DAMAGED, number)
    sex = read_sex(sex_text)
    if sex == Sex.UNKNOWN and fault_of_name(sex_text) == Fault.GARBLED:
        return Unreadable(Fault.GARBLED, number)
    born, born_possible = read_date(born_text)
    issued, issued_possible = read_date(issued_text)
    warnings = citizen_number_warnings(number, born, sex)
    warnings += (Warn.BIRTH_DATE_IMPOSSIBLE,) if not born_possible else ()
    warnings += (Warn.ISSUE_DATE_IMPOSSIBLE,) if not issued_possible else ()
    warnings += (Warn.SEX_UNKNOWN,) if sex == Sex.UNKNOWN else ()
    return CitizenCard(number, old_number or None, name, born, sex, address, issued, warnings)
