"""What users of other tools complain about when devices sleep, each as a small fleet and the plan that answers it.

The folders are read as those of `plan/` are. `plan.txt` is what a person reads, `plan.json` what is decided.
"""

import json
from pathlib import Path

import pytest
from test_plan import loaded, read, short

from reconcile.report.text import plan_text
from reconcile.testing.fleets import plan_of

CASES = Path(__file__).parent / "complaints"
NAMES = sorted(path.name for path in CASES.iterdir() if path.is_dir())
NUMBERS = range(14, 25)


@pytest.mark.parametrize("case", NAMES)
def test_plan_answers_the_complaint(case, update_golden):
    plan = plan_of(read(CASES / case))
    decided, told = short(plan), without_costs(plan_text(plan))
    if update_golden:
        (CASES / case / "plan.json").write_text(
            json.dumps(decided, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        (CASES / case / "plan.txt").write_text(told, encoding="utf-8")
    assert decided == json.loads((CASES / case / "plan.json").read_text(encoding="utf-8"))
    assert told == (CASES / case / "plan.txt").read_text(encoding="utf-8")


def without_costs(text):
    """What a plan does and why; its costs, its forecast and its name are told elsewhere."""
    lines = text.partition("\nRequests\n")[0].splitlines()
    return "".join(f"{line}\n" for line in lines if "bytes" not in line).rstrip() + "\n"


def test_every_complaint_has_its_plan_and_says_what_it_shows():
    assert [int(case.partition("-")[0]) for case in NAMES] == list(NUMBERS)
    assert all(loaded(CASES / case, "desired")["shows"] for case in NAMES)
