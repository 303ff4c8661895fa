"""Files that are the old one or the new one, whenever somebody looks and whatever ends the program."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path, *, is_private: bool = False) -> Iterator[BinaryIO]:
    """A new file that takes the place of `path` when the block ends well; a link there is replaced, not followed.

    A private one is for its owner alone; any other keeps the mode of the one before. Raises: OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if not is_private:
            Path(beside).chmod(stat.S_IMODE(path.stat().st_mode) if path.is_file() else 0o644)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
