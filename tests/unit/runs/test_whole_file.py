"""Files that are replaced whole: the old one stays when anything goes wrong, and modes are as they should be."""

import stat

import pytest

from reconcile.cli.formats import give
from reconcile.cli.output import Console
from reconcile.runs.whole_file import replacing


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def half_written(path):
    with replacing(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt


@pytest.mark.parametrize("old", [None, b"old"])
def test_a_block_that_fails_leaves_what_was_there(tmp_path, old):
    path = tmp_path / "file"
    if old is not None:
        path.write_bytes(old)

    with pytest.raises(KeyboardInterrupt):
        half_written(path)

    assert (path.read_bytes() if path.exists() else None) == old
    assert [one.name for one in tmp_path.iterdir()] == ([] if old is None else ["file"])


def test_a_new_file_is_readable_a_private_one_is_not_and_an_old_one_keeps_its_mode(tmp_path):
    old = tmp_path / "old"
    old.write_bytes(b"old")
    old.chmod(0o640)
    for name, is_private in (("folder/new", False), ("private", True), ("old", False)):
        with replacing(tmp_path / name, is_private=is_private) as file:
            file.write(b"new")

    assert [mode(tmp_path / name) for name in ("folder/new", "private", "old")] == [0o644, 0o600, 0o640]
    assert old.read_bytes() == b"new"


def test_a_link_is_replaced_where_files_are_ours_and_written_through_where_a_user_named_it(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)

    give(Console.of(lang="en"), ["through ", "it"], f"--out {link}", link)
    assert link.is_symlink()
    assert target.read_bytes() == b"through it"

    with replacing(link) as file:
        file.write(b"new")
    assert not link.is_symlink()
    assert target.read_bytes() == b"through it"


def test_a_device_is_written_to_and_not_replaced(tmp_path):
    link = tmp_path / "nowhere"
    link.symlink_to("/dev/null")

    give(Console.of(lang="en"), ["text"], f"--out {link}", link)

    assert link.is_char_device()
