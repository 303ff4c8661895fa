"""Forms of values that OneNET leaves open: what we write arrives or is refused, what we read is known again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from onenet_rig import IMEI, KEYS, REF, UPDATE, Desk, run, send, settings

from reconcile.emulator import EmulatorThread, World
from reconcile.model.actions import Write, WriteNow
from reconcile.model.device import Identity
from reconcile.model.errors import Refused
from reconcile.model.observed import Look
from reconcile.platforms.onenet.objects import questions
from reconcile.platforms.onenet.objects.catalogue import load

MODELS = load([])
DEVICE = {
    "cloud": "onenet",
    "imei": IMEI,
    "obsv": False,
    "resources": {
        "/26250/0/1": {"value": 300, "type": "integer"},
        "/26250/0/2": {"value": -1.5, "type": "float"},
        "/26250/0/3": {"value": True, "type": "boolean"},
        "/26250/0/4": {"value": "ab", "type": "string"},
        "/3303/0/5603": {"value": -20.0, "type": "float"},
        "/3303/0/5800": {"value": "3:0", "type": "objlnk"},
    },
}


class Running:
    """An emulator with one device under some answers, and a client's account there."""

    def __init__(self, **switches):
        self._thread = EmulatorThread(World.from_records([DEVICE], now=datetime.now(UTC), switches=switches))

    def __enter__(self):
        url = self._thread.__enter__().url
        return Desk(url), settings(url, "classic", "classic", keys={"masterKey": KEYS["masterKey"]})

    def __exit__(self, *problem):
        self._thread.__exit__(*problem)


def looked(made, *paths):
    look = Look(paths=paths, wants_reported=True)
    seen = run(made, lambda client: client.observe(REF, Identity.of(imei=IMEI), look))
    assert seen.problem is None
    return {path: resource.reported for path, resource in seen.resources.items()}


def wrote(made, instance, res_id, value, value_type=None):
    action = WriteNow(f"/{instance}", (Write(f"/{instance}/{res_id}", value, value_type),), UPDATE, 25)
    return run(made, lambda client: send(client, action))


@pytest.mark.parametrize("answer", ["text", "binary", "plain"])
def test_values_of_objects_outside_the_catalogue_are_known_again(answer):
    held = {path: spec["value"] for path, spec in DEVICE["resources"].items() if path.startswith("/26250/")}
    with Running(custom_objects=answer) as (_, made):
        seen = looked(made, *held)
        assert isinstance(seen["/26250/0/1"], list) == (answer != "plain")
        for path, value in held.items():
            assert questions.same(MODELS, path, value, seen[path])
            assert not questions.same(MODELS, path, "another" if isinstance(value, str) else 77, seen[path])


@pytest.mark.parametrize(
    ("answer", "good", "bad"),
    [("text", ("19:1", None), ("00130001", "opaque")), ("opaque", ("00130001", "opaque"), ("19:1", None))],
)
def test_object_links_arrive_in_the_form_that_is_wanted_and_are_refused_in_the_other(answer, good, bad):
    with Running(object_link=answer) as (desk, made):
        assert wrote(made, "3303/0", 5800, *good).is_confirmed
        with pytest.raises(Refused, match="REQ_PARAM_ERROR"):
            wrote(made, "3303/0", 5800, *bad)
        assert desk.device()["values"]["/3303/0/5800"] == "19:1"
        seen = looked(made, "/3303/0/5800")["/3303/0/5800"]
        assert seen == ("19:1" if answer == "text" else [0, 19, 0, 1])


@pytest.mark.parametrize(("answer", "unread", "read"), [("known", -10.0, -10.0), ("must_learn", "-10.0", -10.0)])
def test_a_module_that_must_learn_types_gets_them_from_a_look(answer, unread, read):
    """As the page says: without one, the text arrives."""
    for is_looked, arrives in ((False, unread), (True, read)):
        with Running(type_learning=answer) as (desk, made):
            if is_looked:
                assert looked(made, "/3303/0/5603") == {"/3303/0/5603": -20.0}
            wrote(made, "3303/0", 5603, -10.0)
            assert desk.device()["values"]["/3303/0/5603"] == arrives
