"""The shipped catalogue, and paths in names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lwm2m_kit import catalogue, ddf, item

from reconcile.platforms.onenet.objects.catalogue import Catalogue
from reconcile.platforms.onenet.objects.definition import Kind
from reconcile.platforms.onenet.objects.names import read_path, show_path
from reconcile.platforms.onenet.objects.shipped import shipped, shipped_ids
from reconcile.ports import Problem

SHIPPED = Catalogue()
PATHS = [f"/{obj}/0/{res}" for obj in shipped_ids() for res in shipped(obj).resources]


def test_the_objects_that_users_meet_most_are_shipped():
    wanted = {3, 4, 5, 6, 7, 19, *range(3200, 3204), *range(3300, 3307), 3308, *range(3311, 3319), *range(3320, 3351)}
    assert wanted <= set(shipped_ids())


def test_the_catalogue_is_consistent():
    for object_id in shipped_ids():
        found = shipped(object_id)
        assert found.name == " ".join(found.name.split())
        names = [resource.name.casefold() for resource in found.resources.values()]
        assert len(names) == len(set(names)) == len(found.resources) > 0
        for resource in found.resources.values():
            assert set(resource.operations) <= set("RWE"), (object_id, resource)
            assert ("E" in resource.operations) or resource.kind is not Kind.NONE
            assert not resource.is_contested or resource.operations == "R"
            assert resource.registry_kind is not resource.kind


@pytest.mark.parametrize(
    ("path", "kind", "registry"),
    [
        ("3200/5505", Kind.OPAQUE, Kind.STRING),
        ("3202/5605", Kind.OPAQUE, Kind.STRING),
        ("3203/5605", Kind.OPAQUE, Kind.STRING),
        ("3310/5824", Kind.STRING, Kind.TIME),
        ("3310/5825", Kind.STRING, Kind.INTEGER),
        ("3311/5750", Kind.OPAQUE, Kind.STRING),
        ("3316/5821", Kind.STRING, Kind.FLOAT),
        ("3322/5605", Kind.OPAQUE, Kind.STRING),
        ("3322/5821", Kind.STRING, Kind.FLOAT),
        ("3330/5605", Kind.OPAQUE, Kind.STRING),
        ("3338/5548", Kind.OPAQUE, Kind.FLOAT),
    ],
)  # fmt: skip
def test_deviations_that_onenet_documents(path, kind, registry):
    obj, res = map(int, path.split("/"))
    found = SHIPPED.resource(obj, res)
    assert (found.kind, found.registry_kind) == (kind, registry)


def test_resources_that_onenet_added():
    assert (SHIPPED.resource(3, 26261).kind, SHIPPED.resource(5, 26500).kind) == (Kind.INTEGER, Kind.INTEGER)
    assert SHIPPED.resource(5, 26501).operations == "E"
    assert SHIPPED.resource(3331, 5805).kind is Kind.FLOAT


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("Temperature/0/Min Range Value", "/3303/0/5603"),
        ("/Temperature/0/min  range value", "/3303/0/5603"),
        ("/3303/0/Min Range Value", "/3303/0/5603"),
        ("Temperature/2/5603", "/3303/2/5603"),
        ("Device/0/Reboot", "/3/0/4"),
        ("Light Control/0/On/Off", "/3311/0/5850"),
        ("Up/Down Control/1/Up Counter", "/3344/1/5541"),
        ("On/Off switch/0/On Time", "/3342/0/5852"),
        ("lwm2m server/0/Lifetime", "/1/0/1"),
        ("/3303/0/5603", "/3303/0/5603"),
        ("03303/0/5603", "/3303/0/5603"),
    ],
)  # fmt: skip
def test_names_and_numbers_lead_to_one_path(text, path):
    assert read_path(SHIPPED, text) == path


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        ("Temprature/0/Min Range Value", "RCL202", "Did you mean Temperature?"),
        ("Temperature/0/Min Rang Value", "RCL203", "Did you mean Min Range Value"),
        ("Location/0/Latitude", "RCL202", "6 and 3336"),
        ("/26250/0/Level", "RCL202", "No definition of object 26250"),
        ("Temperature/Min Range Value", "RCL202", "three numbers"),
        ("Temperature/x/5603", "RCL202", "three numbers"),
        ("/3303/0", "RCL202", "three numbers"),
        ("/3303/0/99999", "RCL202", "65535"),
        ("/99999/0/Level", "RCL202", "99999"),
        ("123456/0/Level", "RCL202", "five digits"),
        ("", "RCL202", "three numbers"),
    ],
)  # fmt: skip
def test_what_names_no_resource_is_told_with_advice(text, code, word):
    found = read_path(SHIPPED, text)
    assert isinstance(found, Problem)
    assert found.code == code
    assert word in found.detail


def test_a_name_that_two_resources_share_is_refused():
    known = catalogue(ddf(item(1, "Level"), item(2, "level")))
    found = read_path(known, "Valve/0/Level")
    assert isinstance(found, Problem)
    assert "1 and 2" in found.detail


def test_the_fleets_own_definition_replaces_the_shipped_one():
    known = catalogue(ddf(item(1, "Frost"), object_id=3303, name="Water Temperature"))
    assert read_path(known, "Water Temperature/0/Frost") == "/3303/0/1"
    assert isinstance(read_path(known, "Temperature/0/Sensor Value"), Problem)
    assert show_path(known, "/3303/0/1") == "Water Temperature/0/Frost"


@given(st.sampled_from(PATHS))
def test_a_shown_name_leads_back_to_its_path(path):
    found = read_path(SHIPPED, show_path(SHIPPED, path))
    assert found == path or (isinstance(found, Problem) and "6 and 3336" in found.detail)


@given(st.text(max_size=80))
def test_any_text_is_a_path_or_a_problem(text):
    found = read_path(SHIPPED, text)
    assert isinstance(found, Problem) or found.startswith("/")
