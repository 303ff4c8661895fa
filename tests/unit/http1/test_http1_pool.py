"""A pool against a real socket: connections are used again, but never one of which more came, or that was idle long."""

import asyncio

import pytest

from reconcile.platforms.connections import Connections, Limits, tls_for
from reconcile.platforms.http1.exchange import Asked, Broken, Unreached
from reconcile.platforms.http1.origin import origin_of

DONE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LIMITS = Limits(0, 5.0, 1000)
ASK = Asked("POST", "/", (), b"{}", 1.0, 0.3)


def play(*replies, limits=LIMITS, pause_s=0.0, at_once=False):
    """What became of one exchange per reply, and how many connections they took."""

    async def run():
        left, links = list(replies), []

        async def serve(reader, writer):
            links.append(writer)
            try:
                while await reader.readuntil(ASK.body):
                    reply = left.pop(0)
                    if reply is None:
                        break
                    writer.write(reply)
            except asyncio.IncompleteReadError:
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        origin = origin_of(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        pool = Connections(limits, tls=tls_for)

        async def ask():
            try:
                return (await pool.exchange(origin, ASK)).body
            except (Broken, Unreached, TimeoutError) as exc:
                return type(exc)

        try:
            if at_once:
                return await asyncio.gather(*(ask() for _ in replies)), len(links)
            told = []
            for _ in replies:
                told.append(await ask())
                await asyncio.sleep(pause_s)
            return told, len(links)
        finally:
            await pool.aclose()
            server.close()

    return asyncio.run(run())


def test_one_connection_carries_one_call_after_the_other():
    assert play(DONE, DONE, DONE) == ([b"ok"] * 3, 1)


def test_a_connection_is_let_go():
    assert play(DONE, DONE, limits=Limits(0, 0.01, 1000), pause_s=0.03) == ([b"ok"] * 2, 2)
    assert play(DONE + b"more", DONE) == ([b"ok"] * 2, 2)
    assert play(DONE.replace(b"\r\n\r", b"\r\nConnection: close\r\n\r"), DONE) == ([b"ok"] * 2, 2)
    assert play(b"", DONE) == ([TimeoutError, b"ok"], 2)
    assert play(DONE[:-1], DONE) == ([TimeoutError, b"ok"], 2)


def test_a_kept_connection_that_is_closed_under_a_request_is_not_asked_again():
    assert play(DONE, None, DONE) == ([b"ok", Broken, b"ok"], 2)


def test_no_more_connections_than_the_limit():
    assert play(*[DONE] * 20, limits=Limits(3, 5.0, 1000), at_once=True) == ([b"ok"] * 20, 3)


@pytest.mark.parametrize("bad", ["ftp://h", "http://", "http://h:port", "http://[::1", "//h"])
def test_what_is_no_endpoint_is_never_sent(bad):
    with pytest.raises(Unreached):
        origin_of(bad)


def test_an_origin_is_what_the_header_and_the_name_service_want():
    assert origin_of("https://Iot.Example.com:443/a b/") == origin_of("https://iot.example.com/a%20b")
    assert origin_of("http://[::1]:9").host == "[::1]:9"
    assert origin_of("https://bücher.example").name == "xn--bcher-kva.example"
