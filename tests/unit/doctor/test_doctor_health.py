"""What `doctor` says of recorded state and of keys, before anybody is asked: each trouble beside its healthy twin."""

from contextlib import closing

import pytest

from reconcile.model.diagnostic import NOWHERE
from reconcile.model.examination import Mark
from reconcile.model.journal import AttemptState
from reconcile.ports import Commit, PlatformConfig
from reconcile.runs.doctor.credentials import is_complete, look_at_keys
from reconcile.runs.doctor.fleet_health import look_at_state
from reconcile.runs.keys import NamedKeys
from reconcile.state.sqlite import Sqlite
from reconcile.testing.builders import AT, PLATFORM, attempt, entry, recorded, resource

REQUIRED = ("accessKeyId", "accessKeySecret")
SPEC = {
    "accessKeyId": {"env": "AK"},
    "accessKeySecret": {"env": "SK"},
    "securityToken": {"env": "STS", "optional": True},
}


@pytest.fixture
def store(tmp_path):
    with closing(Sqlite.open(tmp_path / "state.db")) as store:
        yield store


def said(store):
    return [(each.key, dict(each.values)) for each in look_at_state(store, [PLATFORM], AT)]


def test_state_is_empty_then_healthy(store):
    assert said(store) == [("state.empty", {})]
    store.commit(Commit(devices=[recorded("meter-1", resource())]), fences={})
    assert said(store) == [("state.healthy", {"devices": 1, "entries": 0})]


def test_what_earlier_runs_left_open_is_counted_by_who_settles_it(store):
    begun = [attempt(step) for step in ("s1", "s2", "s3")]
    store.commit(Commit(entries=[one.entry for one in begun], opened=begun), fences={})
    store.commit(Commit(entries=[entry("s1", AttemptState.IN_DOUBT)]), fences={})
    store.commit(Commit(entries=[entry("s3", AttemptState.IN_DOUBT)]), fences={})
    store.commit(Commit(entries=[entry("s3", AttemptState.NEEDS_OPERATOR)]), fences={})
    assert said(store)[1:] == [("state.in_doubt", {"n": 2}), ("state.for_a_person", {"n": 1})]


def test_whoever_applies_is_named_until_the_lease_ends(store):
    store.commit(Commit(devices=[recorded("meter-1", resource())]), fences={})
    with store.lease(PLATFORM, "nightly run", AT):
        ((key, values),) = said(store)[1:]
        assert (key, values["platform"]) == ("state.lease_held", PLATFORM)
        assert "nightly run" in values["who"]
    assert [key for key, _ in said(store)] == ["state.healthy"]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        (
            {"AK": "id-1", "SK": "top-secret"},
            {"accessKeyId": "variable", "accessKeySecret": "variable", "securityToken": "optional"},
        ),
        ({"AK": "id-1", "SK": "top-secret\n"}, {"accessKeySecret": "spaces"}),
        ({"AK": "id-1"}, {None: "missing"}),
    ],
)
def test_keys_are_named_and_never_shown(tmp_path, environ, expected):
    config = PlatformConfig("ali", "aliyun", {"credentials": SPEC}, 40.0, NOWHERE)
    findings = look_at_keys(config, NamedKeys(config, environ, tmp_path, now=lambda: AT), REQUIRED, tmp_path)
    found = {(each.values.get("name"), each.key) for each in findings}
    assert {(name, f"credentials.{key}") for name, key in expected.items()} <= found
    assert is_complete(findings) is ("SK" in environ)
    assert all(each.mark is Mark.OK for each in findings) is (environ.get("SK") == "top-secret")
    assert "top-secret" not in repr(findings)
    assert "id-1" not in repr(findings)
