"""PostgreSQL when it fails: answers that are lost, servers that are killed, users that are refused."""

import contextlib
import tempfile
import threading
import time
from pathlib import Path

import psycopg
import pytest
from pg_cutter import Cutter

from reconcile.model.errors import LeaseHeld, StateError, StateTooNew
from reconcile.ports import Commit
from reconcile.state.backends import open_state
from reconcile.state.lineage import NO_LINEAGE
from reconcile.state.postgres import Postgres
from reconcile.state.postgres.address import read_address
from reconcile.testing.builders import AT, PLATFORM, attempt, entry, recorded, resource
from reconcile.testing.postgres_server import Server


@pytest.fixture
def schema(tmp_path):
    return f"faults_{abs(hash(tmp_path))}"


@pytest.fixture
def url(postgres_server, schema):
    return f"{postgres_server.url()}?schema={schema}"


def opened(url):
    return Postgres.open(read_address(url))


def sql(server, *statements):
    with psycopg.connect(server.url(), autocommit=True) as connection:
        return [connection.execute(one) for one in statements][-1]


@pytest.mark.parametrize("cut", ["answer", "question", "silent"])
def test_commit_cut_from_its_answer_is_in_exactly_once(postgres_server, schema, cut):
    cutter = Cutter(postgres_server.url(tcp=True))
    with contextlib.closing(cutter), opened(f"{cutter.url}?schema={schema}") as store:
        with store.lease(PLATFORM, "me", AT) as fence:
            cutter.armed = cut
            store.commit(Commit(opened=[attempt(fence=fence)], devices=[recorded("a")]), fences={PLATFORM: fence})
            store.commit(Commit(entries=[entry("s2", fence=fence)]), fences={PLATFORM: fence})
        assert cutter.cuts == 1
        assert store.serial() == 2
        assert [one.step for one in store.journal()] == ["s1", "s2"]


def test_lease_lost_while_the_answer_was_lost_is_noticed(postgres_server, schema):
    cutter = Cutter(postgres_server.url(tcp=True))
    url = f"{postgres_server.url()}?schema={schema}"
    with contextlib.closing(cutter), opened(f"{cutter.url}?schema={schema}") as store, opened(url) as other:
        with store.lease(PLATFORM, "me", AT) as fence:
            assert other.end_lease(PLATFORM, fence)
            cutter.armed = "question"
            with pytest.raises(LeaseHeld):
                store.commit(Commit(devices=[recorded("a")]), fences={PLATFORM: fence})
            cutter.armed = None
        assert list(store.heads()) == []


def test_lease_is_kept_alive_while_its_holder_works_and_lost_when_it_is_taken(postgres_server, url, schema):
    with (
        Postgres.open(read_address(url), ttl_s=0.3) as store,
        opened(url) as other,
        store.lease(PLATFORM, "me", AT) as fence,
    ):
        (before,) = other.leases()
        give_up_at = time.monotonic() + 10
        while other.leases()[0].expires == before.expires:
            assert time.monotonic() < give_up_at
            time.sleep(0.02)
        sql(postgres_server, f"UPDATE {schema}.lease SET fence = fence + 1")
        while not store._leasing.beats[PLATFORM].is_lost:
            assert time.monotonic() < give_up_at
            time.sleep(0.02)
        with pytest.raises(LeaseHeld, match="taken over"):
            store.commit(Commit(), fences={PLATFORM: fence})


def test_server_killed_amid_commits_comes_back_with_all_that_was_said(postgres_server):
    """Not the shared one, which only says that there are binaries."""
    with own_server() as server, opened(server.url()) as store:
        done, failed = [], []

        def write():
            try:
                while len(done) < 200 and not failed:
                    number = len(done)
                    store.commit(Commit(entries=[entry(f"s{number}")], devices=[recorded(str(number))]), fences={})
                    done.append(number)
            except StateError as exc:
                failed.append(exc)

        writer = threading.Thread(target=write)
        writer.start()
        while len(done) < 20:
            time.sleep(0.001)
        server.kill()
        said = len(done)
        server.start()
        writer.join(timeout=60)
        assert failed == []
        assert 20 <= said < 200
        assert store.serial() == 200
        assert [one.step for one in store.journal()] == [f"s{number}" for number in range(200)]
        assert sum(1 for _ in store.heads()) == 200


@contextlib.contextmanager
def own_server():
    """A server of one test's own; PostgreSQL's user may not enter pytest's folders."""
    folder = Path(tempfile.mkdtemp(prefix="reconcile-pg-"))
    folder.chmod(0o755)
    server = Server(folder)
    server.make()
    server.start()
    try:
        yield server
    finally:
        server.discard()


