"""The operator's self-test on a whole running platform, by the command operators use."""

import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from devtool.paths import ROOT
from tests.support.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

STEPS = [
    "prepare", "ready", "sign_in", "request", "claim", "room", "media", "chat", "answers", "sign", "end_call",
    "decision", "tidy",
]  # fmt: skip


def selftest(platform: Platform) -> tuple[int, dict[str, Any]]:
    """Run it; return its exit status and what it printed."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "bin" / "dev.py"), "selftest", "--json", "--state", str(platform.state)],
        env=platform.environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_passes_and_passes_again_and_leaves_nothing_open(platform: Platform) -> None:
    for _time in range(2):
        status, told = selftest(platform)
        assert [(s["name"], s["code"], s["text"]) for s in told["steps"] if s["verdict"] == "failed"] == []
        assert [step["name"] for step in told["steps"]] == STEPS
        assert (status, told["verdict"]) == (0, "passed")
        assert told["seconds"] < 60
    left = platform.manage(
        "shell", "-v0", "-c",
        "from telehealth.accounts.models import *; from telehealth.consultations.models import *\n"
        "ours = User.objects.filter(username__startswith='tu-kiem-tra.')\n"
        "print(ours.count(), ours.filter(is_active=True).count(), sum(u.has_usable_password() for u in ours))\n"
        "print(Membership.objects.filter(user__in=ours, is_active=True).count())\n"
        "cases = Request.objects.filter(requester__user__in=ours)\n"
        "print(cases.count(), cases.exclude(state='closed').count())\n"
        "print(Session.objects.filter(request__in=cases).exclude(state='ended').count())",
    )  # fmt: skip
    assert left.split() == ["2", "0", "0", "0", "2", "0", "0"]


def test_says_which_part_does_not_work_and_what_to_do(platform: Platform) -> None:
    os.kill(platform.pids["media"], signal.SIGSTOP)
    try:
        status, told = selftest(platform)
    finally:
        os.kill(platform.pids["media"], signal.SIGCONT)
    assert (status, told["verdict"]) == (1, "failed")
    (failed,) = [step for step in told["steps"] if step["verdict"] == "failed"]
    assert failed["name"] in {"ready", "media"}
    assert "media" in failed["text"].lower()
    assert "MEDIA_NODES" in failed["cure"]
    following = told["steps"][STEPS.index(failed["name"]) + 1 :]
    assert [step["verdict"] for step in following] == ["not_run"] * (len(following) - 1) + ["passed"]
    assert told["seconds"] < 60
    platform.await_serving()
    assert selftest(platform)[0] == 0
