"""A saved plan comes back as it was written, or is refused."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_plan_properties import worlds

from reconcile.model.errors import PlanRefused
from reconcile.report.document import plan_json
from reconcile.runs.plan_document import read_plan_document
from reconcile.runs.planfile import read_plan, write_plan
from reconcile.testing.fleets import plan_of


def saved(plan):
    folder = tempfile.mkdtemp()
    path = Path(folder) / "plan"
    write_plan(plan, path)
    return path


@given(worlds, st.integers(0, 3))
@settings(deadline=None)
def test_plan_file_round_trips(world, requests_before):
    world.apply(world.plan(), stop_after=requests_before)
    plan = plan_of(world.truths())
    back = read_plan(saved(plan))
    assert back == plan
    again = saved(back)
    assert again.read_bytes() == saved(plan).read_bytes()
    document = again.with_suffix(".json")
    document.write_text("".join(plan_json(plan)), encoding="utf-8")
    assert read_plan_document(document) == plan


# gzip's notes of how and when it was packed decide nothing, nor may the last bits before checksum and length; all else
# does.
_NOTES = range(3, 10)
_AFTER_PADDING = 9


@given(worlds, st.data())
@settings(deadline=None, max_examples=200)
def test_flipped_bit_is_refused_and_never_something_else(world, data):
    plan = plan_of(world.truths())
    path = saved(plan)
    whole = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(whole)
    try:
        assert read_plan(path) == plan
    except PlanRefused:
        return
    assert at in _NOTES or at == len(whole) - _AFTER_PADDING


@given(worlds, st.data())
@settings(deadline=None)
def test_cut_file_is_refused(world, data):
    path = saved(plan_of(world.truths()))
    whole = path.read_bytes()
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(PlanRefused):
        read_plan(path)


@given(worlds, st.data())
@settings(deadline=None, max_examples=200)
def test_edited_text_with_a_good_checksum_is_refused(world, data):
    """Whoever edits a plan can pack it again; not one letter may differ, be it a request, a change or a date."""
    path = saved(plan_of(world.truths()))
    text = bytearray(gzip.decompress(path.read_bytes()))
    at = data.draw(st.integers(0, len(text) - 1))
    text[at] = data.draw(st.integers(32, 126).filter(lambda byte: byte != text[at]))
    path.write_bytes(gzip.compress(bytes(text)))
    with pytest.raises(PlanRefused):
        read_plan(path)
