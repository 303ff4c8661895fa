"""Listings of clouds: written and read back, merged under files and documents, and never trusted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layering_kit import ALIYUN, NOW, ONENET, NoModels, codes, device, of, profile, values

from reconcile.manifest.compile import Inputs, compile_fleet
from reconcile.manifest.inventory_entries import inventory_entries
from reconcile.manifest.inventory_listing import listing_rows
from reconcile.manifest.inventory_sealed import read_heading, render
from reconcile.manifest.layer_codes import Tally
from reconcile.manifest.parse import parse
from reconcile.ports import ListedDevice, Listing, NamedBytes
from reconcile.runs.shipped import schemas

FLEET = """
apiVersion: reconcile/v1
kind: Fleet
metadata: {name: city-works}
spec:
  platforms:
    one: {type: onenet}
    ali: {type: aliyun, region: cn-shanghai}
  inventory: [%s]
"""
ALI = Listing("ali", ("a1",), {"site": "haidian"})


def lamp(number, product="a1", **facts):
    name = f"lamp-{number}"
    fields = {"productKey": product, "deviceName": name, "iotId": f"id{product}{number}"}
    return ListedDevice(name, fields, {"firmware": "1.2", "model": "L3", **facts})


def meter(imei, **facts):
    return ListedDevice(imei, {"imei": imei}, facts)


def fleet_of(listings, *manifests, inventory="", ndjson="", entries=None):
    """A fleet whose `inventory:` has these (entry text, devices), and YAML texts a.yaml, b.yaml, ..."""
    texts = entries or [text for text, _ in listings]
    files = [NamedBytes("fleet.yaml", (FLEET % ", ".join(texts)).encode())]
    files += [NamedBytes(f"{chr(97 + index)}.yaml", text.encode()) for index, text in enumerate(manifests)]
    documents, problems = parse(files, schemas())
    assert problems == []
    found = inventory_entries(documents[0])
    filled = [
        (entry, NamedBytes(f"listings/{index}.ndjson", render(entry.listing, devices, NOW)))
        for index, (entry, (_, devices)) in enumerate(zip(found.listings, listings, strict=True))
    ]
    inventories = [NamedBytes("meters.csv", inventory.encode())] if inventory else []
    inventories += [NamedBytes("lamps.ndjson", ndjson.encode())] if ndjson else []
    dialects, models = {"onenet": ONENET, "aliyun": ALIYUN}, {"onenet": NoModels(), "aliyun": NoModels()}
    return compile_fleet(Inputs(documents, inventories, dialects, models, listings=filled), now=NOW)


def names(fleet):
    return [str(desired.device.ref) for desired in fleet.devices]


LAMPS = "{platform: ali, products: [a1], labels: {class: lamp}}"


def test_listed_device_has_the_clouds_facts_and_the_entrys_labels():
    fleet = fleet_of([(LAMPS, [lamp(1, status="ONLINE", lastContact="2026-11-22T07:59:00Z")])])

    assert names(fleet) == ["ali/lamp-1"]
    found = of(fleet, "lamp-1").device
    assert found.labels == {"product": "a1", "firmware": "1.2", "model": "L3", "class": "lamp"}
    assert found.identity.as_dict() == {"productKey": "a1", "deviceName": "lamp-1"}
    assert str(found.span) == "listings/0.ndjson:2:1"
    assert codes(fleet) == []


def test_labels_of_the_entry_stand_over_facts_and_profiles_may_select_both():
    body = "  selector: {matchLabels: {model: ours, firmware: '1.2'}}\n  properties: {Brightness: 60}"
    fleet = fleet_of([("{platform: ali, labels: {model: ours}}", [lamp(1)])], profile("p", body))

    assert values(fleet, "lamp-1") == {"Brightness": 60}


def test_facts_that_change_at_every_contact_neither_split_documents_nor_move_the_lasting_digest():
    before = render(ALI, [lamp(1, status="ONLINE", lastContact="a"), lamp(2)], NOW)
    after = render(ALI, [lamp(2, status="OFFLINE"), lamp(1, lastContact="b")], NOW + timedelta(hours=1))

    assert read_heading(before).stable == read_heading(after).stable
    assert read_heading(before).digest != read_heading(after).digest
    assert read_heading(before).stable != read_heading(render(ALI, [lamp(1, firmware="2"), lamp(2)], NOW)).stable
    body = "  selector: {matchLabels: {class: lamp}}\n  properties: {Brightness: 60}"
    fleet = fleet_of([(LAMPS, [lamp(n, lastContact=str(n)) for n in range(5)])], profile("p", body))
    assert len({id(desired.document) for desired in fleet.devices}) == 1
    assert len({id(desired.device.labels) for desired in fleet.devices}) == 1


def test_a_row_of_a_file_gives_a_listed_device_its_name_and_its_labels_win():
    row = "name,platform,imei,site,firmware\nmeter-7,one,865820031234567,lab,9\n"
    fleet = fleet_of([("{platform: one}", [meter("865820031234567", firmware="1", model="M5310")])], inventory=row)

    assert names(fleet) == ["one/meter-7"]
    assert of(fleet, "meter-7").device.labels == {"firmware": "9", "model": "M5310", "site": "lab"}


def test_identity_of_a_row_stays_as_it_was_written_when_a_listing_comes_to_it():
    """What was recorded of a device under its identity must not be taken for another device's."""
    row = "name,platform,productKey\nlamp-1,ali,a1\n"
    fleet = fleet_of([(LAMPS, [lamp(1), lamp(2)])], inventory=row)

    assert names(fleet) == ["ali/lamp-1", "ali/lamp-2"]
    assert of(fleet, "lamp-1").device.identity.as_dict() == {"productKey": "a1", "deviceName": "lamp-1"}


