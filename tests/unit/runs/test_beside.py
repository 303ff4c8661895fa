"""Work in a forked process: its result, its failure, and its end when nobody waits for it."""

import os
import sys
import time

import pytest

from reconcile.runs.beside import Beside

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),  # a test may have threads
]


def fails():
    raise ValueError


def is_gone(child):
    try:
        os.kill(child, 0)
    except ProcessLookupError:
        return True
    return False


def test_the_result_comes_back_from_another_process():
    here = os.getpid()
    begun = Beside(lambda: (here, os.getpid(), "x" * 1_000_000))
    parent, child, text = begun.result()
    assert (parent, len(text)) == (here, 1_000_000)
    assert child != here
    begun.stop()
    assert is_gone(child)


@pytest.mark.parametrize("work", [fails, lambda: sys.exit(3), lambda: os.kill(os.getpid(), 9), lambda: lambda: None])
def test_work_that_fails_has_no_result(work, capfd):
    assert Beside(work).result() is None
    assert capfd.readouterr() == ("", "")


def test_nobody_is_left_behind_that_nobody_waits_for():
    begun = Beside(lambda: time.sleep(60))
    child = begun._child
    before = time.monotonic()
    begun.stop()
    assert is_gone(child)
    assert time.monotonic() - before < 30
    begun.stop()
