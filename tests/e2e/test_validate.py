"""`reconcile validate`: offline, without keys, all problems at once."""

import re


def test_a_valid_fleet_is_counted_without_keys_and_without_state(offline):
    """Nothing is written, nobody is asked."""
    done = offline.ok("validate", keys={})
    assert done.out == "city: valid. 3 devices, 2 configurations, 2 platforms\n"
    assert not (offline.folder / "manifests" / ".reconcile").exists()
    assert offline.ok("--lang", "zh", "validate", keys={}).out == "city：有效。3 台设备，2 种配置，2 个平台\n"


def test_one_of_a_kind_is_counted_in_the_singular(offline):
    """`1 device`, not `1 devices`."""
    (offline.folder / "manifests" / "meters.yaml").unlink()
    found = offline.ok("validate", keys={}).out
    assert re.fullmatch(r"city: valid\. 1 device, 1 configuration, \d platforms?\n", found)


def test_all_problems_of_all_files_are_told_with_place_and_exit_1(offline):
    """One run is enough to mend everything."""
    offline.write({
        "a.yaml": "apiVersion: reconcile/v1\nkind: Device\nmetadata: {name: x}\nspec: {platform: onenet-prd, imei: '865820030000009'}\n",
        "b.yaml": "apiVersion: reconcile/v1\nkind: Profile\nmetadata: {name: y}\nspec: {selector: {}, prioritee: 1}\n",
        "c.yaml": "a: [1\n",
    })  # fmt: skip
    done = offline.ok("validate", code=1)
    assert done.out == ""
    for place in ("a.yaml:3:12", "b.yaml:4:22", "c.yaml:1:4"):
        assert place in done.err
    assert "Did you mean `priority`?" in " ".join(done.err.split())
    assert "3 errors" in done.err


def test_warnings_alone_leave_a_fleet_valid(offline):
    """They are told on standard error."""
    offline.write({
        "none.yaml": "apiVersion: reconcile/v1\nkind: Profile\nmetadata: {name: none}\nspec: {selector: {matchLabels: {class: tram}}}\n"
    })  # fmt: skip
    done = offline.ok("validate")
    assert "RCL128 warning" in done.err
    assert "valid. 3 devices" in done.out


def test_a_fleet_without_devices_is_valid_and_its_plan_is_empty(offline):
    """The first commit of a repository."""
    for name in ("meters.yaml", "lamps.yaml"):
        (offline.folder / "manifests" / name).unlink()
    assert "valid. 0 devices" in offline.ok("validate").out
    offline.ok("plan", "--detailed-exitcode", keys={})
    assert offline.ok("apply", "--yes").out.endswith("Nothing was sent\n")
    offline.ok("drift")
    assert offline.ok("status", "--wait", "1s").code == 0