def test_a_document_stands_over_a_listing_and_may_leave_identity_to_it():
    fleet = fleet_of(
        [(LAMPS, [lamp(1), lamp(2)])],
        device("lamp-2", "  platform: ali\n  properties: {Brightness: 5}", "{model: own}"),
    )

    assert names(fleet) == ["ali/lamp-1", "ali/lamp-2"]
    assert of(fleet, "lamp-2").device.labels == {"product": "a1", "firmware": "1.2", "model": "own", "class": "lamp"}
    assert values(fleet, "lamp-2") == {"Brightness": 5}


def test_a_document_and_a_row_and_a_listing_are_one_device():
    row = "name,platform,productKey,site\nlamp-1,ali,a1,lab\n"
    fleet = fleet_of(
        [(LAMPS, [lamp(1)])], device("lamp-1", "  platform: ali\n  properties: {A: 1}", "{room: r}"), inventory=row
    )

    assert names(fleet) == ["ali/lamp-1"]
    assert of(fleet, "lamp-1").device.labels == {
        "product": "a1",
        "firmware": "1.2",
        "model": "L3",
        "class": "lamp",
        "site": "lab",
        "room": "r",
    }


def test_one_name_with_two_identities_is_a_contradiction():
    fleet = fleet_of([(LAMPS, [lamp(1)])], device("lamp-1", "  platform: ali\n  productKey: other"))

    assert codes(fleet) == ["RCL125"]
    assert "productKey is other here and a1 in the listing of ali (products a1)" in fleet.diagnostics[0].detail
    assert str(fleet.diagnostics[0].span) == "a.yaml:3:12"


def test_two_listings_with_one_device_join_their_labels():
    fleet = fleet_of([(LAMPS, [lamp(1)]), ("{platform: ali, labels: {site: lab}}", [lamp(1), lamp(2)])])

    assert names(fleet) == ["ali/lamp-1", "ali/lamp-2"]
    assert of(fleet, "lamp-1").device.labels == {
        "product": "a1",
        "firmware": "1.2",
        "model": "L3",
        "class": "lamp",
        "site": "lab",
    }


