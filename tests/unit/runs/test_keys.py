"""Keys of cloud accounts: found where the manifest says, missing ones told all at once, and never too openly kept."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from reconcile.credentials.file import KeyFileError, read_key
from reconcile.model.diagnostic import NOWHERE
from reconcile.model.errors import NotSent
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
    (tmp_path / "key").chmod(0o600)
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
    loose = told(keys(masterKey={"file": "key", "optional": True}))[0]
    assert "may be read by others (mode 0640); run chmod 600 on it" in loose
    assert "secret-value" not in loose
    path.chmod(0o600)
    assert told(keys(masterKey={"file": "key"})) == []


# Key files.


@pytest.fixture
def key_file(tmp_path):
    """Makes a private file and reads the key in it back, or says why not."""

    def read(content, name="key", path=None):
        place = tmp_path / name
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(content)
        place.chmod(0o600)
        try:
            return read_key(tmp_path, path or name)
        except KeyFileError as exc:
            return f"refused: {exc}"

    return read


def test_line_ends_and_spaces_around_a_key_are_left_off(key_file):
    assert key_file(b"  s3cret\r\n\n") == "s3cret"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"s3cret\nsecond\n", "more than one line"),
        (b"-----BEGIN KEY-----\ns3cret\n-----END KEY-----\n", "more than one line"),
        (b"s3cret\0", "more than one line"),
        (b"\xef\xbb\xbfs3cret", "no key has"),
        ("s3cret密".encode(), "no key has"),
        (b"s3cret" * 4096, "16,384 bytes"),
    ],
)
def test_what_is_no_key_is_refused_and_not_shown(key_file, content, why):
    said = key_file(content)
    assert said.startswith("refused: ")
    assert why in said
    assert "s3cret" not in said


def test_absolute_path_is_read_and_a_path_out_of_the_folder_is_not(key_file, tmp_path):
    assert key_file(b"s3cret", path=str(tmp_path / "key")) == "s3cret"
    assert "without `..`" in key_file(b"s3cret", path="../" + tmp_path.name + "/key")
    assert "without `..`" in key_file(b"s3cret", path="a\0b")


def test_link_within_its_folder_is_followed_and_one_out_of_it_is_not(key_file, tmp_path):
    """Kubernetes mounts `key -> ..data/key -> ..2026_11/key`."""
    real = tmp_path / "mount" / "..2026_11"
    real.mkdir(parents=True)
    key_file(b"s3cret", "mount/..2026_11/sk")
    (tmp_path / "mount" / "..data").symlink_to("..2026_11")
    (tmp_path / "mount" / "sk").symlink_to("..data/sk")
    assert read_key(tmp_path, "mount/sk") == "s3cret"
    assert read_key(tmp_path / "elsewhere", str(tmp_path / "mount" / "sk")) == "s3cret"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "sk").symlink_to("../mount/sk")
    with pytest.raises(KeyFileError, match="link out of its folder"):
        read_key(tmp_path / "other", "sk")
    with pytest.raises(KeyFileError, match="link out of its folder"):
        read_key(tmp_path, str(tmp_path / "other" / "sk"))


def test_folder_pipe_loop_and_missing_file_are_told(tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "loop").symlink_to("loop")
    for name, why in [("folder", "no regular file"), ("pipe", "no regular file"), ("loop", "loop"), ("none", "does not exist"), ("pipe/x", "does not exist")]:  # fmt: skip
        with pytest.raises(KeyFileError, match=why):
            read_key(tmp_path, name)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_file_of_another_user_is_refused(key_file, tmp_path, monkeypatch):
    key_file(b"s3cret")
    os.chown(tmp_path / "key", 12345, 12345)
    with pytest.raises(KeyFileError, match="belongs to another user"):
        read_key(tmp_path, "key")


# Keys that end, and come anew.

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def go(self, **delta):
        self.now += timedelta(**delta)


@pytest.fixture
def clock():
    return Clock()


def sts(tmp_path, clock, expires, environ=None):
    """Keys of which the token is in a file that says when it ends."""
    credentials = {
        "accessKeyId": {"env": "AK"},
        "accessKeySecret": {"env": "SK"},
        "securityToken": {"file": "token", "expires": expires},
    }
    config = PlatformConfig("ali", "aliyun", {"credentials": credentials}, 10.0, NOWHERE)
    return NamedKeys(config, {"AK": "ak", "SK": "sk", **(environ or {})}, tmp_path, now=clock)


def write(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    (tmp_path / name).chmod(0o600)


def test_keys_that_are_about_to_end_are_read_anew(tmp_path, clock):
    write(tmp_path, "token", "first")
    write(tmp_path, "end", "2026-11-22T17:00:00+08:00\n")
    found = sts(tmp_path, clock, {"file": "end"})
    assert (found.issue(), found.get("securityToken")) == (1, "first")
    write(tmp_path, "token", "second")
    write(tmp_path, "end", "2026-11-22T10:00:00Z")
    clock.go(minutes=58)
    assert (found.issue(), found.get("securityToken")) == (1, "first")
    clock.go(minutes=1)
    assert (found.issue(), found.get("securityToken")) == (2, "second")
    assert found.issue() == 2


def test_keys_that_ended_send_nothing_and_come_back_when_there_are_new_ones(tmp_path, clock):
    write(tmp_path, "token", "first")
    write(tmp_path, "end", str(int(NOW.timestamp()) + 3600))
    found = sts(tmp_path, clock, {"file": "end"})
    found.issue()
    clock.go(minutes=59, seconds=30)
    assert found.issue() == 1  # not yet over, and nothing newer
    clock.go(seconds=31)
    with pytest.raises(NotSent, match=r"keys of ali expired at 2026-11-22T09:00:00\+00:00"):
        found.issue()
    write(tmp_path, "token", "second")
    write(tmp_path, "end", "2026-11-22T20:00:00Z")
    clock.go(seconds=11)
    assert (found.issue(), found.get("securityToken")) == (2, "second")


def test_expired_key_is_told_before_anything_is_sent(tmp_path, clock):
    write(tmp_path, "token", "first")
    found = sts(tmp_path, clock, {"env": "END"}, {"END": "2026-11-22T07:59:59Z"})
    (problem,) = found.problems(["accessKeyId"])
    assert problem.code == "RCL412"
    assert "credentials.securityToken: it expired at 2026-11-22T07:59:59+00:00" in problem.detail


@pytest.mark.parametrize("text", ["tomorrow", "2026-11-22T08:00:00", "s3cret-token", "1" * 30, "-1"])
def test_end_that_cannot_be_read_is_told_and_not_shown(tmp_path, clock, text):
    write(tmp_path, "token", "first")
    (problem,) = sts(tmp_path, clock, {"env": "END"}, {"END": text}).problems([])
    assert "securityToken: expires: expected an RFC 3339 time with its zone, or Unix seconds" in problem.detail
    assert text not in problem.detail.replace("-1", "") or text == "-1"


def test_keys_that_a_cloud_refused_are_read_anew_once_for_all_requests(tmp_path, clock):
    write(tmp_path, "token", "first")
    found = sts(tmp_path, clock, {"env": "END"}, {"END": "2027-01-01T00:00:00Z"})
    number = found.issue()
    assert not found.renew(number)
    write(tmp_path, "token", "second")
    assert not found.renew(number)  # asked a moment ago
    clock.go(seconds=11)
    assert found.renew(number)
    assert found.renew(number)  # another request of the old issue: there are other keys already
    assert (found.issue(), found.get("securityToken")) == (2, "second")


def test_a_key_that_is_gone_on_renewal_leaves_the_old_ones(tmp_path, clock):
    write(tmp_path, "token", "first")
    found = sts(tmp_path, clock, {"env": "END"}, {"END": "2027-01-01T00:00:00Z"})
    number = found.issue()
    (tmp_path / "token").unlink()
    assert not found.renew(number)
    assert found.get("securityToken") == "first"


def test_keys_do_not_show_in_a_representation(tmp_path, clock):
    write(tmp_path, "token", "s3cret-token")
    found = sts(tmp_path, clock, {"env": "END"}, {"END": "2027-01-01T00:00:00Z"})
    found.issue()
    assert "s3cret" not in repr(found._issue) + repr(found._asked) + repr(found)
    assert "sk" not in repr(found._issue).replace("Asked", "")
