"""Counts waivers (noqa, type: ignore) in the package and fails when there are more than agreed, or one gives no reason."""

import re
import sys
from pathlib import Path

AGREED = 40
WAIVER = re.compile(r"#\s*(noqa|type: ignore)(:[^#]*|\[[^\]]*\])?\s*(?P<reason>(#|-).*)?$")


def main() -> int:
    found = []
    for path in sorted(Path("reconcile").rglob("*.py")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            match = WAIVER.search(line)
            if match:
                found.append((f"{path}:{number}", bool(match["reason"])))
    silent = [place for place, has_reason in found if not has_reason]
    for place in silent:
        print(f"{place}: a waiver without its reason")
    print(f"{len(found)} waivers, {AGREED} agreed")
    return 1 if silent or len(found) > AGREED else 0


sys.exit(main())
