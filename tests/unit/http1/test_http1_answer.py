"""Answers from bytes: the same however they are cut, and nothing believed of which the end is not certain."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.platforms.http1.answer import Conversation
from reconcile.platforms.http1.exchange import AnswerTooLong, Asked, Broken, Unreached

OK = b"HTTP/1.1 200 OK\r\n"
PACKED = gzip.compress(b"hello")
ANSWERS = {
    "sized": (OK + b"Content-Length: 5\r\nDate: today\r\n\r\nhello", b"hello", True),
    "chunked": (OK + b"Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nA: b\r\n\r\n", b"hello", True),
    "empty chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"", True),
    "after others": (
        b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" + OK + b"content-length:5\r\n\r\nhello",
        b"hello",
        True,
    ),
    "no body": (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
    "closing": (OK + b"Connection: close\r\nContent-Length: 0\r\n\r\n", b"", False),
    "old": (b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", b"", False),
    "old, kept": (b"HTTP/1.0 200\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n", b"", False),
    "packed": (OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(PACKED) + PACKED, b"hello", True),
}
NO_ANSWERS = [
    b"SSH-2.0-OpenSSH_9\r\n\r\n",
    b"HTTP/2 200\r\n\r\n",
    b"HTTP/1.1 20 OK\r\n\r\n",
    b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
    OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    OK + b"Content-Length: +5\r\n\r\nhello",
    OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhello",
    OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n",
    OK + b"A : b\r\nContent-Length: 0\r\n\r\n",
    OK + b"A: \0\r\nContent-Length: 0\r\n\r\n",
    OK + b"A: " + b"b" * 70_000,
    OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
    OK + b"Content-Encoding: br\r\nContent-Length: 5\r\n\r\nhello",
    OK + b"Content-Encoding: deflate\r\nContent-Length: 9\r\n\r\n" + zlib.compress(b"hello" * 9)[:9],
]


def asking():
    """A conversation in which a request went out."""
    talk = Conversation(1000)
    talk.request(Asked("POST", "/", (), b"{}", 1.0, 1.0), "h")
    return talk


@given(st.data())
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_the_same_however_it_is_cut(name, data):
    raw, body, stays = ANSWERS[name]
    cuts = sorted(data.draw(st.sets(st.integers(1, len(raw) - 1), max_size=6)))
    reader = asking()
    answers = [reader.feed(raw[start:end]) for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)]

    assert answers[:-1] == [None] * len(cuts)
    assert (answers[-1].body, reader.stays) == (body, stays)


@pytest.mark.parametrize("raw", NO_ANSWERS)
def test_what_is_not_plainly_an_answer_is_none(raw):
    with pytest.raises(Broken):
        asking().feed(raw)


@pytest.mark.parametrize("cut", [1, 20, 40, -1])
def test_an_answer_that_was_cut_off_is_none(cut):
    reader = asking()

    assert reader.feed(ANSWERS["sized"][0][:cut]) is None
    with pytest.raises(Broken):
        reader.feed(b"")


def test_an_answer_without_a_length_ends_with_the_connection():
    reader = asking()
    reader.feed(OK + b"\r\nhel")
    reader.feed(b"lo")

    assert reader.feed(b"").body == b"hello"
    assert not reader.stays


def test_bytes_behind_an_answer_end_the_connection():
    reader = asking()

    assert reader.feed(OK + b"Content-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n").body == b"hello"
    assert not reader.stays


@pytest.mark.parametrize(
    "raw",
    [
        OK + b"Content-Length: 1001\r\n\r\n",
        OK + b"\r\n" + b"x" * 1001,
        OK + b"Transfer-Encoding: chunked\r\n\r\nffffff\r\n" + b"x" * 1001,
        OK + b"Content-Encoding: gzip\r\nContent-Length: 33\r\n\r\n" + gzip.compress(b"x" * 2000, mtime=0),
    ],
)
def test_an_answer_without_end_is_not_kept(raw):
    with pytest.raises(AnswerTooLong):
        asking().feed(raw)


@pytest.mark.parametrize("bad", ["a\r\nx: y", "a\nb", "a\rb", "\0", "ü"])
def test_a_header_cannot_become_two(bad):
    with pytest.raises(Unreached) as told:
        Conversation(9).request(Asked("POST", "/", (("api-key", bad),), b"", 1.0, 1.0), "h")
    assert bad not in str(told.value)
    with pytest.raises(Unreached):
        Conversation(9).request(Asked("POST", f"/{bad}", (), b"", 1.0, 1.0), "h")


def test_a_request_is_written_as_it_is():
    asked = Asked("POST", "/?a=%20", (("host", "signed"), ("x-a", "b")), b"{}", 1.0, 1.0)

    sent = Conversation(9).request(asked, "h:1")
    assert sent == b"POST /?a=%20 HTTP/1.1\r\nhost: h:1\r\nx-a: b\r\ncontent-length: 2\r\n\r\n{}"
