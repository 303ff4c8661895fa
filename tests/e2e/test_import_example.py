"""The example fleet, applied by hand as it were, comes back from an import as the profiles it was made of."""

import shutil
from pathlib import Path

import pytest
from desk import Cloud, Desk, serving

from reconcile.cli.population import from_fleet
from reconcile.manifest.parse import parse
from reconcile.runs.shipped import schemas
from reconcile.runs.source import FolderSource

EXAMPLE = Path(__file__).parents[2] / "manifests"


@pytest.fixture
def example(tmp_path):
    shutil.copytree(EXAMPLE, tmp_path / "manifests", ignore=shutil.ignore_patterns(".reconcile"))
    with serving(from_fleet(EXAMPLE)) as emulator:
        desk = Desk(tmp_path, Cloud(emulator.url))
        desk.ok("apply", "--yes")
        desk.cloud.pass_time(86_400)  # every sleeper wakes and takes what waits for it
        yield desk


def test_an_import_finds_the_profiles_that_made_the_fleet(example):
    done = example.ok("import", "--out", "taken", "--record")
    assert "64 devices" in done.out
    files, _ = FolderSource(example.folder / "taken").manifests()
    documents, problems = parse(files, schemas())
    assert not problems
    found = {
        tuple(sorted(document.body["spec"]["selector"].get("matchLabels", {}).items())): document.body["spec"]
        for document in documents
        if document.kind == "Profile"
    }
    assert found[("class", "meter"),]["resources"] == {
        "/1/0/2": 300, "/1/0/3": 86400, "/19/1/0": "0102180A0F1E", "/3/0/15": "Asia/Shanghai", "/3303/0/5603": 2.0,
        "/3303/0/5604": 45.0,
    }  # fmt: skip
    assert found[("class", "meter"), ("site", "yanqing")]["resources"] == {"/1/0/3": 21600, "/3303/0/5603": 4.0}
    assert found[("firmware", "2.4"),]["resources"] == {"/3/0/14": "+08:00", "/3303/0/5604": 50.0}
    assert found[("class", "lamp"),]["properties"]["Brightness"] == 100
    assert found[("road", "residential"),]["properties"]["Brightness"] == 80
    new = Desk(example.folder, example.cloud, manifests="taken")
    new.ok("validate")
    new.ok("plan", "--refresh", "all", "--detailed-exitcode")
