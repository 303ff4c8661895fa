"""When a fleet has outgrown the place of its state."""

import pytest

from reconcile.model.fleet import StateConfig
from reconcile.runs.state_size import outgrown

IN_A_REF = StateConfig(backend="gitref", url="gitref:origin#production")


@pytest.mark.parametrize(("url", "config", "devices", "is_told"), [
    (None, IN_A_REF, 100_000, False),
    (None, IN_A_REF, 100_001, True),
    ("gitref:origin#x", StateConfig(), 100_001, True),
    ("sqlite:///x.db", IN_A_REF, 100_001, False),
    (None, StateConfig(), 1_000_000, False),
])  # fmt: skip
def test_a_large_fleet_in_a_git_ref_is_told(url, config, devices, is_told):
    found = outgrown(url, config, devices)

    assert (found is not None) is is_told
    if found is not None:
        assert (found.code, found.is_error) == ("RCL506", False)