def test_two_listings_that_give_one_device_different_labels_are_an_error():
    fleet = fleet_of([(LAMPS, [lamp(1)]), ("{platform: ali, labels: {class: post}}", [lamp(1)])])

    assert codes(fleet) == ["RCL164"]
    assert "class is post here and lamp at fleet.yaml:9:15" in fleet.diagnostics[0].detail


def test_two_products_with_one_name_are_an_error_until_a_file_names_one():
    both = [("{platform: ali}", [lamp(1), lamp(1, "a2")])]

    assert codes(fleet_of(both)) == ["RCL158"]
    row = "name,platform,productKey,deviceName\nlamp-1b,ali,a2,lamp-1\n"
    assert names(fleet_of(both, inventory=row)) == ["ali/lamp-1", "ali/lamp-1b"]


def test_a_thing_of_onenet_is_matched_by_its_product_and_name():
    box = ListedDevice("box-1", {"productId": "p9", "deviceName": "box-1"}, {"productId": "p9"})
    metre = ListedDevice("8658", {"imei": "865820031234567"}, {"productId": "p8"})
    row = "name,platform,productId,deviceName,imei,site\nhall,one,p9,box-1,865820031234568,lab\n"
    fleet = fleet_of([("{platform: one}", [box, metre])], inventory=row)

    assert names(fleet) == ["one/8658", "one/hall"]
    assert of(fleet, "hall").device.labels == {"product": "p9", "site": "lab"}
    assert of(fleet, "8658").device.labels == {"product": "p8"}


def test_a_device_that_is_told_twice_stands_once():
    assert names(fleet_of([(LAMPS, [lamp(1), lamp(1)])])) == ["ali/lamp-1"]


def test_what_has_no_identity_is_left_out_and_stops_nothing():
    fleet = fleet_of([("{platform: one}", [meter("865820031234567"), ListedDevice("mqtt-box", {}, {})])])

    assert names(fleet) == ["one/865820031234567"]
    assert [(d.code, d.is_error) for d in fleet.diagnostics] == [("RCL165", False)]


@pytest.mark.parametrize("name", ["", "a/b", " a", "a\n", "x\u202ey", "\x1b[2J", "n" * 300])
def test_a_hostile_name_is_left_out_with_its_place(name):
    hostile = ListedDevice(name, {"productKey": "a1", "deviceName": "d"}, {})
    fleet = fleet_of([(LAMPS, [hostile, lamp(1)])])

    assert names(fleet) == ["ali/lamp-1"]
    assert [d.code for d in fleet.diagnostics] == ["RCL165"]
    assert not any(d.is_error for d in fleet.diagnostics)


@pytest.mark.parametrize(
    "facts",
    [
        {"site": "a\u202eb"},
        {"site": "x" * 257},
        {"s" * 129: "x"},
        {"bad\x1bname": "x"},
        {"imei": "865820031234567"},
        {"platform": "one"},
        {"name": "root"},
    ],
)
def test_a_hostile_label_is_left_out_and_the_device_stays(facts):
    fleet = fleet_of([(LAMPS, [lamp(1, **facts)])])

    assert of(fleet, "lamp-1").device.labels == {"product": "a1", "firmware": "1.2", "model": "L3", "class": "lamp"}
    assert [(d.code, d.is_error) for d in fleet.diagnostics] == [("RCL166", False)]


def test_labels_without_end_are_cut():
    fleet = fleet_of([(LAMPS, [lamp(1, **{f"t{n:03}": "x" for n in range(500)})])])

    assert len(of(fleet, "lamp-1").device.labels) == 65
    assert len(fleet.diagnostics) == 2
    assert "more of the same" in " ".join(d.detail for d in fleet.diagnostics)


def test_selector_on_what_was_last_seen_is_told():
    body = "  selector: {matchLabels: {status: ONLINE}}\n  properties: {A: 1}"
    fleet = fleet_of([(LAMPS, [lamp(1, status="ONLINE")])], profile("p", body))

    assert codes(fleet) == ["RCL128", "RCL168"]
    labelled = fleet_of(
        [(LAMPS, [lamp(1)])],
        profile("p", body),
        device("lamp-1", "  platform: ali\n  properties: {B: 1}", "{status: ONLINE}"),
    )
    assert codes(labelled) == []


