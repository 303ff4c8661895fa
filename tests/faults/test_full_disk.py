"""Disks that are full, or cannot be written: said in words, nothing lost, and the same command completes."""

import pytest
from crash_fleet import Mixed
from crash_site import site
from crash_stories import Second
from disks import NO_NAMESPACES, has_namespaces, limited, on_a_small_disk, read_only

needs_mounts = pytest.mark.skipif(not has_namespaces(), reason=NO_NAMESPACES)


@pytest.mark.parametrize(("kind", "most_bytes"), [(Mixed, 4096), (Second, 220_000)])
def test_a_file_that_may_not_grow_any_more(tmp_path, kind, most_bytes):
    with site(tmp_path, kind) as place:
        place.prepare()
        code, said = limited(place, most_bytes)
        assert code == 1, said
        assert "RCL500 error: the state" in said
        assert "run the same command again" in " ".join(said.split())
        place.skip()
        place.finish()
        place.check()


@needs_mounts
def test_a_disk_without_room(tmp_path):
    with site(tmp_path, Mixed) as place:
        (code, said), (after, then) = on_a_small_disk(place, kibibytes=160)
        assert code == 1, said
        assert "has no room left on its disk" in said
        assert "Free some space and run the same command again" in said
        assert after == 0, then
        place.check()


@needs_mounts
def test_a_folder_that_cannot_be_written(tmp_path):
    with site(tmp_path, Mixed) as place:
        (tmp_path / "disk").mkdir()
        place.state_url = f"sqlite:///{tmp_path / 'disk' / 'state.db'}"
        code, said = read_only(place, "apply", "--yes")
        assert (code, place.mutating()) == (1, 0), said
        assert "state.db" in said
        place.apply()
        place.declare(2)
        sent = place.mutating()
        code, said = read_only(place, "apply", "--yes")
        assert (code, place.mutating()) == (1, sent), said
        assert "cannot be written" in said
        code, said = read_only(place, "plan", "--detailed-exitcode")
        assert code == 2, said
        place.apply()
        place.check_settled(2, runs=2, version=2)
