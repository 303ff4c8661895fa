"""Compressed inventories: the same rows, and neither damage nor bombs get far."""

import gzip
import tracemalloc

import pytest

from reconcile.manifest.inventory import read_inventory
from reconcile.manifest.inventory_packed import unpacked
from reconcile.manifest.layer_codes import Tally
from reconcile.ports import NamedBytes
from reconcile.runs.source import FolderSource

CSV = b"name,platform,imei,site\n" + b"".join(b"m%d,p,86582003%07d,s%d\n" % (n, n, n % 7) for n in range(5_000))
NDJSON = b"".join(b'{"name":"m%d","platform":"p","imei":"86582003%07d"}\n' % (n, n) for n in range(50))


def read(name, content):
    tally = Tally()
    return list(read_inventory(NamedBytes(name, content), tally)), [d.code for d in tally.close()]


@pytest.mark.parametrize(("name", "content"), [("a.csv", CSV), ("a.ndjson", NDJSON), ("A.CSV", CSV)])
def test_a_compressed_inventory_says_the_same(name, content):
    expected = read(name, content)
    assert expected[0]
    assert expected[1] == []
    assert read(f"{name}.gz", gzip.compress(content)) == expected
    assert read(f"{name}.GZ", gzip.compress(content[:100]) + gzip.compress(content[100:]) + bytes(512)) == expected


@pytest.mark.parametrize("content", [b"", b"\x1f", CSV, b"\x1f\x8b" + bytes(40)])
def test_what_is_not_gzip_is_told(content):
    rows, codes = read("a.csv.gz", content)
    assert rows == []
    assert len(codes) == 1


def test_every_cut_is_told_and_no_flipped_byte_says_anything_else():
    expected = read("a.ndjson", NDJSON)
    packed = gzip.compress(NDJSON, mtime=0)
    for at in range(1, len(packed)):
        assert read("a.ndjson.gz", packed[:at])[1], at
    for at in range(10, len(packed)):
        flipped = packed[:at] + bytes([packed[at] ^ 0x10]) + packed[at + 1 :]
        found = read("a.ndjson.gz", flipped)
        assert found[1] or found == expected, at


@pytest.mark.parametrize("filling", [b"\0", b"x", b"name,name,"])
def test_a_bomb_is_refused_before_it_is_unpacked(filling):
    bomb = gzip.compress(filling * ((12 << 20) // len(filling)), compresslevel=9)
    tracemalloc.start()
    rows, codes = read("a.csv.gz", bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == []
    assert len(codes) == 1
    assert peak < 6 << 20


def test_more_than_the_limit_is_refused():
    tally = Tally()
    assert unpacked(NamedBytes("a.csv.gz", gzip.compress(CSV)), tally, most_bytes=len(CSV) - 1) is None
    assert "larger than" in tally.close()[0].detail
    assert unpacked(NamedBytes("a.csv.gz", gzip.compress(CSV)), Tally(), most_bytes=len(CSV)) == CSV


def test_a_large_compressed_file_is_not_judged_as_text(tmp_path):
    noise = b"name\n" + b"".join(b"d%x\n" % (n * 2654435761 % 2**32) for n in range(60_000))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(noise))
    assert (tmp_path / "a.csv.gz").stat().st_size > 64 << 10
    assert read("a.csv.gz", FolderSource(tmp_path).read("a.csv.gz", 1 << 30).content) == read("a.csv", noise)
