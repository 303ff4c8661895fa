"""What an apply's progress says: what is left at the pace of the slowest account, and every step once."""

from types import SimpleNamespace

import pytest

from reconcile.apply.events import Attempted
from reconcile.cli.apply_progress import ApplyProgress
from reconcile.cli.output import Console
from reconcile.model.device import DeviceRef
from reconcile.model.journal import AttemptState

FAST, SLOW = DeviceRef("fast", "a"), DeviceRef("slow", "b")


def device(ref):
    return SimpleNamespace(ref=ref, steps=[None])


def progress(lang="en"):
    found = ApplyProgress(Console(lang, 120, color=False, err_color=False))
    devices = [device(FAST)] * 1000 + [device(SLOW)] * 601
    found.planned(SimpleNamespace(devices=devices))
    found.rates = lambda: {"fast": 100.0, "slow": 2.0}
    return found


def attempted(state, step="s1", device=SLOW):
    return Attempted(device, step, "set_desired", state)


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "about 5 min left  done 1, refused 1"), ("zh", "剩余约 5 min  成功 1，被拒绝 1")]
)
def test_the_slowest_account_decides_and_a_step_counts_as_it_ended_last(lang, said):
    found = progress(lang)
    for state in (AttemptState.IN_DOUBT, AttemptState.DONE):
        found.attempted(attempted(state))
    found.attempted(attempted(AttemptState.REFUSED, "s2", FAST))
    assert found._note() == said


def test_without_a_rate_nothing_is_promised():
    found = progress()
    found.rates = dict
    found.attempted(attempted(AttemptState.DONE))
    assert found._note() == "done 1"
