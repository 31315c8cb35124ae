"""Who may do what with the identity of patients. Predicates only; `access` and the use cases enforce them."""

from telehealth.accounts.enums import RECEPTION_ROLES
from telehealth.accounts.hat import Hat


def may_receive(hat: Hat) -> bool:
    """Whoever stands at the desk: reads cards, finds and registers people, settles who is who."""
    return hat.role in RECEPTION_ROLES


def may_register(hat: Hat) -> bool:
    """Whoever treats patients at the facility, or receives them."""
    return hat.is_clinical or may_receive(hat)
