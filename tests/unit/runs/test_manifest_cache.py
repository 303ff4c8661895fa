"""Manifests between runs: never anything else than what the files themselves say, and only what changed is read."""

import json
from pathlib import Path

import pytest

from reconcile.manifest.cut_file import Stencils
from reconcile.manifest.parse import parse
from reconcile.ports import NamedBytes
from reconcile.runs.content_cache import read_cache, write_cache
from reconcile.runs.manifest_cache import WORTHWHILE_FILES, ManifestCache
from reconcile.runs.shipped import schemas

ROOT = Path(__file__).parents[3]
SCHEMAS = schemas()
GOOD = [*(ROOT / "manifests").rglob("*.yaml"), *(ROOT / "tests/golden/fleets").rglob("*.yaml")]
BROKEN = [*(ROOT / "tests/golden/broken").rglob("*.yaml")]
HOLDS = """\
apiVersion: reconcile/v1
kind: Hold
metadata: {name: n%d}
spec: {devices: [a/b, "c/%d"], until: "2027-01-01", reason: "é"}
"""


def named(paths):
    return [NamedBytes(str(path.relative_to(ROOT)), path.read_bytes()) for path in sorted(paths)]


FILES = [NamedBytes(f"h{n}.yaml", (HOLDS % (n, n)).encode()) for n in range(WORTHWHILE_FILES)]


def said(files, cache=None):
    """What a run takes from the files: documents with every place in them, in their order, and what is wrong."""
    documents, diagnostics = parse(files, SCHEMAS, known=cache)
    if cache is not None:
        cache.close()
    shown = [(d.file, d.kind, d.name, json.dumps(d.body), list(d.positions.items())) for d in documents]
    return shown, diagnostics


@pytest.fixture
def read(monkeypatch):
    """Names of the files that were really read."""
    names = []

    def spy(self, file):
        names.append(file.name)
        return original(self, file)

    original = Stencils.read
    monkeypatch.setattr(Stencils, "read", spy)
    return names


@pytest.mark.parametrize("paths", [GOOD, BROKEN], ids=["good", "broken"])
def test_what_is_known_says_the_same_as_what_is_read(tmp_path, read, paths):
    files = named(paths)
    expected = said(files)
    for _ in range(2):
        read.clear()
        assert said(files, ManifestCache(tmp_path / "kept.json", SCHEMAS)) == expected
    assert len(read) < len(files)
    assert {file for file, *_ in expected[0]} - set(read), "nothing was known"


def test_a_place_that_is_not_there_is_not_there(tmp_path):
    for _ in range(2):
        cache = ManifestCache(tmp_path / "kept.json", SCHEMAS)
        (document,), _ = parse(FILES[:1], SCHEMAS, known=cache)
        cache.close()
        assert document.span("spec", "devices", 1, "x") == document.span("spec", "devices", 1)
        assert document.span("spec", "devices", 2) == document.span("spec", "devices")
        assert document.span("spec", "devices", "1") == document.span("spec", "devices")
        assert ("spec", 0) not in document.positions


def test_a_change_to_one_file_reads_one(tmp_path, read):
    said(FILES, ManifestCache(tmp_path / "kept.json", SCHEMAS))
    changed = [*FILES[:-1], NamedBytes("h49.yaml", FILES[-1].content.replace(b"2027", b"2028"))]
    moved = [NamedBytes(f"other/{file.name}", file.content) for file in changed]
    read.clear()
    assert said(changed, ManifestCache(tmp_path / "kept.json", SCHEMAS))[0][-1][3].count("2028") == 1
    assert read == ["h49.yaml"]
    assert {file for file, *_ in said(moved, ManifestCache(tmp_path / "kept.json", SCHEMAS))[0]} == {
        file.name for file in moved
    }
    assert read == ["h49.yaml"]
    said(FILES[:2], ManifestCache(tmp_path / "kept.json", SCHEMAS))
    assert len(read_cache(tmp_path / "kept.json")) == 2


def test_another_schema_reads_all_anew(tmp_path, read):
    said(FILES, ManifestCache(tmp_path / "kept.json", SCHEMAS))
    said(FILES, ManifestCache(tmp_path / "kept.json", {**SCHEMAS, "hold.schema.json": b"{}"}))
    assert len(read) == 2 * len(FILES)


def test_a_flipped_byte_reads_all_anew(tmp_path, read):
    expected = said(FILES, ManifestCache(tmp_path / "kept.json", SCHEMAS))
    whole = (tmp_path / "kept.json").read_bytes()
    for at in range(0, len(whole), 997):
        (tmp_path / "kept.json").write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        read.clear()
        assert said(FILES, ManifestCache(tmp_path / "kept.json", SCHEMAS)) == expected
        assert len(read) == len(FILES)


@pytest.mark.parametrize(
    "body", [None, [], {}, "x", [[]], [["Hold", "n", "n", 1, 1, {}]], [["Hold", "n", 1, 1, 1, {}, []]]]
)
def test_an_entry_of_another_form_is_read_anew(tmp_path, read, body):
    expected = said(FILES, ManifestCache(tmp_path / "kept.json", SCHEMAS))
    write_cache(tmp_path / "kept.json", dict.fromkeys(read_cache(tmp_path / "kept.json"), body))
    assert said(FILES, ManifestCache(tmp_path / "kept.json", SCHEMAS)) == expected


def test_few_files_leave_nothing_on_the_disk(tmp_path):
    assert ManifestCache.worthwhile(tmp_path / "kept.json", FILES[1:], SCHEMAS) is None
    assert ManifestCache.worthwhile(None, FILES, SCHEMAS) is None
    assert ManifestCache.worthwhile(tmp_path / "kept.json", FILES, SCHEMAS) is not None
