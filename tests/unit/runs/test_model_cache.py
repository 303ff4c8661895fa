"""Condensed definitions between runs: never anything else than what the files themselves say."""

import json
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "onenet"))
from lwm2m_kit import ddf, item

from reconcile.platforms.onenet import PLATFORM
from reconcile.platforms.onenet.objects.questions import catalogue_of
from reconcile.ports import NamedBytes
from reconcile.runs import model_cache
from reconcile.runs.caches import NO_CACHES, Caches
from reconcile.runs.content_cache import read_cache, write_cache
from reconcile.runs.model_cache import ModelCache

DIALECT = PLATFORM.dialect
FILES = [
    NamedBytes("models/a.xml", ddf(item(1, "开度", limits="0..100"), item(2, "B", "E", ""), item(3, "C", kind="Time"))),
    NamedBytes(
        "models/b.xml", ddf(item(1, "A", limits="1,2,4"), object_id=26251, instances="Multiple", version="1.10")
    ),
    NamedBytes("models/broken.xml", b"<LWM2M>"),
    NamedBytes("models/other.xml", b"<project/>"),
    NamedBytes("models/lamp.json", b"{}"),
]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(model_cache, "WORTHWHILE_BYTES", 0)
    return ModelCache(tmp_path / "cache" / "models.json")


def definitions(files):
    models = DIALECT.load_models(files)
    own = catalogue_of(models).own
    return {number: (one, dict(one.resources)) for number, one in own.items()}, list(models.problems)


def test_condensed_files_say_the_same_cold_and_warm(cache):
    expected = definitions(FILES)
    for _ in range(2):
        files = cache.condensed(FILES, DIALECT)
        assert [file.is_condensed for file in files] == [True, True, False, False, False]
        assert definitions(files) == expected


def test_a_changed_file_is_read_anew(cache):
    cache.condensed(FILES, DIALECT)
    changed = [NamedBytes("models/a.xml", ddf(item(9, "New"))), *FILES[1:]]
    assert definitions(cache.condensed(changed, DIALECT)) == definitions(changed)


def test_what_left_the_folder_leaves_the_cache(cache, tmp_path):
    cache.condensed(FILES, DIALECT)
    cache.condensed(FILES[:1], DIALECT)
    assert len(read_cache(tmp_path / "cache" / "models.json")) == 1
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["models.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"null", b"[" * 100_000])
def test_a_cache_that_is_broken_is_none(cache, tmp_path, content):
    cache.condensed(FILES, DIALECT)
    (tmp_path / "cache" / "models.json").write_bytes(content)
    assert definitions(cache.condensed(FILES, DIALECT)) == definitions(FILES)


def test_an_entry_of_another_form_is_not_used(cache, tmp_path):
    cache.condensed(FILES, DIALECT)
    path = tmp_path / "cache" / "models.json"
    old = json.loads(json.dumps(read_cache(path)).replace("lwm2m/1", "lwm2m/0").replace("Valve", "Other"))
    write_cache(path, old)
    assert definitions(cache.condensed(FILES, DIALECT)) == definitions(FILES)


@pytest.mark.parametrize("form", [0, 2, "1", None])
def test_a_mangled_entry_is_told_not_misread(cache, tmp_path, form):
    cache.condensed(FILES, DIALECT)
    path = tmp_path / "cache" / "models.json"
    write_cache(path, {key: json.dumps([form, json.loads(text)[1]]) for key, text in read_cache(path).items()})
    _, problems = definitions(cache.condensed(FILES, DIALECT))
    assert [p.code for _, p in problems[:2]] == ["RCL240", "RCL240"]


def test_a_cache_that_cannot_be_written_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr(model_cache, "WORTHWHILE_BYTES", 0)
    (tmp_path / "file").write_text("")
    cache = ModelCache(tmp_path / "file" / "models.json")
    assert definitions(cache.condensed(FILES, DIALECT)) == definitions(FILES)


def test_small_folders_leave_nothing_on_the_disk(tmp_path):
    ModelCache(tmp_path / "cache" / "models.json").condensed(FILES, DIALECT)
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_a_repository_is_never_taken_as_condensed():
    from reconcile.platforms.onenet.objects.condensed import condense

    planted = NamedBytes("models/a.xml", condense(FILES[0].content))
    own, problems = definitions([planted])
    assert own == {}
    assert [p.code for _, p in problems] == ["RCL240"]


def test_where_there_is_no_home_there_is_no_cache():
    assert Caches.beside(Path("manifests"), {}) == NO_CACHES
    assert Caches.beside(Path("manifests"), {"HOME": "/home/x"}).models is not None
