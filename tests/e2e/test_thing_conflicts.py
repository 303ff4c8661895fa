"""The same policies on OneNET's thing models, whose sets carry no version: reads around them guard them."""

from test_onenet_things_story import foreign_set, lamps, wish

__all__ = ["lamps"]


def planned(desk, *options):
    return desk.ok("plan", "--format", "json", *options).json


def test_a_conflict_is_held_and_then_won(lamps):
    lamps.ok("apply", "--yes")
    foreign_set(lamps, Brightness=5)
    lamps.edit("lamps.yaml", "Brightness: 60", "Brightness: 70")
    (conflict,) = planned(lamps)["conflicts"]
    assert (conflict["desired"], conflict["recorded"], conflict["observed"]) == (70, 60, 5)
    assert (conflict["conflict"]["recorded_version"], conflict["conflict"]["version"]) == (1, 2)
    lamps.ok("apply", "--yes", code=4)
    assert (wish(lamps)["Brightness"]["value"], wish(lamps, "lamp-2")["Brightness"]["value"]) == (5, 70)
    lamps.edit("lamps.yaml", "Brightness: 70", "Brightness: {value: 70, onConflict: ours}")
    lamps.ok("apply", "--yes")
    assert wish(lamps)["Brightness"]["value"] == 70
    assert planned(lamps, "--refresh", "all")["steps"] == []


def test_what_was_found_is_kept_until_git_follows(lamps):
    lamps.ok("apply", "--yes")
    lamps.edit("lamps.yaml", "Brightness: 60", "Brightness: {value: 70, onConflict: adopt}")
    foreign_set(lamps, Brightness=5)
    lamps.ok("apply", "--yes", code=4)
    assert wish(lamps)["Brightness"]["value"] == 5
    assert len(planned(lamps)["conflicts"]) == 1
    lamps.edit("lamps.yaml", "value: 70", "value: 5")
    lamps.ok("apply", "--yes")
    assert planned(lamps, "--refresh", "all")["steps"] == []
