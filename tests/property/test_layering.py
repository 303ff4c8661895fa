"""Layering against what it must never do: depend on order, let a low layer win, or make two documents of one."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.manifest.compile import Inputs, compile_fleet
from reconcile.manifest.document import Document
from reconcile.manifest.select import parse_selector, read_selector
from reconcile.model.device import Identity
from reconcile.model.values import canonical
from reconcile.ports import Capabilities, NamedBytes, TypedValue

NOW = datetime(2026, 11, 22, tzinfo=UTC)
FLEET = Document(
    "fleet.yaml", "Fleet", "f", {"metadata": {"name": "f"}, "spec": {"platforms": {"one": {"type": "t"}}}}, {}
)
PATHS = ["/1/0/0", "/1/0/1", "/1/0/2"]

labels = st.dictionaries(st.sampled_from(["class", "site"]), st.sampled_from(["a", "b"]))
resources = st.dictionaries(st.sampled_from(PATHS), st.one_of(st.integers(0, 3), st.just("${label:class}")))
selectors = st.fixed_dictionaries(
    {},
    optional={
        "matchLabels": labels,
        "matchExpressions": st.lists(
            st.one_of(
                st.fixed_dictionaries(
                    {"key": st.sampled_from(["class", "site"]), "operator": st.sampled_from(["In", "NotIn"])},
                    optional={"values": st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=2)},
                ).map(lambda body: {"values": ["a"], **body}),
                st.fixed_dictionaries(
                    {
                        "key": st.sampled_from(["class", "site"]),
                        "operator": st.sampled_from(["Exists", "DoesNotExist"]),
                    }
                ),
            ),
            max_size=2,
        ),
    },
)
profiles = st.lists(st.tuples(selectors, st.integers(0, 3), resources), max_size=5)
devices = st.lists(st.tuples(labels, st.none() | resources), min_size=1, max_size=6)


class AnyDialect:
    def capabilities(self, model_key):
        return Capabilities("resources", has_cloud_copy=False, has_queue=True, can_clear=False, can_execute=True)

    def check_config(self, config):
        return ()

    def read_identity(self, fields, device_name):
        return Identity.of(imei=fields["imei"])

    def model_key(self, identity):
        return ""

    def read_path(self, models, model_key, text):
        return text

    def read_value(self, models, model_key, path, value, value_type):
        return TypedValue(value, value_type)

    def audit(self, models, model_key, document):
        return ()

    def show_path(self, models, model_key, path):
        return path


def documents_of(profiles, devices):
    made = [FLEET]
    for index, (selector, priority, body) in enumerate(profiles):
        spec = {"selector": selector, "priority": priority, "resources": body}
        made.append(Document(f"p{index}.yaml", "Profile", f"p{index}", {"spec": spec}, {}))
    for index, (_, body) in enumerate(devices):
        if body is not None:
            name = f"d{index}"
            spec = {"platform": "one", "resources": body}
            made.append(Document(f"{name}.yaml", "Device", name, {"metadata": {"name": name}, "spec": spec}, {}))
    return made


def inventory_of(devices, order=None):
    rows = [
        f"d{index},one,{1000 + index},{owned.get('class', '')},{owned.get('site', '')}\n"
        for index, (owned, _) in enumerate(devices)
    ]
    ordered = rows if order is None else [rows[index] for index in order]
    return NamedBytes("m.csv", ("name,platform,imei,class,site\n" + "".join(ordered)).encode())


def compiled(documents, inventory):
    inputs = Inputs(documents, [inventory], {"t": AnyDialect()}, {"t": None})
    return compile_fleet(inputs, now=NOW)


def expected(profiles, owned, own):
    """The slow way: merge everything for one device."""
    layers = sorted(
        (priority, f"p{index}", body)
        for index, (selector, priority, body) in enumerate(profiles)
        if read_selector(selector).matches(owned)
    )
    merged = {}
    for _, _, body in layers:
        merged.update(body)
    merged.update(own or {})
    filled = {path: owned.get("class") if value == "${label:class}" else value for path, value in merged.items()}
    return {path: value for path, value in filled.items() if value is not None}


def values(desired):
    return {resource.path: resource.value for resource in desired.document.resources}


@given(profiles, devices)
def test_every_device_gets_what_merging_by_hand_gives(profiles, devices):
    profiles = [(selector, priority, dict(sorted(body.items()))) for selector, priority, body in profiles]
    fleet = compiled(documents_of(profiles, devices), inventory_of(devices))

    for desired, (owned, own) in zip(fleet.devices, devices, strict=True):
        assert values(desired) == expected(profiles, owned, own)


@given(profiles, devices, st.randoms(use_true_random=False))
def test_order_of_documents_and_rows_does_not_matter(profiles, devices, random):
    documents = documents_of(profiles, devices)
    order = list(range(len(devices)))
    shuffled = documents.copy()
    random.shuffle(shuffled)
    random.shuffle(order)
    one = compiled(documents, inventory_of(devices))
    other = compiled(shuffled, inventory_of(devices, order))

    assert [desired.device.ref for desired in one.devices] == [desired.device.ref for desired in other.devices]
    assert [desired.document for desired in one.devices] == [desired.document for desired in other.devices]
    assert [found.code for found in one.diagnostics] == [found.code for found in other.diagnostics]


@given(profiles, devices)
def test_devices_with_equal_labels_share_one_document(profiles, devices):
    alike = [(owned, None) for owned, _ in devices]
    fleet = compiled(documents_of(profiles, alike), inventory_of(alike))
    known = {}
    for desired in fleet.devices:
        key = tuple(sorted(desired.device.labels.items()))
        assert known.setdefault(key, desired.document) is desired.document


written = st.sampled_from(
    [
        *(
            0,
            1,
            1.0,
            True,
            0.0,
            -0.0,
            "1",
            "${label:class}",
            "${label:nowhere}",
            [1],
            [1.0],
            {"a": 1},
            {"mode": "observe"},
        ),
        *({"value": 1}, {"value": True}, {"value": 1, "type": "float"}, {"value": 1, "mode": "seed"}),
        *(
            {"value": 1, "onRemoval": {"set": 1}},
            {"value": 1, "onRemoval": {"set": 1.0}},
            {"value": 1, "onDrift": "report"},
        ),
        *({"value": 1, "onConflict": "adopt"}, {"value": 1, "after": ["/1/0/2"]}, {"secret": {"env": "A"}}),
    ]
)
documented = st.lists(
    st.tuples(labels, st.dictionaries(st.sampled_from(PATHS), written, max_size=3)), min_size=2, max_size=6
)


@settings(max_examples=300)
@given(profiles, documented)
def test_a_document_of_a_device_comes_to_what_it_comes_to_alone(profiles, devices):
    """Whoever says the same over the same layers; provenance and faults are each one's own."""
    documents = documents_of(profiles, devices)
    together = compiled(documents, inventory_of(devices))
    found = []
    for desired in together.devices:
        name = desired.device.ref.name
        own = [one for one in documents if one.kind != "Device" or one.name == name]
        alone = compiled(own, inventory_of(devices))
        other = next(one for one in alone.devices if one.device.ref.name == name)
        assert _said(desired) == _said(other)
        found += [one for one in alone.diagnostics if one.span.file == f"{name}.yaml"]
    assert sorted(map(repr, found)) == sorted(repr(d) for d in together.diagnostics if d.span.file.startswith("d"))


