"""Disks that are full or cannot be written, for root and for others alike: mounts in a namespace of one's own."""

import shlex
import shutil
import subprocess

import odd_process

NO_NAMESPACES = "this system lets nobody mount in a namespace of their own (unshare -rm)"


def has_namespaces():
    """Whether a small disk can be mounted here without any right."""
    if shutil.which("unshare") is None:
        return False
    mounting = ["mount", "-t", "tmpfs", "-o", "size=16k", "probe", "/tmp"]  # seen by nobody else
    tried = subprocess.run(["unshare", "-rm", *mounting], check=False, capture_output=True)
    return tried.returncode == 0


def limited(place, most_bytes):
    """Applies with files that cannot grow beyond so many bytes. The exit code, and what was said."""
    clock = place.folder / "clock"
    clock.write_text("0", encoding="ascii")
    return place.run(*place.WORDS, program=(odd_process.__file__, most_bytes, clock, "--"))


def on_a_small_disk(place, kibibytes):
    """Applies with a state on a disk of that size, then again when there is room, and brings the state home.

    What each of the two said, and its exit code.
    """
    disk, home = place.folder / "disk", place.folder / "state.db"
    disk.mkdir()
    place.state_url = f"sqlite:///{disk / 'state.db'}"
    apply = shlex.join(place.command(*place.WORDS))
    script = f"""
mount -t tmpfs -o size={kibibytes}k small {disk} || exit 99
for left in {home}*; do [ -e "$left" ] && cp "$left" {disk}; done
{apply} > {place.folder}/first 2>&1; echo $? >> {place.folder}/first
mount -o remount,size=64m small {disk} || exit 99
{apply} > {place.folder}/second 2>&1; echo $? >> {place.folder}/second
cp {disk}/state.db* {place.folder}
"""
    place.in_namespace("sh", "-c", script)
    place.state_url = f"sqlite:///{home}"
    told = [(place.folder / name).read_text(encoding="utf-8").rstrip() for name in ("first", "second")]
    return [(int(each.rpartition("\n")[2]), each) for each in told]


def read_only(place, *words):
    """Runs with a state in a folder that cannot be written. The exit code, and what was said."""
    folder = shlex.quote(str(place.folder / "disk"))
    script = f"mount --bind {folder} {folder} && mount -o remount,bind,ro {folder} || exit 99; exec "
    return place.in_namespace("sh", "-c", script + shlex.join(place.command(*words)))
