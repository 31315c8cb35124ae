"""What must work before this process takes visitors. Every part of the process adds its own check."""

import asyncio
from collections.abc import Awaitable, Callable

Check = Callable[[], Awaitable[bool]]

CHECK_SECONDS = 4.0
_checks: dict[str, Check] = {}


def add(name: str, check: Check) -> None:
    """Ask `check` whenever readiness is asked for. An exception counts as no."""
    _checks[name] = check


async def run_all() -> dict[str, bool]:
    """Return every check's verdict by name."""
    names = list(_checks)
    verdicts = await asyncio.gather(*(_run(_checks[name]) for name in names))
    return dict(zip(names, verdicts, strict=True))


async def _run(check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except Exception:  # whatever a check's transport raises: it is not ready
        return False
