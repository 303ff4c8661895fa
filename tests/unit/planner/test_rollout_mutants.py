"""The tests of rollouts and safety, turned on programs with a known fault: each must be caught by one of them."""

import inspect
import sys
from itertools import product
from pathlib import Path

import pytest
from rollout_mutants import (
    ABORT,
    ALLOWED,
    GATE,
    GUARD,
    LIMITS,
    MARK,
    MODEL,
    MUTANTS,
    SAVED,
    STAGE,
    WATCH,
    WAVES,
    mutated,
)

UNIT = Path(__file__).parents[1]
for folder in ("apply", "runs"):
    if str(UNIT / folder) not in sys.path:
        sys.path.append(str(UNIT / folder))

CATCHERS = {
    GATE: ["test_rollout_gate"],
    STAGE: ["test_rollout_stage", "test_rollout_gate"],
    WAVES: ["test_rollout_waves"],
    MODEL: ["test_rollout_windows"],
    MARK: ["test_rollout_mark"],
    ABORT: ["test_rollout_abort"],
    LIMITS: ["test_safety_limits", "test_safety_guard", "test_saved_safety"],
    GUARD: ["test_safety_guard"],
    ALLOWED: ["test_saved_safety"],
    SAVED: ["test_apply_run"],
    WATCH: ["test_rollout_watch"],
}


@pytest.mark.parametrize("name", MUTANTS)
def test_every_fault_is_caught(name, tmp_path):
    module, old, new = MUTANTS[name]
    with mutated(module, old, new):
        assert any(_fails(check, case, tmp_path / str(n)) for n, (check, case) in enumerate(_checks(module)))


def _checks(module):
    """Every case of every test of the files that should catch a fault of the module; not those that roll dice."""
    for file in CATCHERS[module]:
        for name, check in vars(__import__(file)).items():
            if name.startswith("test_") and not hasattr(check, "hypothesis"):
                yield from ((check, case) for case in _cases(check))


def _cases(check):
    lists = []
    for mark in getattr(check, "pytestmark", []):
        names = mark.args[0] if isinstance(mark.args[0], list | tuple) else [n.strip() for n in mark.args[0].split(",")]
        rows = (row if len(names) > 1 else (row,) for row in mark.args[1])
        lists.append([dict(zip(names, row, strict=True)) for row in rows])
    return [{name: value for part in parts for name, value in part.items()} for parts in product(*lists)]


def _fails(check, case, folder):
    folder.mkdir()
    wanted = inspect.signature(check).parameters
    given = {**case, **({"tmp_path": folder} if "tmp_path" in wanted else {})}
    opened = []
    for name in wanted.keys() - given.keys():
        make = getattr(sys.modules[check.__module__], name).__wrapped__
        value = make(**({"tmp_path": folder} if "tmp_path" in inspect.signature(make).parameters else {}))
        if inspect.isgenerator(value):
            opened.append(value)
            value = next(value)
        given[name] = value
    try:
        check(**given)
    except (AssertionError, pytest.fail.Exception):
        return True
    finally:
        for each in opened:
            next(each, None)
    return False
