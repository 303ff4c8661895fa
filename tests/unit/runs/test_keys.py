"""Keys of cloud accounts: found where the manifest says, missing ones told all at once, and never too openly kept."""

import pytest

from reconcile.model.diagnostic import NOWHERE
from reconcile.ports import PlatformConfig
from reconcile.runs.keys import NamedKeys


@pytest.fixture
def keys(tmp_path):
    def make(environ=None, **credentials):
        config = PlatformConfig("onenet-prod", "onenet", {"credentials": credentials}, 10.0, NOWHERE)
        return NamedKeys(config, environ or {}, tmp_path)

    return make


def told(keys, *required):
    return [problem.detail for problem in keys.problems(required)]


def test_key_comes_from_a_variable_a_file_or_the_manifest(keys, tmp_path):
    (tmp_path / "key").write_text("in a file\n", encoding="utf-8")
    found = keys({"KEY": "in a variable"}, a={"env": "KEY"}, b={"file": "key"}, c="userid/38055", d={"env": "NO"})
    assert [found.get(name) for name in "abcde"] == ["in a variable", "in a file", "userid/38055", None, None]


def test_every_missing_key_is_told_and_no_value_is():
    config = PlatformConfig("p", "t", {}, 1.0, NOWHERE)
    assert len(list(NamedKeys(config, {}, None).problems(["masterKey", "accessKey"]))) == 2


def test_variable_that_is_empty_is_missing(keys):
    assert "environment variable KEY is not set" in told(keys({"KEY": ""}, masterKey={"env": "KEY"}))[0]


def test_optional_key_may_be_missing_unless_a_call_needs_it(keys):
    found = keys(token={"env": "STS", "optional": True})
    assert told(found) == []
    assert len(told(found, "token")) == 1


def test_file_that_is_missing_or_open_to_others_is_told(keys, tmp_path):
    found = keys(masterKey={"file": "key"})
    assert "file key does not exist" in told(found)[0]
    path = tmp_path / "key"
    path.write_text("secret-value", encoding="utf-8")
    path.chmod(0o640)
    assert "chmod 600" in told(found)[0]
    assert "secret-value" not in told(found)[0]
    path.chmod(0o600)
    assert told(found) == []
