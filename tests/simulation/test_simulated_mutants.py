"""The simulation proves something only if it catches a program that was broken on purpose, whichever rule was broken."""

import sys

import pytest

from .hunt import BUDGET, hunt, known_first
from .mutants import MUTANTS

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_broken_program_is_caught(mutant):
    found = hunt(mutant, known_first(mutant))
    if found is None:
        pytest.fail(f"{mutant.__name__} survived {BUDGET} schedules: {mutant.__doc__}")
    sys.stdout.write(f"caught by {found[0]}: {found[1][:200]}\n")


def test_there_are_as_many_mutants_as_the_documentation_says():
    assert len(MUTANTS) == 68
