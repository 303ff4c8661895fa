from __future__ import annotations

from layering_kit import NOW

from reconcile.ports import NamedBytes
from reconcile.runs.content_digest import content_digest
from reconcile.runs.load import load
from reconcile.runs.source import FolderSource


def write(folder, **files):
    """A fleet folder: `a__yaml` becomes a.yaml."""
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return FolderSource(folder)


FLEET = """apiVersion: reconcile/v1
kind: Fleet
metadata: {name: f}
spec:
  platforms:
    one: {type: onenet, instant: {api: studio}, cached: {api: classic}, credentials: {masterKey: {env: A}, accessKey: {env: B}, resource: userid/1}}
  inventory: [m.csv]
"""
METERS = "name,platform,imei\nm1,one,865820031234567\n"


def test_fleet_is_read_from_a_folder(tmp_path):
    fleet = load(write(tmp_path, fleet__yaml=FLEET, m__csv=METERS), now=NOW)

    assert fleet.diagnostics == ()
    assert [str(desired.device.ref) for desired in fleet.devices] == ["one/m1"]
    assert set(fleet.models) == {"onenet"}
    assert fleet.digest.startswith("sha256:")


def test_digest_covers_manifests_and_inventories(tmp_path):
    before = load(write(tmp_path, fleet__yaml=FLEET, m__csv=METERS), now=NOW).digest

    assert load(write(tmp_path, m__csv=METERS), now=NOW).digest == before
    assert load(write(tmp_path, m__csv=METERS + "\n"), now=NOW).digest != before
    assert load(write(tmp_path, m__csv=METERS, b__yaml="# nothing\n"), now=NOW).digest != before


def test_digest_does_not_depend_on_order_and_is_not_fooled_by_joints():
    files = [NamedBytes("a", b"xy"), NamedBytes("b", b"")]

    assert content_digest(files) == content_digest(reversed(files))
    assert content_digest(files) != content_digest([NamedBytes("a", b"x"), NamedBytes("b", b"y")])


def test_empty_folder_is_told_not_raised(tmp_path):
    fleet = load(FolderSource(tmp_path), now=NOW)

    assert fleet.devices == ()
    assert [found.is_error for found in fleet.diagnostics] == [True]


def test_missing_inventory_is_told_where_it_is_named(tmp_path):
    fleet = load(write(tmp_path, fleet__yaml=FLEET), now=NOW)

    assert [(found.is_error, str(found.span)) for found in fleet.diagnostics] == [(True, "fleet.yaml:7:15")]


def test_unknown_platform_type_is_told_once(tmp_path):
    text = FLEET.replace("type: onenet,", "type: onenett,")
    fleet = load(write(tmp_path, fleet__yaml=text, m__csv=METERS), now=NOW)

    assert [found.code for found in fleet.diagnostics] == ["RCL118"]
    assert "`onenet`" in fleet.diagnostics[0].detail


def test_broken_fleet_document_blames_no_device(tmp_path):
    device = "apiVersion: reconcile/v1\nkind: Device\nmetadata: {name: d}\nspec: {platform: one}\n"
    fleet = load(write(tmp_path, fleet__yaml=FLEET + "  oops: 1\n", d__yaml=device, m__csv=METERS), now=NOW)

    assert [found.code for found in fleet.diagnostics] == ["RCL110"]


def test_model_that_cannot_be_used_is_told_with_its_file(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "lamp.json").write_text(
        '{"profile": {"productKey": "a1BwA"}, "properties": [{"identifier": "A", "dataType": 5}]}'
    )
    platform = (
        "    one: {type: aliyun, region: cn-shanghai, credentials: {accessKeyId: {env: A}, accessKeySecret: {env: B}}}"
    )
    text = f"apiVersion: reconcile/v1\nkind: Fleet\nmetadata: {{name: f}}\nspec:\n  models: [models/]\n  platforms:\n{platform}\n"
    fleet = load(write(tmp_path, fleet__yaml=text), now=NOW)

    assert [(found.code, found.span.file) for found in fleet.diagnostics] == [("RCL207", "models/lamp.json")]
