"""What a browser reports of a check or a sample: typed, bounded, nothing else let in."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from telehealth.lines.enums import CheckKind, Step
from telehealth.lines.rules import Outcome

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Milliseconds = Annotated[float, Field(ge=0, le=600_000, allow_inf_nan=False)]
Kbps = Annotated[float, Field(ge=0, le=10_000_000, allow_inf_nan=False)]
Words = Annotated[str, Field(max_length=80, pattern=r"^[\w .,×x/()+-]*$")]


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Figures(_Told):
    """The figures a check can have; see `words.FIGURES`."""

    browser: Words | None = None
    missing: Words | None = None
    level: Share | None = None
    size: Words | None = None
    fps: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] | None = None
    rtt_ms: Milliseconds | None = None
    rtt_most_ms: Milliseconds | None = None
    connect_ms: Milliseconds | None = None
    path: Words | None = None
    up_kbps: Kbps | None = None
    down_kbps: Kbps | None = None
    loss_up: Share | None = None
    loss_down: Share | None = None
    jitter_ms: Milliseconds | None = None
    socket_ms: Milliseconds | None = None
    media_ms: Milliseconds | None = None


class OutcomeTold(_Told):
    """How one check turned out."""

    step: Step
    cause: Annotated[str, Field(max_length=20, pattern=r"^[a-z_]*$")] = ""
    figures: Figures = Figures()


class CheckTold(_Told):
    """A whole line check."""

    outcomes: dict[CheckKind, OutcomeTold]

    def as_outcomes(self) -> dict[CheckKind, Outcome]:
        """Return the outcomes as the rules take them."""
        return {
            kind: Outcome(told.step, told.cause, told.figures.model_dump(exclude_none=True))
            for kind, told in self.outcomes.items()
        }


class SampleTold(_Told):
    """What an unattended page has measured by itself."""

    rtt_ms: Milliseconds | None = None
    up_kbps: Kbps | None = None
    down_kbps: Kbps | None = None
    gaps: Annotated[int, Field(ge=0, le=1000)] = 0
    gap_seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] = 0