def test_idle_connections_that_were_cut_are_made_anew(postgres_server, url):
    with opened(url) as store:
        list(store.heads())
        name = f"reconcile {store._link.session[:16]} %"
        sql(
            postgres_server,
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '{name}'",
        )
        store.commit(Commit(devices=[recorded("a")]), fences={})
        assert [head.ref.name for head in store.heads()] == ["a"]
        sql(
            postgres_server,
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '{name}'",
        )
        assert store.serial() == 1


def test_commit_that_waits_too_long_for_another_says_so_and_leaves_nothing(url, monkeypatch):
    monkeypatch.setattr(
        "reconcile.state.postgres.connection._SETTINGS", "SET search_path TO {schema}; SET lock_timeout = 50"
    )
    with opened(url) as store, opened(url) as other:
        with store._writing(), pytest.raises(StateError, match="in use by another process"):
            other.commit(Commit(), fences={})
        other.commit(Commit(), fences={})
        assert store.serial() == 1


def test_hundreds_of_devices_and_entries_in_one_commit_are_all_there_and_the_last_word_counts(url):
    devices = [recorded(f"meter-{n:05}", resource()) for n in range(900)]
    opens = [attempt(f"s{n}") for n in range(900)]
    with opened(url) as store:
        store.commit(Commit(devices=devices, opened=opens), fences={})
        again = [recorded(f"meter-{n:05}", digest="later") for n in (*range(899, -1, -1), 7)]
        store.commit(Commit(devices=[recorded("meter-00007", digest="early"), *again]), fences={})
        assert {head.digest for head in store.heads()} == {"later"}
        assert store.open_attempts() == opens
        assert sum(1 for _ in store.journal()) == 900


def test_missing_state_is_an_empty_view_and_no_schema_is_made(postgres_server, url, schema):
    with open_state(url, folder=None, create=False) as view:
        assert view.lineage == NO_LINEAGE
        with pytest.raises(StateError, match="cannot be written"):
            view.commit(Commit(), fences={})
    assert sql(postgres_server, f"SELECT to_regnamespace('{schema}')").fetchone() == (None,)


def test_schema_of_another_program_and_of_a_newer_version_are_refused_and_left_alone(postgres_server, url, schema):
    sql(postgres_server, f"CREATE SCHEMA {schema}", f"CREATE TABLE {schema}.meta (format int)")
    with pytest.raises(StateError, match="another program"):
        opened(url)
    sql(postgres_server, f"DROP SCHEMA {schema} CASCADE")
    opened(url).close()
    sql(postgres_server, f"UPDATE {schema}.meta SET format = 99")
    with pytest.raises(StateTooNew, match=r"format 99.*Upgrade"):
        opened(url)


def test_makers_at_the_same_moment_make_one_state(url):
    gate, found = threading.Barrier(4, timeout=30), []

    def make():
        gate.wait()
        with opened(url) as store:
            found.append((store.lineage, store.secret_key()))

    threads = [threading.Thread(target=make) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_password_is_taken_from_wherever_libpq_takes_it_and_told_nowhere(
    postgres_server, schema, tmp_path, monkeypatch
):
    make = "DO $$ BEGIN CREATE ROLE with_password LOGIN PASSWORD 'tr3asure'; EXCEPTION WHEN OTHERS THEN NULL; END $$"
    sql(postgres_server, make, "GRANT CREATE ON DATABASE postgres TO with_password")
    url = f"{postgres_server.url(user='with_password', tcp=True)}?schema={schema}"
    with pytest.raises(StateError, match="password"):
        opened(url)
    with pytest.raises(StateError, match="password") as caught:
        opened(url.replace("with_password@", "with_password:wr0ng@"))
    assert "wr0ng" not in f"{caught.value} {caught.value.__cause__}"
    monkeypatch.setenv("PGPASSWORD", "tr3asure")
    opened(url).close()
    monkeypatch.delenv("PGPASSWORD")
    (tmp_path / "pass").write_text("127.0.0.1:*:*:with_password:tr3asure\n")
    (tmp_path / "pass").chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pass"))
    opened(url).close()


def test_server_without_tls_is_not_spoken_to_when_tls_is_asked_for(postgres_server, schema):
    with pytest.raises(StateError, match=r"cannot be reached.*SSL"):
        opened(f"{postgres_server.url(tcp=True)}?schema={schema}&sslmode=require")


def test_user_without_rights_is_told_which(postgres_server, url, schema):
    opened(url).close()
    sql(postgres_server, "DO $$ BEGIN CREATE ROLE bare LOGIN; EXCEPTION WHEN OTHERS THEN NULL; END $$")
    with pytest.raises(StateError, match="Grant USAGE"):
        opened(url.replace("postgres@", "bare@"))
    with pytest.raises(StateError, match="Grant USAGE"):
        opened(url.replace("postgres@", "bare@").replace(schema, "elsewhere"))
