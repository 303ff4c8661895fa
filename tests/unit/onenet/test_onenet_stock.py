"""Which resources of an LwM2M device a manifest may set, and what it says for what OneNET tells."""

import pytest

from reconcile.platforms.onenet.objects.catalogue import Catalogue
from reconcile.platforms.onenet.objects.stock import declare, stock
from reconcile.ports import Problem, TypedValue

SHIPPED = Catalogue()


def test_only_known_and_writable_resources_are_taken_in_the_order_of_numbers():
    noted = ["/3303/0/5700", "/3303/0/5604", "/1/0/2", "/3/0/4", "/3/0/13", "/0/0/5", "/9999/0/1", "/10/0/x", "/1/0/2"]
    assert stock(SHIPPED, noted) == ["/1/0/2", "/3303/0/5604"]


@pytest.mark.parametrize(
    ("path", "seen", "value"),
    [
        ("/1/0/2", 300, 300),
        ("/1/0/2", "300", 300),
        ("/3303/0/5604", "60", 60.0),
        ("/3303/0/5604", 60, 60.0),
        ("/3303/0/5604", "-1e-3", -0.001),
        ("/3/0/15", "Asia/Shanghai", "Asia/Shanghai"),
        ("/1/0/6", "true", True),
    ],
)
def test_a_value_comes_back_in_the_type_of_its_definition(path, seen, value):
    found = declare(SHIPPED, path, seen)
    assert isinstance(found, TypedValue), found
    assert (found.value, type(found.value)) == (value, type(value))


@pytest.mark.parametrize(
    ("path", "seen"), [("/1/0/2", "soon"), ("/1/0/2", {"0": 1}), ("/1/0/2", "[49]"), ("/9/9/9", 1)]
)
def test_what_is_not_certain_has_no_form(path, seen):
    assert isinstance(declare(SHIPPED, path, seen), Problem)
