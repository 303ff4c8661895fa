"""Packing: as few requests as possible, to the byte, in one order."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.actions import Write
from reconcile.platforms.onenet.pack import fewest_bins, pack
from reconcile.platforms.onenet.wire import body


def brute_force(costs, room):
    """Fewest bins by trying every partition."""
    best = [len(costs)]

    def place(index, bins):
        if len(bins) >= best[0]:
            return
        if index == len(costs):
            best[0] = len(bins)
            return
        for at in range(len(bins)):
            if bins[at] + costs[index] <= room:
                place(index + 1, [*bins[:at], bins[at] + costs[index], *bins[at + 1 :]])
        place(index + 1, [*bins, costs[index]])

    place(0, [])
    return best[0] if costs else 0


@given(st.lists(st.integers(1, 30), max_size=8))
def test_no_packing_has_fewer_bins(costs):
    bins = fewest_bins(costs, 30)
    assert len(bins) == brute_force(costs, 30)
    assert sorted(index for chosen in bins for index in chosen) == list(range(len(costs)))
    assert all(sum(costs[index] for index in chosen) <= 30 for chosen in bins)


def test_first_fit_decreasing_is_improved_where_it_is_not_optimal():
    costs = [44, 24, 24, 22, 21, 17, 8, 8, 6, 6]
    assert len(fewest_bins(costs, 61)) == 3


def test_many_awkward_items_end_in_time():
    dice = random.Random(7)
    costs = [dice.randint(300, 900) for _ in range(60)]
    assert len(fewest_bins(costs, 2047)) <= -(-sum(costs) // 2047) + 3
    assert len(fewest_bins([10] * 90, 30)) == 30
    assert len(fewest_bins([7] * 5000, 2047)) == -(-5000 // (2047 // 7))


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=300)
values = st.one_of(
    st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False), texts
)


@given(st.dictionaries(st.integers(0, 65535), values, min_size=1, max_size=25), st.randoms())
def test_every_request_fits_and_the_order_of_input_does_not_matter(by_id, shuffler):
    writes = [Write(f"/3303/0/{res_id}", value) for res_id, value in by_id.items()]
    batches = pack(writes)
    assert all(len(body.data(batch)) <= body.LIMIT_BYTES for batch in batches)
    assert sorted(write.path for batch in batches for write in batch) == sorted(write.path for write in writes)
    assert [[w.path for w in batch] for batch in batches] == [
        sorted((w.path for w in batch), key=lambda path: int(path.rpartition("/")[2])) for batch in batches
    ]
    shuffler.shuffle(writes)
    assert pack(writes) == batches


def test_limit_is_reached_to_the_byte():
    empty = len(body.data([Write("/1/0/1", "")]))
    full = Write("/1/0/1", "x" * (body.LIMIT_BYTES - empty))
    assert len(body.data([full])) == 2048
    assert pack([full]) == ((full,),)
    with pytest.raises(ValueError, match="exceeds"):
        pack([Write("/1/0/1", full.value + "x")])


def test_two_items_that_fill_a_request_exactly_share_it():
    empty = len(body.data([Write("/1/0/1", ""), Write("/1/0/2", "")]))
    room = body.LIMIT_BYTES - empty
    writes = [Write("/1/0/1", "水" * (room // 6)), Write("/1/0/2", "x" * (room - room // 6 * 3))]
    assert len(body.data(writes)) == 2048
    assert len(pack(writes)) == 1
    assert len(pack([writes[0], Write("/1/0/2", writes[1].value + "x")])) == 2


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_stay_floats(value):
    text = body.float_text(value)
    read = json.loads(text)
    assert isinstance(read, float)
    assert read == value
    assert "." in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e16, "10000000000000000.0"),
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (1e300, "1.0e+300"),
        (1e-7, "1.0e-07"),
        (0.15, "0.15"),
    ],
)
def test_float_texts(value, text):
    assert body.float_text(value) == text
