"""What the adapters do when something is announced."""

from typing import Any

from telehealth.core.announce import subscribe
from telehealth.integrations.tasks import check_insurance


def start() -> None:
    """Subscribe. Called once, when Django is ready."""
    subscribe("insurance.asked", ask_portal)


def ask_portal(payload: dict[str, Any]) -> None:
    """Let a worker ask at once; what gets lost here the sweep takes up within a minute."""
    check_insurance.apply_async((payload["check"],), retry=False)
