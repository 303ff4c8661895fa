"""Counts waivers (noqa, type: ignore) in the package; fails when one gives no reason, or there are more than agreed.

A waiver names its rule and then its reason: `# noqa: S105 - a code, not a secret`, `# type: ignore[arg-type]  # why`.
"""

import re
import sys
from pathlib import Path

AGREED = 35
WAIVER = re.compile(r"#\s*(?:noqa(?:: *[A-Z]+[0-9]+(?:, *[A-Z]+[0-9]+)*)?|type: *ignore(?:\[[^\]]*\])?)(?P<rest>.*)$")


def main() -> int:
    places = [
        (f"{path}:{number}", bool(re.match(r"\s+(-|#)\s*\S", match["rest"])))
        for path in sorted(Path("reconcile").rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if (match := WAIVER.search(line))
    ]
    silent = [place for place, has_reason in places if not has_reason]
    lines = [f"{place}: a waiver without its reason" for place in silent]
    sys.stdout.write("\n".join([*lines, f"{len(places)} waivers, {AGREED} agreed", ""]))
    return 1 if silent or len(places) > AGREED else 0


if __name__ == "__main__":
    sys.exit(main())
