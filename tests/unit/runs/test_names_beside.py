"""What a report puts beside a path: the name alone, whichever way a dialect says it."""

import pytest

from reconcile.runs.names import beside


@pytest.mark.parametrize(
    ("path", "said", "name"),
    [
        ("/3303/0/5603", "Temperature/0/Min Range Value", "Temperature/0/Min Range Value"),
        ("Brightness", "Brightness (亮度)", "亮度"),
        ("EnergyModule:period", "EnergyModule:period (Report (s))", "Report (s)"),
        ("Brightness", "Brightness", ""),
        ("On", "On (a", "On (a"),
    ],
)
def test_the_name_beside_a_path_does_not_repeat_the_path(path, said, name):
    assert beside(path, said) == name
