"""`reconcile demo`: the whole story without an account, in a terminal of 80 columns."""

import time
import unicodedata

import pytest
from desk import COLOR, Desk


def columns(line):
    """The width of a line on a terminal; Chinese characters take two columns."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line if not unicodedata.combining(c))


@pytest.mark.parametrize(("lang", "last"), [("en", "Nothing to do"), ("zh", "无需")])
def test_demo_ends_with_an_empty_plan_in_time_and_fits_80_columns(tmp_path, lang, last):
    """No keys, no manifests, no network beyond loopback."""
    started = time.monotonic()
    done = Desk(tmp_path).ok("--lang", lang, "demo", keys={}, env={"COLUMNS": "80"})
    assert time.monotonic() - started < 20
    assert [line for line in (done.out + done.err).splitlines() if columns(line) > 80] == []
    assert COLOR not in done.out
    assert last in done.out.rpartition("$ reconcile plan --refresh all")[2]
    assert list(tmp_path.iterdir()) == []
