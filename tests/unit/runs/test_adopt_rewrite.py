"""Edits of an adoption, by the ways people lay out manifests: what changes, and that nothing else does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.manifest.parse import parse
from reconcile.ports import NamedBytes, TypedValue
from reconcile.runs.adoption.drifted import Adopted
from reconcile.runs.adoption.rewrite import Rewriting
from reconcile.runs.load import load
from reconcile.runs.shipped import schemas
from reconcile.runs.wiring import utc_now

FLEET = """\
apiVersion: reconcile/v1
kind: Fleet
metadata: {name: city}
spec:
  platforms:
    one: {type: onenet, instant: {api: classic}, cached: {api: classic}, credentials: {masterKey: {env: KEY}}}
    ali: {type: aliyun, region: cn-shanghai, credentials: {accessKeyId: {env: AK}, accessKeySecret: {env: SK}}}
"""
METER = 'apiVersion: reconcile/v1\nkind: Device\nmetadata: {name: m, labels: {class: meter}}\nspec:\n  platform: one\n  imei: "865820030000001"\n'
LAMP = "apiVersion: reconcile/v1\nkind: Device\nmetadata: {name: l, labels: {class: lamp}}\nspec:\n  platform: ali\n  productKey: p1\n"
PROFILE = (
    "apiVersion: reconcile/v1\nkind: Profile\nmetadata: {name: %s}\nspec:\n  selector: {matchLabels: {class: %s}}\n"
)


class Texts:
    """A source of texts."""

    def __init__(self, files):
        self.files = [NamedBytes(name, content) for name, content in sorted(files.items())]

    def manifests(self):
        return self.files, ()

    def read(self, path, limit_bytes):
        raise AssertionError(path)

    def read_folder(self, path, limit_bytes):
        return (), ()

    def commit(self):
        return None


def compiled(files):
    fleet = load(Texts(files), now=utc_now())
    assert not [one for one in fleet.diagnostics if one.is_error], fleet.diagnostics
    return {(one.device.ref.name, r.path): (one, r) for one in fleet.devices for r in one.document.resources}


def adopt(files, name, path, value, *, in_profile=False):
    """The files after an adoption, and what could not be edited."""
    files = {"fleet.yaml": FLEET.encode(), **{key: text.encode() for key, text in files.items()}}
    device, resource = compiled(files)[name, path]
    source = Texts(files)
    rewriting = Rewriting(parse(source.files, schemas())[0], source.files)
    wanted = Adopted(device, resource, TypedValue(value, resource.value_type))
    section = "resources" if device.device.ref.platform == "one" else "properties"
    rewriting.adopt(wanted, section, in_profile=in_profile)
    edits = rewriting.outcome()
    after = files | {key: content for key, (_, content) in edits.items()}
    if not rewriting.skipped:
        before, now = compiled(files), compiled(after)
        assert now[name, path][1].value == value
        if not in_profile:
            same = {key: one[1].to_json() for key, one in before.items() if key != (name, path)}
            assert same == {key: one[1].to_json() for key, one in now.items() if key != (name, path)}
        kept = before[name, path][1], now[name, path][1]
        assert (kept[0].ownership, kept[0].on_removal, kept[0].value_type) == (
            kept[1].ownership, kept[1].on_removal, kept[1].value_type,
        )  # fmt: skip
    return {key: content.decode() for key, content in after.items()}, rewriting.skipped


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ("  resources:\n    /1/0/2: 300   # why\n", "/1/0/2", 60, "  resources:\n    /1/0/2: 60   # why\n"),
        ("  resources: {/1/0: {2: 300, 3: 400}}\n", "/1/0/3", 60, "  resources: {/1/0: {2: 300, 3: 60}}\n"),
        ("  resources:\n    /1/0:\n      2: 300\n", "/1/0/2", 60, "  resources:\n    /1/0:\n      2: 60\n"),
        (
            "  resources:\n    /19/0/0: {type: opaque, value: '0A1B'} # x\n", "/19/0/0", "FF",
            "  resources:\n    /19/0/0: {type: opaque, value: FF} # x\n",
        ),
        (
            "  resources:\n    Temperature/0/Max Range Value:  60.0\n", "/3303/0/5604", 61.5,
            "  resources:\n    Temperature/0/Max Range Value:  61.5\n",
        ),
        (
            "  resources:\n    /3/0/15: 'Asia/Shanghai'\n\n\n# end", "/3/0/15", "a: b",
            '  resources:\n    /3/0/15: "a: b"\n\n\n# end',
        ),
    ],
)  # fmt: skip
def test_a_value_of_the_device_is_spliced_in(before, path, value, after):
    files, skipped = adopt({"m.yaml": METER + before}, "m", path, value)
    assert not skipped
    assert files["m.yaml"] == METER + after


@pytest.mark.parametrize(
    ("device", "after"),
    [
        (METER, METER + "  resources:\n    /1/0/2: 60\n"),
        (METER + "  resources: {}\n", METER + "  resources: {/1/0/2: 60}\n"),
        (METER + "  resources: { /1/0/3: 1 }  # c\n", METER + "  resources: { /1/0/3: 1, /1/0/2: 60 }  # c\n"),
        (
            METER + "  resources:\n      /1/0/3: 1  # c\n  # below\n  delivery: {mode: queue}\n",
            METER + "  resources:\n      /1/0/3: 1  # c\n      /1/0/2: 60\n  # below\n  delivery: {mode: queue}\n",
        ),
        (
            'apiVersion: reconcile/v1\nkind: Device\nmetadata: {name: m, labels: {class: meter}}\nspec: {platform: one, imei: "865820030000001"}\n',
            ('apiVersion: reconcile/v1\nkind: Device\nmetadata: {name: m, labels: {class: meter}}\n'
            'spec: {platform: one, imei: "865820030000001", resources: {/1/0/2: 60}}\n'),
        ),
        ("\ufeff" + METER.replace("\n", "\r\n"), "\ufeff" + (METER + "  resources:\n    /1/0/2: 60\n").replace("\n", "\r\n")),
    ],
)  # fmt: skip
def test_an_exception_joins_the_device_document(device, after):
    profile = PROFILE % ("meters", "meter") + "  resources: {/1/0/2: 300}\n"
    files, skipped = adopt({"m.yaml": device, "p.yaml": profile}, "m", "/1/0/2", 60)
    assert not skipped
    assert files["m.yaml"].rstrip("\r\n") == after.rstrip("\r\n")
    assert files["p.yaml"] == profile


def test_an_exception_says_all_that_the_profile_says_of_the_resource():
    profile = (
        PROFILE % ("lamps", "lamp")
        + "  onRemoval: clear\n  properties:\n    Plan: {value: {at: 1}, mode: seed}\n    Level: 3\n"
    )
    files, _ = adopt({"l.yaml": LAMP, "p.yaml": profile}, "l", "Plan", {"at": 2})
    assert files["l.yaml"] == LAMP + "  properties:\n    Plan: {value: {at: 2}, onRemoval: clear, mode: seed}\n"


def test_with_profile_the_profile_changes_and_a_label_is_left_to_the_inventory():
    profile = PROFILE % ("lamps", "lamp") + "  properties:\n    Level: 3 # c\n    Group: '${label:class}'\n"
    files, skipped = adopt({"l.yaml": LAMP, "p.yaml": profile}, "l", "Level", 4, in_profile=True)
    assert not skipped
    assert files["p.yaml"] == profile.replace("Level: 3 #", "Level: 4 #")
    files, [skipped] = adopt({"l.yaml": LAMP, "p.yaml": profile}, "l", "Group", "north", in_profile=True)
    assert "label" in skipped.why
    assert files["p.yaml"] == profile


def test_a_text_over_several_lines_is_left_to_a_person():
    text = LAMP + "  properties:\n    Group: |\n      one\n      two\n"
    files, [skipped] = adopt({"l.yaml": text}, "l", "Group", "three")
    assert "by hand" in skipped.why
    assert files["l.yaml"] == text


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=10), st.sampled_from(["device", "profile"]))
def test_any_text_that_a_device_holds_can_be_adopted(value, where):
    properties = "  properties:\n    Level: 3\n    Group: one   # c\n"
    device = LAMP + properties if where == "device" else LAMP
    profile = PROFILE % ("lamps", "lamp") + (properties if where == "profile" else "")
    files, skipped = adopt({"l.yaml": device, "p.yaml": profile}, "l", "Group", value)
    assert not skipped
    assert files["p.yaml"] == profile
