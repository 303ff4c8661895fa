"""What an import left out, in full, as a file beside the manifests: device, resource, reason."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence

from reconcile.runs.adoption.subject import Subject

LEFT_OUT = "import-left-out.csv"


def left_out_file(subjects: Sequence[Subject]) -> bytes:
    """A line for each resource, or for a whole device; empty when nothing was left out."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    rows = [(str(one.chosen.ref), path, why) for one in subjects for path, why in _left(one)]
    if not rows:
        return b""
    writer.writerow(("device", "resource", "why"))
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "backslashreplace")


def reasons(subjects: Sequence[Subject]) -> list[tuple[str, str, int]]:
    """(resource or empty, reason, devices), the most frequent first."""
    counts = Counter((path, why) for one in subjects for path, why in _left(one))
    return sorted(((path, why, count) for (path, why), count in counts.items()), key=lambda one: (-one[2], one[:2]))


def _left(subject: Subject) -> list[tuple[str, str]]:
    whole = [("", subject.problem)] if subject.problem is not None else []
    return whole + sorted(subject.left.items())
