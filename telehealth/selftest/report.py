"""What a step found, in words and as JSON."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


class Trouble(Exception):
    """A step failed. `code` is stable, `text` says what happened, `cure` what to do about it."""

    def __init__(self, code: str, text: str, cure: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = text
        self.cure = cure


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not_run"


@dataclass(frozen=True)
class Outcome:
    """One step. `seconds` is how long it took; `code`, `text` and `cure` are empty unless it failed."""

    name: str
    title: str
    verdict: Verdict
    seconds: float = 0.0
    code: str = ""
    text: str = ""
    cure: str = ""


@dataclass
class Report:
    """The steps so far; `tell` is called with each line as it becomes known."""

    url: str
    tell: Callable[[str], None] = lambda line: None
    outcomes: list[Outcome] = field(default_factory=list)

    def begin(self) -> None:
        """Say what is tested."""
        self.tell(_("Tự kiểm tra %(url)s") % {"url": self.url})

    def add(self, outcome: Outcome) -> None:
        """Note a step and say it."""
        self.outcomes.append(outcome)
        words = {
            Verdict.PASSED: pgettext("verdict", "đạt"),
            Verdict.FAILED: pgettext("verdict", "LỖI"),
            Verdict.NOT_RUN: pgettext("verdict", "bỏ qua"),
        }
        time = f"{outcome.seconds:6.2f} s" if outcome.verdict != Verdict.NOT_RUN else ""
        self.tell(f"  {words[outcome.verdict]:<8}{outcome.title:<58}{time}".rstrip())
        if outcome.text:
            self.tell(f"          {outcome.text}")
        if outcome.cure:
            self.tell("          " + _("Cách xử lý: %(cure)s") % {"cure": outcome.cure})

    def end(self, seconds: float) -> None:
        """Say the verdict on the whole."""
        if self.passed:
            self.tell(_("Đạt: mọi bước chạy tốt trong %(n).1f s.") % {"n": seconds})
        else:
            self.tell(_("Không đạt: xem bước có chữ LỖI ở trên."))

    @property
    def passed(self) -> bool:
        return bool(self.outcomes) and all(o.verdict == Verdict.PASSED for o in self.outcomes)

    def as_json(self, seconds: float) -> dict[str, Any]:
        """Return `verdict`, `url`, `seconds` and `steps`, each with the fields of `Outcome`."""
        return {
            "verdict": Verdict.PASSED if self.passed else Verdict.FAILED,
            "url": self.url,
            "seconds": round(seconds, 3),
            "steps": [{**asdict(one), "seconds": round(one.seconds, 3)} for one in self.outcomes],
        }
