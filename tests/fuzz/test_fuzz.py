"""A short run of every fuzz target, the same each time; `python -m tests.fuzz TARGET` goes on for longer."""

import random
from pathlib import Path

import pytest
from mutate import mutated
from targets import TARGETS, opened

ENOUGH = 60
CORPUS = Path(__file__).parent / "corpus"


@pytest.mark.parametrize("name", TARGETS)
def test_reader_raises_nothing_but_what_it_documents(name):
    dice = random.Random(name)
    with opened(name) as target:
        for kept in sorted(CORPUS.glob(f"{name}-*")):
            target.read(kept.read_bytes())
        assert target.seeds
        for _ in range(ENOUGH):
            target.read(mutated(dice.choice(target.seeds), dice))
