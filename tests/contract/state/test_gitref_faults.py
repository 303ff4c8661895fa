"""A state in a git ref when the remote fails, lies, refuses, or was changed behind our back."""

import subprocess
import threading
from contextlib import closing

import pytest
from test_gitref_contract import opened, remote_at

from reconcile.model.errors import LeaseHeld, StateError
from reconcile.ports import Commit
from reconcile.state.backends import open_state
from reconcile.state.gitref import GitRef
from reconcile.state.gitref.address import Address
from reconcile.state.gitref.layout import META
from reconcile.state.gitref.objects import Objects
from reconcile.state.gitref.remote import as_config, settings_of, url_of
from reconcile.state.gitref.shards import Shards, begins_shard
from reconcile.state.sqlite import Sqlite
from reconcile.testing.builders import AT, PLATFORM, attempt, entry, recorded

REF = "refs/reconcile/state/test"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "remote.git"


def git(path, *words):
    done = subprocess.run(["git", "--git-dir", str(path), *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def hook(path, name, script):
    file = path / "hooks" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def test_four_writers_at_once_lose_nothing(path):
    failures = []

    def write(name):
        try:
            with opened(path) as store:
                for number in range(2):
                    one = f"{name}-{number}"
                    store.commit(Commit(entries=[entry(one)], devices=[recorded(one)]), fences={})
        except (StateError, OSError, AssertionError) as exc:
            failures.append(exc)

    threads = [threading.Thread(target=write, args=(f"w{number}",)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failures == []
    with opened(path) as store:
        assert store.serial() == 8
        assert {head.ref.name for head in store.heads()} == {f"w{n}-{m}" for n in range(4) for m in range(2)}
        assert sum(1 for _ in store.journal()) == 8


def test_push_whose_answer_is_lost_is_in_exactly_once(path):
    with opened(path) as store:
        hook(path, "post-receive", 'rm "$0"; kill -9 $PPID')
        store.commit(Commit(opened=[attempt()], devices=[recorded("a")]), fences={})
        assert not (path / "hooks" / "post-receive").exists()
        store.commit(Commit(entries=[entry("s2")]), fences={})
    with opened(path) as store:
        assert store.serial() == 2
        assert [one.step for one in store.journal()] == ["s1", "s2"]


def test_push_whose_answer_is_lost_is_found_under_what_others_pushed_since(path, monkeypatch):
    with opened(path) as store, opened(path) as other:
        push = store._publisher.remote.push

        def cut(before, commit):
            monkeypatch.undo()
            answer = push(before, commit)
            other.commit(Commit(entries=[entry("s2")]), fences={})
            return type(answer)(is_good=False, output=b"", complaint="the remote end hung up")

        monkeypatch.setattr(store._publisher.remote, "push", cut)
        store.commit(Commit(entries=[entry("s1")]), fences={})
        store.commit(Commit(entries=[entry("s3")]), fences={})
        assert [one.step for one in store.journal()] == ["s1", "s2", "s3"]


def test_host_that_refuses_is_quoted_and_nothing_counts(path, monkeypatch):
    monkeypatch.setattr("reconcile.state.gitref.publish._PAUSES_S", (0,))
    with opened(path) as store:
        hook(path, "pre-receive", 'rm "$0"; exit 1')
        store.commit(Commit(devices=[recorded("a")]), fences={})  # once: tried again
        hook(path, "pre-receive", "echo this ref is ours >&2; exit 1")
        with pytest.raises(StateError, match=r"cannot be pushed.*\?in=branch"):
            store.commit(Commit(devices=[recorded("b")]), fences={})
        assert [head.ref.name for head in store.heads()] == ["a"]
        (path / "hooks" / "pre-receive").unlink()
        store.commit(Commit(devices=[recorded("c")]), fences={})
        assert [head.ref.name for head in store.heads()] == ["a", "c"]


def test_ref_that_was_set_back_or_replaced_is_noticed_before_anything_is_done(path):
    with opened(path) as store:
        start = git(path, "rev-parse", REF)
        store.commit(Commit(entries=[entry()]), fences={})
    git(path, "update-ref", REF, start)
    with pytest.raises(StateError, match="set back"):
        opened(path)
    git(path, "update-ref", "-d", REF)
    with pytest.raises(StateError, match=r"set back.*move 0"):
        opened(path)
    git(path, "update-ref", REF, start)
    elsewhere = path.parent / "another-machine"
    elsewhere.mkdir()
    with GitRef.at(remote_at(path), folder=elsewhere) as store:  # saw nothing yet
        store.commit(Commit(devices=[recorded("other")]), fences={})
    with pytest.raises(StateError, match="its history is another"):
        opened(path)


def test_ref_that_is_set_back_under_an_open_store_is_noticed(path):
    with opened(path) as store:
        with store.lease(PLATFORM, "me", AT) as fence:
            start = git(path, "rev-parse", REF)
            store.commit(Commit(entries=[entry()]), fences={PLATFORM: fence})
            git(path, "update-ref", REF, start)
            with pytest.raises(StateError, match="set back"):
                store.commit(Commit(entries=[entry("s2")]), fences={PLATFORM: fence})
            git(path, "update-ref", REF, store._layout.tip)
        assert store.leases() == []


def test_file_changed_by_hand_is_noticed_before_anything_is_done(path):
    with opened(path) as store:
        store.commit(Commit(devices=[recorded("a", digest="d")]), fences={})
        objects, files = store._publisher.remote.objects, dict(store._layout.files)
        (shard,) = [name for name in files if name.startswith("devices/")]
        (body,) = objects.read([files[shard]])
        for wrong in ({shard: objects.write("blob", body.replace(b'"d"', b'"e"'))}, {META: files[shard]}):
            tree = objects.write_tree({**files, **wrong})
            tip = objects.write_commit(tree, store._layout.tip, "by hand", 0)
            subprocess.run(
                ["git", "--git-dir=.", "push", "-qf", str(path), f"{tip}:{REF}"], cwd=objects.folder, check=True
            )
            with pytest.raises(StateError, match="changed by hand"):
                opened(path)
            with pytest.raises(StateError, match="changed by hand"), store.lease(PLATFORM, "me", AT):
                pass


@pytest.mark.parametrize(
    ("ref", "expected"), [(REF, [2, 3, 1, 2, 3]), ("refs/heads/reconcile-state/test", [2, 3, 4, 5, 6])]
)
def test_history_is_bounded_where_the_host_allows_it(path, ref, expected):
    """Git's own rule for fast-forwards holds for branches only."""
    remote_at(path)
    git(path, "config", "receive.denyNonFastForwards", "true")
    with GitRef.at(Address(str(path), ref), folder=path.parent) as store:
        store._publisher._history = 3
        counts = []
        for number in range(5):
            store.commit(Commit(entries=[entry(f"s{number}")]), fences={})
            counts.append(int(git(path, "rev-list", "--count", ref)))
        assert counts == expected
    with GitRef.at(Address(str(path), ref), folder=path.parent) as store:
        assert sum(1 for _ in store.journal()) == 5


def test_same_devices_are_the_same_files_however_they_came_there(path):
    names = [f"valve-{number:05}" for number in range(800)]
    firsts = [name for name in names if begins_shard(name)]
    assert len(firsts) > 2
    with opened(path) as store, opened(path.with_name("other.git")) as other, opened(path) as reader:
        store.commit(Commit(devices=[recorded(name) for name in names[::2]]), fences={})
        assert sum(1 for _ in reader.heads()) == 400
        store.commit(Commit(devices=[recorded(name) for name in names]), fences={})
        assert sum(1 for _ in reader.heads()) == 800
        gone = [names[0], firsts[1], names[-1]]
        store.commit(Commit(forgotten=[recorded(name).ref for name in gone]), fences={})
        other.commit(Commit(devices=[recorded(name) for name in names if name not in gone]), fences={})
        assert list(reader.heads()) == list(store.heads()) == list(other.heads())
        files = [{p: n for p, n in s._layout.files.items() if p[:8] == "devices/"} for s in (store, other, reader)]
        assert files[0] == files[1] == files[2]
        assert store._layout.shards.all() == other._layout.shards.all() == reader._layout.shards.all()
        before = set(store._layout.files.values())
        store.commit(Commit(devices=[recorded("valve-00700", digest="new")]), fences={})
        new = {name for name, at in store._layout.files.items() if at not in before}
        assert len(new) == 2  # its range, and meta.json


def test_state_moves_from_a_file_to_a_ref_and_back(path, tmp_path):
    with Sqlite.open(tmp_path / "a.db") as first, opened(path) as ref, Sqlite.open(tmp_path / "b.db") as last:
        names = ("a", "b\tc", "d\ne", 'f"g', "表", *(f"m{n}" for n in range(300)))
        plan = 'sha256:"odd\\'
        opens = [attempt(f"s{n}", plan=plan) for n in range(300)]
        first.commit(Commit(devices=[recorded(name) for name in names], opened=opens, begun_plan=plan), fences={})
        ref.restore(first.export(), AT)
        with opened(path) as again:
            last.restore(again.export(), AT)
            assert again.outcomes(plan) == first.outcomes(plan)
            assert again.open_attempts() == first.open_attempts()
        assert list(last.export()) == list(first.export())


def test_holder_that_was_ended_from_elsewhere_commits_nothing(path):
    with opened(path) as store, opened(path) as other, store.lease(PLATFORM, "me", AT) as fence:
        store.fresh_s = 60
        other.end_lease(PLATFORM, fence)
        with pytest.raises(LeaseHeld):
            store.commit(Commit(entries=[entry()]), fences={PLATFORM: fence})
        assert list(other.journal()) == []


def test_state_on_a_branch_and_by_the_name_of_a_remote(path, tmp_path, monkeypatch):
    remote_at(path)
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    work = tmp_path / "work"
    for words in (["init", "-q", str(work)], ["-C", str(work), "remote", "add", "origin", str(path)]):
        subprocess.run(["git", *words], check=True, env={"PATH": "/usr/bin:/bin"})
    url = "gitref:origin#production?in=branch"
    with open_state(url, folder=work, create=False) as view:
        assert view.lineage == "none"
    assert git(path, "for-each-ref") == ""
    with open_state(url, folder=work, create=True) as store:
        store.commit(Commit(devices=[recorded("a")]), fences={})
    assert git(path, "for-each-ref", "--format=%(refname)") == "refs/heads/reconcile-state/production"
    assert '"meter' not in git(path, "show", "--stat", "reconcile-state/production")
    with pytest.raises(StateError, match="unknown git remote"):
        open_state("gitref:upstream#production", folder=work, create=True)


@pytest.mark.parametrize(
    "remote",
    ["--upload-pack=touch x", "-oProxyCommand=x", "ext::sh -c x", "fd::7", "http://example.com/x.git", "git://h/x",
     "https://-h/x", "", "a b", "file\n:///x", "ssh://-oProxyCommand=x/y", "x::y"],
)  # fmt: skip
def test_remote_that_git_would_take_for_an_option_or_a_program_is_refused(tmp_path, remote):
    with pytest.raises(StateError, match="unknown remote"):
        open_state(f"gitref:{remote}#production", folder=tmp_path, create=True)


@pytest.mark.parametrize("environment", ["", "../x", "a..b", "a/b", "-x", "x.lock", "x?in=tree", "a b", "é"])
def test_environment_that_is_no_part_of_a_ref_is_refused(tmp_path, environment):
    with pytest.raises(StateError, match="unknown environment"):
        open_state(f"gitref:origin#{environment}", folder=tmp_path, create=True)


def test_password_in_a_url_is_told_nowhere(tmp_path):
    with pytest.raises(StateError, match="cannot be asked") as caught:
        open_state("gitref:http://me:tr3asure@127.0.0.1:9/x.git#production", folder=tmp_path, create=True)
    assert "tr3asure" not in f"{caught.value} {caught.value.__cause__} {caught.value.__context__}"


def test_ranges_know_where_they_end():
    shards = Shards([("a", ""), ("a", "m"), ("b", "k")])
    assert [shards.holding(*one) for one in (("a", "b"), ("a", "m"), ("b", "a"))] == [("a", ""), ("a", "m"), ("b", "")]
    assert [shards.end(one) for one in (("a", ""), ("a", "m"), ("b", ""))] == ["m", None, "k"]


def test_working_copy_is_gone_after_closing(path):
    with closing(opened(path)) as store:
        folder = store._folder.path
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()


def test_what_a_repository_says_of_logging_in_is_taken_over_as_it_is(tmp_path):
    said = {
        "http.https://git.example/.extraheader": ["AUTHORIZATION: basic eDp5\\\"#;'="],
        "credential.helper": ["", '!f() { echo "password=$TOKEN"; }; f'],
        "core.sshcommand": ["ssh -i /a\tb"],
        "url.https://mirror.example/.insteadof": ["https://git.example/"],
    }
    work, private = tmp_path / "work", tmp_path / "private"
    subprocess.run(["git", "init", "-q", str(work)], check=True)
    for key, texts in said.items():
        for text in texts:
            git(work / ".git", "config", "--add", key, text)
    git(work / ".git", "config", "remote.origin.url", "ext::sh -c x")
    private.mkdir()
    settings = settings_of(work)
    Objects(private, as_config(settings))
    assert {key: texts for key, texts in settings_of(private).items() if key in said} == said
    with pytest.raises(StateError, match="is a program"):
        url_of(Address("origin", REF), settings)
