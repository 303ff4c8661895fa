"""Random fleets: what an import writes, compiled again, says exactly what was read; and it is what greed promises."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.manifest.edit_spell import spell, spell_entry
from reconcile.manifest.yaml import read
from reconcile.model.desired import Ownership
from reconcile.model.device import DeviceRef, Identity
from reconcile.runs.adoption.factor import Row, exceptions, factor, said_of
from reconcile.runs.adoption.family import families_of
from reconcile.runs.adoption.layout import fleet_file, inventory_names, write
from reconcile.runs.adoption.prove import prove
from reconcile.runs.adoption.subject import Chosen, Origin, Reading, Stated, Subject
from reconcile.runs.load import load
from reconcile.runs.source import FolderSource
from reconcile.runs.wiring import platforms, utc_now

SPEC = {
    "platforms": {
        "one": {"type": "onenet", "instant": {"api": "classic"}, "cached": {"api": "classic"},
                "credentials": {"masterKey": {"env": "KEY"}}},
        "ali": {"type": "aliyun", "region": "cn-shanghai",
                "credentials": {"accessKeyId": {"env": "AK"}, "accessKeySecret": {"env": "SK"}}},
    }
}  # fmt: skip
FLEET = {"apiVersion": "reconcile/v1", "kind": "Fleet", "metadata": {"name": "found"}, "spec": SPEC}
LWM2M = {
    "/1/0/2": st.integers(0, 3),
    "/1/0/3": st.integers(-5, 2**31),
    "/3/0/15": st.text(max_size=8),
    "/3303/0/5603": st.sampled_from([-20.0, 1e-07, 0.1, 12345678.0]),
}
THING = {
    "Brightness": st.integers(0, 4),
    "GroupName": st.text(max_size=8) | st.sampled_from(["${label:site}", "$${x}", "null", "true", "007", " a ", "#"]),
    "Module:plan": st.lists(st.fixed_dictionaries({"at": st.integers(0, 2), "to": st.text(max_size=3)}), max_size=2),
    "Limits": st.dictionaries(st.sampled_from(["low", "value", "secret", "type"]), st.integers(0, 1), max_size=3),
}
LABELS = st.fixed_dictionaries(
    {}, optional={"site": st.sampled_from(["a", "b", "1.0"]), "class": st.sampled_from(["x", "no"]), "serial": st.uuids().map(str)}
)  # fmt: skip


def devices(platform, paths):
    values = st.fixed_dictionaries({}, optional=paths)
    return st.lists(st.tuples(LABELS, values), max_size=12).map(lambda found: [(platform, *one) for one in found])


FLEETS = st.tuples(devices("one", LWM2M), devices("ali", THING)).map(lambda both: [*both[0], *both[1]])


def subject(number, platform, labels, values, origin):
    if platform == "one":
        identity = Identity.of(imei=f"8658200300{number:05}")
    else:
        identity = Identity.of(productKey=f"product{number % 2}", deviceName=f"d-{number}")
    dialect = platforms()[{"one": "onenet", "ali": "aliyun"}[platform]].dialect
    models, key = dialect.load_models(()), dialect.model_key(identity)
    found = Subject(Chosen(DeviceRef(platform, f"d-{number}"), identity, labels))
    for path, value in values.items():
        typed = dialect.read_value(models, key, path, value, None)
        if hasattr(typed, "value") and not (isinstance(value, dict) and "secret" in value):
            source = Origin.REPORTED if platform == "one" else origin
            found.readings[path] = Reading(typed.value, typed.value_type, None, source, 3)
    return found


def state(reading, is_recorded):
    is_enforced = is_recorded or reading.origin is Origin.CLOUD
    return Stated.of(reading, Ownership.ENFORCE if is_enforced else Ownership.OBSERVE)


def never(_family):
    return lambda *_: False


def dialects():
    return {"one": platforms()["onenet"].dialect, "ali": platforms()["aliyun"].dialect}


def fits_as_read(_family):
    """Text fits a cell where the dialect takes the cell for it, without a model: only for text."""
    return lambda _number, _path, cell, stated: stated.reading.value == cell


@settings(max_examples=150, deadline=None)
@given(FLEETS, st.sampled_from(list(Origin)), st.booleans(), st.sampled_from([never, fits_as_read]))
def test_what_is_written_says_exactly_what_was_read(fleet, origin, is_recorded, fits):
    subjects = [subject(number, *one, origin) for number, one in enumerate(fleet)]
    stated = [(one, {path: state(reading, is_recorded) for path, reading in one.readings.items()}) for one in subjects]
    by_ref = {one.chosen.ref: values for one, values in stated}
    kinds = {"one": "resources", "ali": "properties"}
    keys = [dialects()[one.chosen.ref.platform].model_key(one.chosen.identity) for one in subjects]
    sections = {
        (one.chosen.ref.platform, key): kinds[one.chosen.ref.platform] for one, key in zip(subjects, keys, strict=True)
    }
    written = write(families_of(subjects, sections, keys), lambda one: by_ref[one.chosen.ref], fits)
    files = {**written.files, "fleet.yaml": fleet_file(FLEET, inventory_names(written), ())}
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        compiled = load(FolderSource(Path(folder)), now=utc_now())
    proof = prove(compiled, dialects(), stated, utc_now(), is_recorded=is_recorded)
    assert proof.faults == ()
    assert proof.plan.steps() == ()
    assert proof.plan.conflicts == proof.plan.drift == ()
    assert proof.plan.is_empty or not is_recorded


@given(st.lists(st.tuples(LABELS, st.dictionaries(st.sampled_from("pqr"), st.sampled_from("123"))), max_size=30))
def test_rules_and_exceptions_come_to_just_the_values(fleet):
    rows = [Row(labels, values) for labels, values in fleet]
    rules = factor(rows)
    assert rules == factor(rows)
    for row in rows:
        said = said_of(rules, row.labels)
        both = said | exceptions(said, row.values)
        assert {path: text for path, text in both.items() if text != "{mode: ignore}"} == row.values


def test_a_value_of_a_site_is_one_profile_of_that_site():
    sites = ["north", "south"]
    rows = [Row({"site": sites[n % 2], "n": str(n)}, {"/1/0/2": "300", "/3/0/15": sites[n % 2]}) for n in range(40)]
    rules = factor(rows)
    assert sum(len(rule.entries) for rule in rules) == 3, "one for all, and one for each site or one over the other"
    assert all(key == "site" for rule in rules for key, _ in rule.conditions)


def test_two_labels_together_are_found_where_each_alone_explains_nothing():
    pairs = [(a, b) for a in "xyz" for b in "uvw"]
    rows = [
        Row({"a": a, "b": b}, {"/1/0/2": "9" if (a, b) == ("x", "u") else "300"}) for a, b in pairs for _ in range(20)
    ]
    assert [rule.conditions for rule in factor(rows)] == [(), (("a", "x"), ("b", "u"))]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5).filter(lambda key: key != "\0"), inner, max_size=3), max_leaves=6,
)  # fmt: skip


@settings(max_examples=300)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30).filter(lambda text: text != "\0"))
def test_spelled_text_is_read_back_as_it_was(text):
    for written in (f"key: {spell(text)}\n", f"{spell(text)}: 1\n", f"key: {{{spell(text)}: [{spell(text)}]}}\n"):
        parsed = read("a.yaml", written.encode())
        assert not parsed.diagnostics, (written, parsed.diagnostics)
    scalar = read("a.yaml", f"key: {spell(text)}\n".encode()).documents[0].members["key"][2]
    assert scalar.text == text


@given(JSON)
def test_any_value_is_spelled_in_one_line_that_parses(value):
    written = spell_entry(value, "float", "observe")
    assert "\n" not in written
    parsed = read("a.yaml", f"key: {written}\n".encode())
    assert not [one for one in parsed.diagnostics if one.code not in ("RCL103", "RCL105")]


@given(st.dictionaries(st.sampled_from(["secret", "low"]), st.integers(0, 1)))
def test_a_structure_that_manifests_would_take_for_a_secret_is_refused(value):
    reading = Reading({"in": [value]}, None, None, Origin.CLOUD)
    if "secret" in value:
        with pytest.raises(ValueError, match="secret"):
            Stated.of(reading, Ownership.ENFORCE)
    else:
        assert "value" in Stated.of(reading, Ownership.ENFORCE).text
