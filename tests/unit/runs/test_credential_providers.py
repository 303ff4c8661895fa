"""Providers of credentials: found through a real entry point of an installed distribution, asked again when keys end."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import pytest

from reconcile.credentials.registry import find, known
from reconcile.model.diagnostic import NOWHERE
from reconcile.model.errors import NotSent
from reconcile.ports import PlatformConfig
from reconcile.runs.keys import NamedKeys
from reconcile.runs.load import load
from reconcile.runs.source import FolderSource

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

PROVIDER = '''
"""A tiny provider: keys that end an hour after they were issued, as a token service gives them."""

from datetime import datetime, timedelta

from reconcile.model.errors import ReconcileError
from reconcile.ports import IssuedKeys, Problem

API_VERSION = 1


class TinyOidc:
    requests = []
    fails = None

    def check(self, spec):
        if spec.get("role"):
            return []
        return [Problem("RCL415", "credentials provider cannot be used", "Found no role. Give role: NAME.")]

    def issue(self, request):
        self.requests.append(request)
        if self.fails:
            raise ReconcileError(self.fails)
        number = len(self.requests)
        at = datetime.fromisoformat(request.environ["TINY_NOW"]) if "TINY_NOW" in request.environ else None
        values = {"accessKeyId": f"id-{number}", "accessKeySecret": f"sk-{number}", "securityToken": f"token-{number}"}
        values |= {name: f"{name}-{number}" for name in request.names}
        return IssuedKeys(values, at + timedelta(hours=number) if at else None)


PROVIDER = TinyOidc()
'''


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """The provider, installed as pip would install it; a second entry point leads nowhere."""
    site = tmp_path / "site"
    info = site / "tiny_oidc-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "tiny_oidc.py").write_text(PROVIDER)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-oidc\nVersion: 1.0\n")
    points = "[reconcile.credentials]\ntiny-oidc = tiny_oidc:PROVIDER\nbroken = tiny_oidc_gone:PROVIDER\n"
    (info / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(site)
    yield find("tiny-oidc")
    sys.modules.pop("tiny_oidc", None)


def keys(spec, clock=lambda: NOW, names=("accessKeyId", "accessKeySecret"), **environ):
    config = PlatformConfig("ali", "aliyun", {"credentials": spec}, 10.0, NOWHERE)
    return NamedKeys(config, environ, ".", now=clock, names=names)


WHOLE = {"provider": "tiny-oidc", "role": "apply"}


def test_provider_is_found_by_name_and_nobody_else(tiny):
    assert known() == ("broken", "tiny-oidc")
    assert tiny is sys.modules["tiny_oidc"].PROVIDER
    assert find("other") is None


def test_one_provider_issues_all_keys_and_hears_its_own_part_of_the_manifest(tiny):
    found = keys(WHOLE, TINY_X="1")
    assert [found.get(name) for name in ("accessKeyId", "accessKeySecret", "securityToken", "nope")] == [
        *("accessKeyId-1", "accessKeySecret-1", "token-1"),
        None,
    ]
    assert list(found.problems(["accessKeyId", "accessKeySecret"])) == []
    (request,) = tiny.requests
    assert (request.platform, request.spec) == ("ali", {"role": "apply"})
    assert (request.names, request.environ) == (("accessKeyId", "accessKeySecret"), {"TINY_X": "1"})
    assert "TINY_X" not in repr(request)


def test_a_provider_may_issue_one_key_beside_others(tiny):
    found = keys({"accessKeyId": {"env": "AK"}, "accessKeySecret": {"provider": "tiny-oidc", "role": "r"}}, AK="ak")
    assert (found.get("accessKeyId"), found.get("accessKeySecret")) == ("ak", "accessKeySecret-1")


def test_keys_that_end_are_issued_anew_during_a_long_run(tiny):
    at = [NOW]
    found = keys(WHOLE, lambda: at[0], TINY_NOW=NOW.isoformat())
    assert (found.issue(), found.get("securityToken")) == (1, "token-1")
    at[0] = NOW + timedelta(minutes=59, seconds=30)
    assert (found.issue(), found.get("accessKeyId"), found.get("securityToken")) == (2, "accessKeyId-2", "token-2")
    assert len(tiny.requests) == 2


def test_provider_that_fails_on_renewal_leaves_keys_until_they_end_and_is_the_reason_then(tiny):
    at = [NOW]
    found = keys(WHOLE, lambda: at[0], TINY_NOW=NOW.isoformat())
    found.issue()
    tiny.fails = "the identity provider answers 503"
    at[0] = NOW + timedelta(minutes=59, seconds=30)
    assert found.issue() == 1
    at[0] += timedelta(seconds=31)
    with pytest.raises(NotSent, match=r"expired at .*: provider tiny-oidc: the identity provider answers 503"):
        found.issue()
    tiny.fails = None
    at[0] += timedelta(seconds=11)
    assert found.issue() == 2


def test_refused_keys_are_issued_anew(tiny):
    found = keys(WHOLE)
    number = found.issue()
    assert found.renew(number)
    assert (found.issue(), found.get("securityToken")) == (2, "token-2")


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"provider": "tiny-oidx"}, "no provider tiny-oidx is installed"),
        ({"provider": "broken"}, "cannot be loaded from tiny_oidc_gone:PROVIDER (ModuleNotFoundError)"),
        ({"accessKeyId": {"provider": "nobody"}}, "no provider nobody is installed"),
    ],
)
def test_provider_that_is_not_there_is_told(tiny, spec, why):
    told = list(keys(spec, names=()).problems([]))
    assert [problem.code for problem in told] == ["RCL415"]
    assert why in told[0].detail


def test_provider_that_fails_at_first_is_told(tiny):
    tiny.fails = "no identity token in this environment."
    (problem,) = keys(WHOLE).problems(["accessKeyId", "accessKeySecret"])
    assert problem.code == "RCL415"
    assert "credentials: provider tiny-oidc: no identity token in this environment. Nothing was sent." in problem.detail


def test_key_that_a_provider_did_not_issue_is_told(tiny):
    (problem,) = keys(WHOLE).problems(["masterKey"])
    assert "provider tiny-oidc issued no masterKey" in problem.detail


FLEET = """apiVersion: reconcile/v1
kind: Fleet
metadata: {name: f}
spec:
  platforms:
    ali: {type: aliyun, region: cn-shanghai, credentials: %s}
    one: {type: onenet, instant: {api: classic}, cached: {api: classic}, credentials: {masterKey: %s}}
