"""Broken manifests: every case ends with all its problems, each with place and advice, soon and in little memory."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconcile.runs.load import load
from reconcile.runs.source import FolderSource

BROKEN = Path(__file__).parent / "broken"
CASES = sorted(path.name for path in BROKEN.iterdir() if path.is_dir())
ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
FLEET = (BROKEN / "bomb" / "fleet.yaml").read_text()


def diagnose(folder):
    """All diagnostics of a folder of manifests."""
    return list(load(FolderSource(folder), now=NOW).diagnostics)


def line(diagnostic):
    return f"{diagnostic.code} {diagnostic.severity} {diagnostic.span} {diagnostic.summary} | {diagnostic.detail}"


@pytest.mark.parametrize("case", CASES)
def test_broken_manifests_are_told_with_place_and_advice(case, update_golden):
    expected = BROKEN / case / "expected.txt"
    started = time.process_time()
    found = "".join(line(diagnostic) + "\n" for diagnostic in diagnose(BROKEN / case))
    assert time.process_time() - started < 2
    if update_golden:
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


def test_there_are_enough_cases_and_each_finds_something():
    """No case may lose its point unnoticed."""
    assert len(CASES) >= 100
    for case in CASES:
        assert (BROKEN / case / "expected.txt").read_text(encoding="utf-8").startswith("RCL"), case


# The cases below need files that git cannot hold, or should not.


def measured(folder):
    """What a fresh process finds in a folder, its CPU seconds (others may use the machine too) and its peak memory in MiB."""
    script = (
        "import json, sys, time; from pathlib import Path; started = time.process_time();"
        "sys.path[:0] = [sys.argv[2], sys.argv[3]]; from test_broken import diagnose;"
        "found = diagnose(Path(sys.argv[1]));"
        "from memory import peak_mib; took = time.process_time() - started; peak = peak_mib();"
        "print(json.dumps([[d.code, str(d.span)] for d in found[:20]] + [took, peak]))"
    )
    arguments = [sys.executable, "-c", script, str(folder), str(ROOT), str(Path(__file__).parent)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=60)
    *found, took, peak = json.loads(done.stdout)
    return [tuple(each) for each in found], took, peak


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "fleet.yaml").write_text(FLEET)
    return tmp_path


def bomb(folder):
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 200)]
    (folder / "bad.yaml").write_text("\n".join(lines))


def sparse(folder):
    with (folder / "bad.yaml").open("wb") as file:
        file.truncate((2 << 30) + 1)


def just_too_large(folder):
    (folder / "bad.yaml").write_bytes(b"x" * ((1 << 20) + 1))


def deep(folder):
    (folder / "bad.yaml").write_text("[" * 500_000)


def deep_block(folder):
    (folder / "bad.yaml").write_text("\n".join(" " * i + "a:" for i in range(1000)))


def nodes(folder):
    (folder / "bad.yaml").write_text("a: [" + "1," * 200_000 + "1]")


def scalar(folder):
    (folder / "bad.yaml").write_text("a: " + "x" * 70_000)


def unknown_keys(folder):
    keys = "\n".join(f"  platfrom{i}: 1" for i in range(40_000))
    (folder / "bad.yaml").write_text(f"apiVersion: reconcile/v1\nkind: Device\nmetadata: {{name: a}}\nspec:\n{keys}")


def many_broken_documents(folder):
    (folder / "bad.yaml").write_text("---\napiVersion: reconcile/v1\nkind: Device\nspec: {a: b}\n" * 15_000)


def wrong_list(folder):
    items = ", ".join(["{}"] * 40_000)
    text = f"apiVersion: reconcile/v1\nkind: Hold\nmetadata: {{name: a}}\nspec: {{until: x, reason: y, devices: [{items}]}}"
    (folder / "bad.yaml").write_text(text)


def unclear_numbers(folder):
    numbers = ", ".join(["017"] * 40_000)
    (folder / "bad.yaml").write_text(
        "apiVersion: reconcile/v1\nkind: Device\nmetadata: {name: a}\n"
        f"spec: {{platform: aliyun-prod, productKey: a1, properties: {{A: [{numbers}]}}}}"
    )


@pytest.mark.parametrize(
    ("build", "code"),
    [
        (bomb, "RCL104"),
        (sparse, "RCL105"),
        (just_too_large, "RCL105"),
        (deep, "RCL105"),
        (deep_block, "RCL105"),
        (nodes, "RCL105"),
        (scalar, "RCL105"),
        (unknown_keys, "RCL110"),
        (many_broken_documents, "RCL110"),
        (wrong_list, "RCL112"),
        (unclear_numbers, "RCL119"),
    ],
)
def test_hostile_files_end_soon_and_in_little_memory(folder, build, code):
    build(folder)
    found, took, peak = measured(folder)
    assert code in {each for each, _ in found}
    assert all(span.startswith("bad.yaml") for _, span in found)
    assert took < 2
    assert peak < 256


def codes(folder):
    return {(diagnostic.code, diagnostic.span.file) for diagnostic in diagnose(folder)}


def test_a_link_to_a_file_is_refused(folder):
    (folder / "link.yaml").symlink_to("/etc/hostname")
    assert ("RCL106", "link.yaml") in codes(folder)


def test_a_link_to_itself_and_a_link_to_the_folder_above_are_refused(folder):
    (folder / "loop.yaml").symlink_to(folder / "loop.yaml")
    (folder / "cycle").symlink_to(folder)
    assert codes(folder) >= {("RCL106", "loop.yaml"), ("RCL106", "cycle")}


def test_a_named_pipe_is_never_opened(folder):
    os.mkfifo(folder / "pipe.yaml")
    assert ("RCL106", "pipe.yaml") in codes(folder)


def test_a_folder_with_the_name_of_a_manifest_is_refused(folder):
    (folder / "folder.yaml").mkdir()
    assert ("RCL106", "folder.yaml") in codes(folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_told(folder):
    (folder / "closed.yaml").write_text("a: 1")
    (folder / "closed.yaml").chmod(0)
    assert ("RCL106", "closed.yaml") in codes(folder)


def thing_model(folder, size_bytes):
    (folder / "models").mkdir()
    with (folder / "models" / "lamp.json").open("wb") as file:
        file.write(b'{"profile": {"productKey": "a1BwAGVxxxx"}, "properties": [')
        file.truncate(size_bytes)
    (folder / "fleet.yaml").write_text(FLEET + "  models: [models/]\n")


@pytest.mark.parametrize(("size_bytes", "code"), [((4 << 20) + 1, "RCL207"), ((64 << 20) + 1, "RCL105"), (2 << 30, "RCL105")])  # fmt: skip
def test_a_huge_thing_model_is_refused_early(folder, size_bytes, code):
    """The size decides, before anything is parsed."""
    thing_model(folder, size_bytes)
    found, took, peak = measured(folder)
    assert (code, "models/lamp.json") in found
    assert took < 2
    assert peak < 256


def entity_bomb(path):
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 40))
    path.write_text(f'<!DOCTYPE l [<!ENTITY e0 "lol">{entities}]><LWM2M><Object><Name>&e39;</Name></Object></LWM2M>')


def deep_xml(path):
    path.write_text("<LWM2M>" + "<a>" * 500_000)


def many_elements(path):
    path.write_text("<LWM2M><Object>" + "<a/>" * 400_000 + "</Object></LWM2M>")


def many_attributes(path):
    path.write_text("<LWM2M " + " ".join(f'a{n}="b"' for n in range(100_000)) + "/>")


def one_long_name(path):
    path.write_text("<LWM2M><Object><Name>" + "x" * 1_900_000 + "</Name></Object></LWM2M>")


def large_xml(path):
    path.write_text("<LWM2M>" + " " * (2 << 20) + "</LWM2M>")


def sparse_xml(path):
    with path.open("wb") as file:
        file.write(b"<LWM2M>")
        file.truncate((2 << 30) + 1)


@pytest.mark.parametrize(
    ("build", "code"),
    [
        (entity_bomb, "RCL240"),
        (deep_xml, "RCL240"),
        (many_elements, "RCL240"),
        (many_attributes, "RCL240"),
        (one_long_name, "RCL240"),
        (large_xml, "RCL240"),
        (sparse_xml, "RCL105"),
    ],
)
def test_hostile_object_definitions_end_soon_and_in_little_memory(folder, build, code):
    """Nothing is expanded, fetched or built up before it is refused."""
    (folder / "models").mkdir()
    build(folder / "models" / "a.xml")
    (folder / "fleet.yaml").write_text(FLEET + "  models: [models/]\n")
    found, took, peak = measured(folder)
    assert code in {each for each, span in found if span.startswith("models/a.xml")}
    assert took < 2
    assert peak < 256


def test_thousands_of_object_definitions_are_bounded(folder):
    (folder / "models").mkdir()
    good = (BROKEN / "ddf-audit" / "models" / "26250.xml").read_text()
    for number in range(2_100):
        (folder / "models" / f"{number:05}.xml").write_text(good.replace("26250", str(30_000 + number)))
    (folder / "fleet.yaml").write_text(FLEET + "  models: [models/]\n")
    found, took, peak = measured(folder)
    assert ("RCL240", "models/02000.xml") in found
    assert took < 4
    assert peak < 256


def test_a_huge_inventory_is_refused_early(folder):
    """An inventory beyond the limit is never opened."""
    (folder / "fleet.yaml").write_text(FLEET + "  inventory: [meters.csv]\n")
    with (folder / "meters.csv").open("wb") as file:
        file.truncate((2 << 30) + 1)
    found, took, peak = measured(folder)
    assert ("RCL105", "fleet.yaml:15:15") in found
    assert took < 2
    assert peak < 256


def test_more_files_than_the_limit_are_refused(folder):
    for number in range(10_000):
        (folder / f"f{number}.yaml").touch()
    found, took, peak = measured(folder)
    assert ("RCL105", "") in found
    assert took < 2
    assert peak < 256