TEXTS = st.text(max_size=12)
DEVICES = st.builds(
    ListedDevice,
    TEXTS,
    st.dictionaries(st.sampled_from(["imei", "productKey", "deviceName", "iotId"]), TEXTS),
    st.dictionaries(st.one_of(TEXTS, st.sampled_from(["firmware", "status", "lastContact"])), TEXTS, max_size=5),
)


@given(st.lists(DEVICES, max_size=8))
def test_any_listing_reads_back_whole_in_any_order(devices):
    content = render(ALI, devices, NOW)
    assert content == render(ALI, [*reversed(devices)], NOW)
    head = read_heading(content)
    assert (head.platform, head.taken, head.devices) == ("ali", NOW, content.count(b"\n") - 1)
    rows = [row for row, _ in listing_rows(NamedBytes("l.ndjson", content), Tally())]
    assert {row.name for row in rows} <= {device.name for device in devices}
    assert not any({"status", "lastContact"} & row.labels.keys() for row in rows)


WORDS = st.text("abxy", min_size=1, max_size=3)


@given(
    listed=st.dictionaries(st.integers(0, 5), st.dictionaries(WORDS, WORDS, max_size=3)),
    rows=st.dictionaries(st.integers(0, 5), st.dictionaries(WORDS, WORDS, max_size=3)),
    documents=st.dictionaries(st.integers(0, 5), st.dictionaries(WORDS, WORDS, max_size=3)),
)
def test_layers_of_labels_add_up_whatever_speaks_of_a_device(listed, rows, documents):
    """Oracle: one dictionary over the other."""
    devices = [lamp(n, **{f"f{k}": v for k, v in facts.items()}) for n, facts in listed.items()]
    lines = [json.dumps({"name": f"lamp-{n}", "platform": "ali", "productKey": "a1", "labels": {f"f{k}": v for k, v in labels.items()}}) for n, labels in rows.items()]  # fmt: skip
    texts = [device(f"lamp-{n}", "  platform: ali\n  productKey: a1", json.dumps({f"f{k}": v for k, v in labels.items()})) for n, labels in documents.items()]  # fmt: skip
    fleet = fleet_of([(LAMPS, devices)], *texts, ndjson="\n".join(lines))

    assert codes(fleet) == []
    assert names(fleet) == sorted(f"ali/lamp-{n}" for n in {*listed, *rows, *documents})
    for n in {*listed, *rows, *documents}:
        wanted = {"product": "a1", "firmware": "1.2", "model": "L3", "class": "lamp"} if n in listed else {}
        for layer in (listed, rows, documents):
            wanted |= {f"f{k}": v for k, v in layer.get(n, {}).items()}
        assert of(fleet, f"lamp-{n}").device.labels == wanted
        assert of(fleet, f"lamp-{n}").device.identity.as_dict() == {"productKey": "a1", "deviceName": f"lamp-{n}"}


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda text: text[:-5], "changed or cut off"),
        (lambda text: text.replace(b"lamp-1", b"lamp-9"), "changed or cut off"),
        (lambda text: text.replace(b"listing/1", b"listing/2"), "another version"),
        (lambda text: b"", "first line"),
        (lambda text: b"\xff" + text, "first line"),
        (lambda text: b"[" * 100_000, "first line"),
        (lambda text: text.replace(b"+00:00", b""), "changed or cut off"),
    ],
)
def test_a_spoiled_listing_is_known(spoil, why):
    with pytest.raises(ValueError, match=why):
        read_heading(spoil(render(ALI, [lamp(1)], NOW)))


def test_time_of_a_listing_is_kept_to_the_second():
    at = datetime(2026, 11, 22, 8, 0, 7, 999, tzinfo=UTC)
    assert json.loads(render(ALI, [], at).partition(b"\n")[0])["taken"] == "2026-11-22T08:00:07+00:00"
