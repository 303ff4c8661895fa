"""A text keeps to its limit to the very unit, and nothing in it is ever cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.report.comment.fit import MOST, Lazy, Part, fit
from reconcile.report.comment.hosts import utf8_bytes, utf16_units

MEASURES = (utf16_units, utf8_bytes)
WORDS = st.text(alphabet="a 电表🔥👩‍🔧é", min_size=1, max_size=30).map(lambda text: f"item {text}")


def _part(items, rank, *, ends, spare):
    return Part(
        ("", "```"),
        tuple(f"{rank}.{number} {item}" for number, item in enumerate(items)),
        ("```",),
        lambda start, stop: f"{rank} left out {start}-{stop}",
        rank,
        ends,
        spare,
    )


parts = st.lists(st.tuples(st.lists(WORDS, max_size=40), st.booleans(), st.booleans()), max_size=4).map(
    lambda found: [
        Part(("# verdict 计划",)),
        *(_part(items, rank, ends=ends, spare=spare) for rank, (items, ends, spare) in enumerate(found) if items),
        Part(("end 🔚",)),
    ]
)


def _whole(found):
    return "".join(f"{line}\n" for part in found for line in (*part.head, *part.items, *part.tail))


@given(parts, st.sampled_from(MEASURES), st.integers(0, 2000))
def test_nothing_is_cut_and_all_that_is_missing_is_counted(found, measure, less):
    whole = _whole(found)
    limit = max(measure(whole) - less, 200)
    text = fit(found, limit, measure)
    assert measure(text) <= limit
    lines = text.splitlines()
    assert lines.count("```") % 2 == 0
    assert (lines[0], lines[-1]) == ("# verdict 计划", "end 🔚")
    for part in found[1:-1]:
        kept = [item for item in part.items if item in lines]
        gaps = [line for line in lines if line.startswith(f"{part.rank} left out")]
        if kept or gaps:
            missing = sum(int(gap.rpartition("-")[2]) - int(gap.split()[-1].partition("-")[0]) for gap in gaps)
            assert len(kept) + missing == len(part.items)


@given(parts, st.sampled_from(MEASURES))
def test_what_fits_exactly_is_whole(found, measure):
    whole = _whole(found)
    for more in (0, 1):
        assert fit(found, measure(whole) + more, measure) == whole


@pytest.mark.parametrize("character", ["a", "电", "🔥", "👩‍🔧"])
@pytest.mark.parametrize("measure", MEASURES)
def test_one_unit_less_leaves_a_whole_item_out(character, measure):
    found = [Part(("verdict",)), _part([character * 30] * 9, 1, ends=True, spare=False)]
    whole = _whole(found)
    text = fit(found, measure(whole) - 1, measure)
    assert "1 left out" in text
    assert measure(text) < measure(whole)
    assert text.splitlines()[-2].endswith(character * 30), "the other end stays"


def test_units_and_bytes_are_those_of_the_field():
    assert (utf16_units("a电🔥"), utf8_bytes("a电🔥")) == (4, 8)


def test_no_room_for_the_verdict_is_an_error():
    with pytest.raises(ValueError, match="no room"):
        fit([Part(("x" * 100,))], 50, utf8_bytes)


def test_a_part_that_grows_first_leaves_the_others_their_first_items():
    found = [_part([f"{'x' * 40}"] * 500, rank, ends=False, spare=False) for rank in (1, 2)]
    lines = fit(found, 4000, utf8_bytes).splitlines()
    kept = [sum(line.startswith(f"{rank}.") for line in lines) for rank in (1, 2)]
    assert kept[0] > kept[1] >= 20


def test_items_that_cannot_be_shown_are_not_even_made():
    made = []

    def make(at):
        made.append(at)
        return f"item {at}"

    part = Part(
        ("head",), Lazy(make, 100_000), left_out=lambda start, stop: f"{stop - start} left out", is_ends_first=True
    )
    text = fit([part], 2_000, utf8_bytes)
    assert len(made) < 300
    assert text.startswith("head\nitem 0\n")
    assert text.endswith("item 99999\n")
    assert len(fit([part], 10**9, utf8_bytes).splitlines()) == 1 + MOST + 1
