"""Thing models at hand against those in force in an account: what `doctor` says of each product."""

from __future__ import annotations

import asyncio
import copy
import json

import pytest
from aliyun_rig import BORN, control, settings

from reconcile.emulator import EmulatorThread, World
from reconcile.platforms.aliyun import PLATFORM, doctor_models
from reconcile.ports import ComparesModels, NamedBytes

LAMP, BARE = "a1BwAGVxxxx", "a1Bare"


def prop(identifier, data_type):
    return {"identifier": identifier, "name": identifier, "accessMode": "rw", "required": False, "dataType": data_type}


def number(maximum):
    return {"type": "int", "specs": {"min": "0", "max": maximum, "step": "1", "unit": "%"}}


MODES = {"type": "enum", "specs": {"0": "off", "1": "on"}}
COLOR = {"type": "struct", "specs": [prop("Red", number("255")), prop("Rate", {"type": "double", "specs": {"min": "-4.9E-324", "max": "1"}})]}  # fmt: skip
LIST = {"type": "array", "specs": {"size": "8", "item": {"type": "text", "specs": {"length": "16"}}}}
DEFAULT = {
    "schema": "s",
    "profile": {"productKey": LAMP, "version": "1.1"},
    "properties": [prop("Brightness", number("100")), prop("Mode", MODES), prop("Color", COLOR), prop("Names", LIST)],
    "functionBlocks": [
        {"functionBlockId": block, "functionBlockName": block, "productKey": LAMP} for block in ("energy", "spare")
    ],
}
ENERGY = {
    "profile": {"productKey": LAMP},
    "functionBlockId": "energy",
    "functionBlockName": "energy",
    "properties": [prop("since", {"type": "date", "specs": {}})],
}
SPARE = ENERGY | {"functionBlockId": "spare", "functionBlockName": "spare", "properties": [prop("x", number("1"))]}


def account(*published, product=LAMP, **more):
    named = {"version": "1.2", **more}
    model = {"thingModel": list(published)} if published else {}
    record = {"cloud": "aliyun", "productKey": product, "deviceName": "d", "sleep": {"kind": "none"}, "product": named}
    return record | model


def compared(url, *files, keys=(LAMP,), spec=None):
    """(key, mark, values) of each finding."""

    async def run():
        setting = settings(url, spec)
        models = PLATFORM.dialect.load_models(
            NamedBytes(f"{n}.json", json.dumps(file).encode()) for n, file in enumerate(files)
        )
        assert models.problems == ()
        examiner = PLATFORM.examiner(setting.config, url)
        assert isinstance(examiner, ComparesModels)
        return await examiner.compare_models(setting, models, keys)

    return [(each.key, each.mark.value, dict(each.values)) for each in asyncio.run(run())]


@pytest.fixture(scope="module")
def url():
    population = [account(DEFAULT, ENERGY, SPARE), account(product=BARE, validateType=2)]
    with EmulatorThread(World.from_records(population, now=BORN)) as running:
        yield running.url


@pytest.mark.parametrize("answer", ["default", "all"])
@pytest.mark.parametrize("spec", [{"signature": "acs3"}, {"signature": "v1", "format": "xml"}], ids=str)
def test_what_is_published_says_the_same_in_the_other_dialect(url, answer, spec):
    """Whatever a query without a module answers. The module that no file holds is not compared."""
    control(url, "switches", {"model_default_module": answer})
    said = {"product": LAMP, "version": "1.2"}
    assert compared(url, DEFAULT, ENERGY, spec=spec) == [("models.in_force", "ok", said)]


def test_names_units_and_labels_are_for_people(url):
    told = json.loads(json.dumps(DEFAULT).replace('"off"', '"aus"').replace('"%"', '"percent"'))
    assert [key for key, _, _ in compared(url, told)] == ["models.in_force"]


def changed(path, value):
    document = copy.deepcopy(DEFAULT)
    entry = document["properties"]
    for step in path[:-1]:
        entry = entry[step]
    entry[path[-1]] = value
    return document


@pytest.mark.parametrize(
    ("ours", "told"),
    [
        (changed((0, "dataType", "specs", "max"), "60"), "~Brightness"),
        (changed((0, "dataType", "type"), "float"), "~Brightness"),
        (changed((0, "accessMode"), "r"), "~Brightness"),
        (changed((0, "identifier"), "Old"), "+Brightness -Old"),
        (changed((1, "dataType", "specs", "2"), "dim"), "~Mode"),
        (changed((2, "dataType", "specs", 0, "dataType"), number("254")), "~Color"),
        (changed((2, "dataType", "specs", 0, "identifier"), "Rot"), "~Color"),
        (changed((3, "dataType", "specs", "item", "specs", "length"), "17"), "~Names"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_difference_is_named(url, ours, told):
    values = {"product": LAMP, "version": "1.2", "ours": "1.1", "differences": told}
    assert compared(url, ours) == [("models.outdated", "warning", values)]


def test_a_difference_in_a_module_is_named_with_it(url):
    energy = ENERGY | {"properties": [prop("until", {"type": "date", "specs": {}})]}
    ((_, _, values),) = compared(url, DEFAULT, energy)
    assert values["differences"] == "+energy:since -energy:until"


def test_a_product_without_model_or_validation_and_one_that_does_not_exist(url):
    bare = {"schema": "s", "profile": {"productKey": BARE}, "properties": [prop("Brightness", number("1"))]}
    found = compared(url, bare, keys=("", BARE, "a1Nobody", BARE))
    assert [(key, mark) for key, mark, _ in found] == [
        ("models.unvalidated", "warning"),
        ("models.unpublished", "warning"),
        ("models.not_compared", "skipped"),
    ]
    assert "iot.prod.NotExistedProduct" in found[-1][2]["message"]
    assert found[-1][2]["product"] == "a1Nobody"


@pytest.mark.parametrize("fault", ["errno:Forbidden.RAM", "garbled_body"])
def test_a_call_that_is_refused_or_garbled_costs_only_the_answer(url, fault):
    control(url, "faults", {"rules": [{"match": {"operation": "thing_model"}, "fault": fault}]})
    try:
        assert [(key, mark) for key, mark, _ in compared(url, DEFAULT)] == [("models.not_compared", "skipped")]
    finally:
        control(url, "faults", {"rules": []})


def test_a_fleet_of_many_products_is_not_asked_for_whole(url, monkeypatch):
    monkeypatch.setattr(doctor_models, "MOST_PRODUCTS", 1)
    found = compared(url, keys=[f"a1Nobody{n}" for n in range(4)])
    assert found[-1] == ("models.more", "skipped", {"n": 3})
