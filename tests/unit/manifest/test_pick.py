"""The rows of one device, wherever they stand in a file, are those that reading the whole file finds."""

import pytest

from reconcile.manifest.inventory_csv import columns_of, rows_of
from reconcile.manifest.layer_codes import Tally
from reconcile.manifest.settled import pick as picking
from reconcile.manifest.settled.screened import NotScreenedError
from reconcile.ports import NamedBytes

HEADER = "name,platform,productKey,deviceName,class"
ROWS = [f"lamp-{n},aliyun,k{n},lamp-{n},lamp" for n in (1, 10, 2, 100, 11, 10, 3, 1)]


def whole(text, name):
    tally = Tally()
    records = list(enumerate((line.split(",") for line in text.split("\n") if line), 1))
    columns = columns_of("d.csv", records[0], tally)
    return [row for row in rows_of("d.csv", columns, records[1:], tally) if row.name == name]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16, 41, 4096])
@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("name", ["lamp-1", "lamp-10", "lamp-100", "lamp-3"])
def test_the_rows_of_a_device_are_found_in_pieces_of_any_size(monkeypatch, name, end, size):
    monkeypatch.setattr(picking, "_PIECE_BYTES", size)
    text = "\n".join([HEADER, *ROWS]) + end
    ((_, rows, _),) = picking.pick([NamedBytes("d.csv", text.encode())], (), None, name).kept

    assert rows == whole(text, name)
    assert rows


@pytest.mark.parametrize("size", [1, 7, 4096])
@pytest.mark.parametrize("odd", ['"', "\0", "\r"])
@pytest.mark.parametrize("at", [3, -1])
def test_a_file_that_is_not_so_simple_is_left_to_others(monkeypatch, at, odd, size):
    monkeypatch.setattr(picking, "_PIECE_BYTES", size)
    rows = [*ROWS]
    rows[at] += odd + "x"

    with pytest.raises(NotScreenedError):
        picking.pick([NamedBytes("d.csv", "\n".join([HEADER, *rows]).encode())], (), None, "lamp-2")


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_line_ends_of_two_bytes_are_no_obstacle(monkeypatch, size):
    monkeypatch.setattr(picking, "_PIECE_BYTES", size)
    text = "\n".join([HEADER, *ROWS]) + "\n"
    ((_, rows, _),) = picking.pick([NamedBytes("d.csv", text.replace("\n", "\r\n").encode())], (), None, "lamp-2").kept

    assert rows == whole(text, "lamp-2")
