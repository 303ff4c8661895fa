"""The time of a device is that of its plan without start-up, beside that of the size before."""

from __future__ import annotations

from benchmarks.measure import Cost
from benchmarks.scale_growth import HEAD, rows_of


def test_time_of_a_device_leaves_start_up_out_and_is_compared_with_the_size_before():
    costs = [Cost(0.5, 0.25, 30), Cost(0.7, 0.75, 40), Cost(2.9, 5.25, 50)]
    start, small, large = rows_of("plan", [100_000, 1_000_000], costs)
    assert start[:5] == ["plan, start-up", "100", "0.500 s", "0.250 s", "30 MB"]
    assert small[5:] == ["2.00 µs", "5.00 µs", "", ""]
    assert large[5:] == ["2.40 µs", "5.00 µs", "1.20 ×", "1.00 ×"]
    assert {len(row) for row in (start, small, large)} == {len(HEAD)}
