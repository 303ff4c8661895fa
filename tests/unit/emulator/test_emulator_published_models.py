"""Real thing models, where the folder that holds them is at hand."""

import json
from pathlib import Path

import pytest
from emulator_desk import LAMP, Desk

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "tsl"
FILES = sorted(FOLDER.glob("*.json"))


@pytest.mark.skipif(not FILES, reason="the real models are not beside this checkout")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_published_model_survives_both_dialects(path):
    """Read as TSL, printed as ThingModelJson, read again: the same TSL."""
    model = json.loads(path.read_text(encoding="utf-8"))
    first = Desk(LAMP | {"thingModel": model})
    other = json.loads(first.rpc("QueryThingModelPublished", ProductKey="a1")["Data"]["ThingModelJson"])
    second = Desk(LAMP | {"thingModel": other})
    tsl = [desk.rpc("GetThingModelTslPublished", ProductKey="a1")["Data"]["TslStr"] for desk in (first, second)]
    assert json.loads(tsl[0])["properties"]
    assert json.loads(tsl[0]) == json.loads(tsl[1])