def _said(desired):
    document = desired.document  # 1 equals true, so as text
    return repr(document), [repr(resource.layers) for resource in document.resources]


@given(profiles, devices, st.integers(0, 3))
def test_profile_above_all_others_wins_everywhere(profiles, devices, value):
    top = ({}, 9, {"/1/0/0": value})
    alike = [(owned, None) for owned, _ in devices]
    fleet = compiled(documents_of([*profiles, top], alike), inventory_of(alike))

    assert {values(desired)["/1/0/0"] for desired in fleet.devices} == {value}


@given(profiles, devices)
def test_dropping_a_profile_that_matches_nothing_changes_nothing(profiles, devices):
    lone = ({"matchLabels": {"class": "nowhere"}}, 9, {"/1/0/0": 3})
    one = compiled(documents_of(profiles, devices), inventory_of(devices))
    other = compiled(documents_of([*profiles, lone], devices), inventory_of(devices))

    assert [desired.document for desired in one.devices] == [desired.document for desired in other.devices]


@given(profiles, devices, st.data())
def test_dropping_a_profile_changes_only_what_it_set_on_devices_it_matched(profiles, devices, data):
    if not profiles:
        return
    dropped = data.draw(st.integers(0, len(profiles) - 1))
    selector, _, body = profiles[dropped]
    # The others keep their names, which decide between equals.
    kept = [(one, priority, {} if index == dropped else set_) for index, (one, priority, set_) in enumerate(profiles)]
    before = compiled(documents_of(profiles, devices), inventory_of(devices))
    after = compiled(documents_of(kept, devices), inventory_of(devices))

    for one, other in zip(before.devices, after.devices, strict=True):
        left, right = values(one), values(other)
        changed = {path for path in left.keys() | right.keys() if left.get(path) != right.get(path)}
        assert changed <= (body.keys() if read_selector(selector).matches(one.device.labels) else set())


@given(st.lists(st.sampled_from(["a=b", "a!=b", "c", "!d", "e in (f,g)", "h notin (i)"])))
def test_command_line_selector_is_read_term_by_term(terms):
    whole = parse_selector(",".join(terms))

    assert whole.requirements == tuple(parse_selector(term).requirements[0] for term in terms)


@settings(max_examples=300)
@given(st.text())
def test_no_selector_text_raises(text):
    assert parse_selector(text) is not None


@settings(max_examples=200)
@given(st.one_of(st.binary(), st.text().map(str.encode), st.text(alphabet='name,plt"\n\r;').map(str.encode)))
def test_no_inventory_raises(content):
    for ending in ("csv", "ndjson"):
        fleet = compile_fleet(
            Inputs([FLEET], [NamedBytes(f"m.{ending}", content)], {"t": _NoIdentity()}, {"t": None}), now=NOW
        )
        assert canonical([found.detail for found in fleet.diagnostics])


class _NoIdentity(AnyDialect):
    def read_identity(self, fields, device_name):
        return Identity.of(imei=device_name)