"""


def told(folder, whole, single="{env: M}"):
    (folder / "fleet.yaml").write_text(FLEET % (whole, single))
    return [(d.code, str(d.span), d.detail) for d in load(FolderSource(folder), now=NOW).diagnostics]


def test_manifest_is_checked_by_the_provider_offline(tiny, tmp_path):
    folder = tmp_path / "m"
    folder.mkdir()
    assert told(folder, "{provider: tiny-oidc, role: apply}", "{provider: tiny-oidc, role: r}") == []
    found = told(folder, "{provider: tiny-oidc}", "{provider: tiny-odic, role: r}")
    assert [one[:2] for one in found] == [("RCL415", "fleet.yaml:6:46"), ("RCL415", "fleet.yaml:7:100")]
    assert found[0][2] == "platform ali, credentials: Found no role. Give role: NAME."
    assert "Did you mean `tiny-oidc`? Installed: broken, tiny-oidc." in found[1][2]
    assert tiny.requests == []
    assert "tiny_oidc_gone" in told(folder, "{provider: broken}")[0][2]


def test_nothing_is_scanned_where_no_provider_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: pytest.fail("scanned"))
    assert told(tmp_path, "{accessKeyId: {env: A}, accessKeySecret: {env: B}}") == []


def test_a_provider_for_all_keys_fits_onenets_token_interfaces(tiny, tmp_path):
    text = FLEET.replace("{masterKey: %s}", "%s").replace("classic}", "current}")
    (tmp_path / "fleet.yaml").write_text(text % ("{provider: tiny-oidc, role: r}", "{provider: tiny-oidc, role: r, resource: userid/1}"))  # fmt: skip
    assert load(FolderSource(tmp_path), now=NOW).diagnostics == ()
    (tmp_path / "fleet.yaml").write_text(text % ("{provider: tiny-oidc, role: r}", "{provider: tiny-oidc, role: r}"))
    (problem,) = load(FolderSource(tmp_path), now=NOW).diagnostics
    assert "credentials.resource is missing" in problem.detail
