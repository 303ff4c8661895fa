"""A bare repository of one open state: objects are written here by us, and read with git.

Formats: git's documentation, gitformat-loose and gitformat-commit: `zlib(kind + " " + length + NUL + body)`, named by
its SHA-1. Writing them ourselves costs no process; git checks every one of them when it pushes.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from reconcile.model.errors import StateError
from reconcile.state.gitref.git import run

SEEN: Final = "refs/seen"
"""The ref under which we keep what the remote had."""


class Objects:
    """`folder` is an empty folder, ours alone. `settings` are lines of its configuration."""

    def __init__(self, folder: Path, settings: str = "") -> None:
        self.folder = folder
        for name in ("objects", "refs"):
            (folder / name).mkdir()
        (folder / "HEAD").write_text("ref: refs/heads/none\n", encoding="utf-8")
        config = f"[core]\n\trepositoryformatversion = 0\n\tbare = true\n{settings}"
        (folder / "config").write_text(config, encoding="utf-8")

    def write(self, kind: str, body: bytes) -> str:
        """Keeps an object; returns its name."""
        whole = b"%s %d\0%b" % (kind.encode(), len(body), body)
        name = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        path = self.folder / "objects" / name[:2] / name[2:]
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(zlib.compress(whole, 1))
        return name

    def write_tree(self, files: Mapping[str, str]) -> str:
        """A tree of files, by path; returns its name."""
        here: dict[str, str] = {}
        below: dict[str, dict[str, str]] = {}
        for path, name in files.items():
            first, slash, rest = path.partition("/")
            if slash:
                below.setdefault(first, {})[rest] = name
            else:
                here[first] = name
        entries = [(first.encode(), b"100644", name) for first, name in here.items()]
        entries += [(first.encode() + b"/", b"40000", self.write_tree(inner)) for first, inner in below.items()]
        body = b"".join(
            b"%b %b\0%b" % (mode, path.rstrip(b"/"), bytes.fromhex(name)) for path, mode, name in sorted(entries)
        )
        return self.write("tree", body)

    def write_commit(self, tree: str, parent: str | None, message: str, at: int) -> str:
        """A commit; `at` in seconds since 1970. Returns its name."""
        who = f"reconcile <noreply@reconcile.invalid> {at} +0000"
        above = f"parent {parent}\n" if parent else ""
        return self.write("commit", f"tree {tree}\n{above}author {who}\ncommitter {who}\n\n{message}\n".encode())

    def keep(self, commit: str) -> None:
        """Remembers a commit as seen: the next fetch need not bring it."""
        (self.folder / SEEN).write_text(f"{commit}\n", encoding="ascii")

    def files(self, commit: str) -> dict[str, str]:
        """The files of a commit: names of their content, by path."""
        found = {}
        for line in self._asked(["ls-tree", "-r", "-z", "--full-tree", commit]).split(b"\0"):
            if line:
                head, _, path = line.partition(b"\t")
                found[path.decode("utf-8", "replace")] = head.split()[2].decode()
        return found

    def read(self, names: Sequence[str]) -> Iterator[bytes]:
        """The content of those objects, in that order."""
        if not names:
            return
        answer, at = self._asked(["cat-file", "--batch"], "".join(f"{name}\n" for name in names).encode()), 0
        for _ in names:
            end = answer.index(b"\n", at)
            size = int(answer[at:end].split()[2])
            yield answer[end + 1 : end + 1 + size]
            at = end + 1 + size + 1

    def _asked(self, arguments: Sequence[str], given: bytes = b"") -> bytes:
        answer = run(self.folder, arguments, given)
        if not answer.is_good:
            raise StateError(f"the state's git objects cannot be read: {answer.complaint}. Run the command again.")
        return answer.output
