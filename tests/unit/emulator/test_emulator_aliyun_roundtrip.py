"""Any thing model survives both dialects, draft or published, module by module."""

import json

from emulator_desk import LAMP, Desk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

IDENTIFIERS = st.text("abcdefgXYZ_019", min_size=1, max_size=8).filter(lambda text: text not in ("set", "get", "post"))
NAMES = st.text(max_size=6)
NUMBERS = st.integers(-1000, 1000).map(str)
LIMITS = st.fixed_dictionaries({}, optional={"min": NUMBERS, "max": NUMBERS, "step": NUMBERS, "unit": NAMES.filter(bool), "unitName": NAMES.filter(bool)})  # fmt: skip
LABELS = st.dictionaries(st.integers(-5, 70).map(str), NAMES, min_size=1, max_size=3)
NUMERIC = st.tuples(st.sampled_from(["int", "float", "double"]), LIMITS)
LABELLED = st.tuples(st.sampled_from(["bool", "enum"]), LABELS)
TEXT = st.tuples(st.just("text"), st.fixed_dictionaries({"length": st.integers(1, 10240).map(str)}))
DATE = st.tuples(st.just("date"), st.just({}))
SCALARS = (NUMERIC | LABELLED | TEXT | DATE).map(lambda pair: {"type": pair[0], "specs": pair[1]})


def arguments(types):
    one = st.fixed_dictionaries({"identifier": IDENTIFIERS, "name": NAMES, "dataType": types})
    return st.lists(one, max_size=3, unique_by=lambda entry: entry["identifier"])


STRUCTS = arguments(SCALARS).map(lambda members: {"type": "struct", "specs": members})
ARRAYS = st.tuples(st.integers(1, 512).map(str), SCALARS | STRUCTS).map(
    lambda pair: {"type": "array", "specs": {"size": pair[0], "item": pair[1]}}
)
TYPES = SCALARS | STRUCTS | ARRAYS
PROPERTIES = st.lists(
    st.fixed_dictionaries({"identifier": IDENTIFIERS, "name": NAMES, "accessMode": st.sampled_from(["r", "rw"]), "required": st.booleans(), "dataType": TYPES}),
    max_size=4, unique_by=lambda entry: entry["identifier"],
)  # fmt: skip
SERVICES = st.lists(
    st.fixed_dictionaries({"identifier": IDENTIFIERS, "name": NAMES, "callType": st.sampled_from(["sync", "async"]), "inputData": arguments(TYPES), "outputData": arguments(TYPES)}),
    max_size=2, unique_by=lambda entry: entry["identifier"],
)  # fmt: skip
EVENTS = st.lists(
    st.fixed_dictionaries({"identifier": IDENTIFIERS, "name": NAMES, "type": st.sampled_from(["info", "alert", "error"]), "outputData": arguments(TYPES)}),
    max_size=2, unique_by=lambda entry: entry["identifier"],
)  # fmt: skip
PARTS = st.fixed_dictionaries({"profile": st.just({}), "properties": PROPERTIES, "services": SERVICES, "events": EVENTS})  # fmt: skip
MODULES = st.dictionaries(IDENTIFIERS, PARTS, max_size=2).map(
    lambda found: [
        part | {"functionBlockId": name, "functionBlockName": f"{name} module"} for name, part in found.items()
    ]
)


def served(desk, member, action, modules):
    """A model as the cloud answers it: the default module, then the others one by one."""
    texts = [desk.rpc(action, ProductKey="a1")["Data"][member]]
    texts += [desk.rpc(action, ProductKey="a1", FunctionBlockId=one)["Data"][member] for one in modules]
    return [json.loads(text) for text in texts]


@settings(deadline=None, derandomize=True, max_examples=60, suppress_health_check=list(HealthCheck))
@given(part=PARTS, modules=MODULES)
def test_model_survives_both_dialects(part, modules):
    names = [module["functionBlockId"] for module in modules]
    first = Desk(LAMP | {"thingModel": [part, *modules]})
    tsl = served(first, "TslStr", "GetThingModelTslPublished", names)
    assert [entry["identifier"] for entry in tsl[0]["properties"]] == [one["identifier"] for one in part["properties"]]
    assert tsl[0]["properties"] == part["properties"]
    other = served(first, "ThingModelJson", "QueryThingModelPublished", names)
    for again in (tsl, other):
        second = Desk(LAMP | {"thingModel": [_without_listing(one) for one in again]})
        assert served(second, "TslStr", "GetThingModelTslPublished", names) == tsl
        assert served(second, "ThingModelJson", "QueryThingModelPublished", names) == other
    drafts = served(first, "ThingModelJson", "QueryThingModel", names)
    assert drafts == [{key: value for key, value in one.items() if key != "_ppk"} for one in other]


def _without_listing(document):
    """Without the names of the other modules, which follow in documents of their own."""
    return {key: value for key, value in document.items() if key != "functionBlocks"}
