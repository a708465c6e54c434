"""Claims about connections: kept, dropped in time, tunnelled, as many as there are agents."""

import asyncio
import ssl

import pytest

from proxy.testing import Line, Piece, Script
from proxy.upstreams import UpstreamError
from proxy.upstreams.client import Client, Timeouts
from proxy.upstreams.http import HttpUpstream
from tests.proxy.upstreams.requests import body_of, chat, get, leave

pytestmark = pytest.mark.anyio


async def test_a_connection_serves_again() -> None:
    """Requests one after the other share a connection."""
    async with Script() as script:
        upstream = HttpUpstream("here", script.url)
        for _ in range(5):
            await body_of(await upstream.send(chat()))
        await upstream.close()
    assert script.connections == 1


async def test_a_reply_left_in_the_middle_does_not_come_back() -> None:
    """A connection whose answer was not read to its end is never used for another."""
    async with Script() as script:
        upstream = HttpUpstream("here", script.url)
        script.say(Line(body=[b"a", Piece(b"b", 30)], framing="chunked"), Line(body=b"right"))
        await leave((await upstream.send(chat())).chunks)
        assert await body_of(await upstream.send(chat())) == b"right"
        await upstream.close()
    assert script.connections == 2


@pytest.mark.parametrize("line", [Line(headers=[("Connection", "close")]), Line(framing="close"), Line(413)])
async def test_what_the_upstream_closes_is_not_used(line: Line) -> None:
    """An answer that ends the connection is followed by a new one."""
    async with Script() as script:
        upstream = HttpUpstream("here", script.url)
        script.say(line)
        await body_of(await upstream.send(chat()))
        script.drop_idle()
        await asyncio.sleep(0.01)
        assert await body_of(await upstream.send(chat())) == b""
        await upstream.close()
    assert script.connections == 2


async def test_a_connection_closed_while_idle_is_noticed() -> None:
    """A POST is not lost to a kept connection that the upstream has closed, even in the same instant."""
    async with Script() as script:
        upstream = HttpUpstream("here", script.url)
        script.say(*[Line(body=b"x", keep_alive=False)] * 20)
        for _ in range(20):
            assert await body_of(await upstream.send(chat())) == b"x"
            await asyncio.sleep(0.001)
        await upstream.close()
    assert len(script.heard) == 20


async def test_a_reading_request_is_repeated_once() -> None:
    """A GET on a kept connection that dies without a word is sent again on a new one; a POST is not."""
    async with Script() as script:
        upstream = HttpUpstream("here", script.url)
        await body_of(await upstream.send(get("/v1/models")))
        script.say(Line(silent=True, ending="fin"), Line(body=b"again"))
        assert await body_of(await upstream.send(get("/v1/models"))) == b"again"
        script.say(Line(silent=True, ending="fin"))
        with pytest.raises(UpstreamError, match="closed the connection"):
            await upstream.send(chat())
        await upstream.close()
    assert [heard.method for heard in script.heard] == ["GET", "GET", "GET", "POST"]


async def test_idle_connections_are_given_up() -> None:
    """A connection that was idle for too long is closed by us, before the upstream does."""
    async with Script() as script:
        client = Client(idle_s=0.2)
        upstream = HttpUpstream("here", script.url, client=client)
        await body_of(await upstream.send(chat()))
        assert script.open == 1
        await asyncio.sleep(2.5)
        assert script.open == 0
        await client.close()


async def test_a_thousand_streams_at_once() -> None:
    """A thousand open streams each have their own connection; none waits for another."""
    streams = 1000
    async with Script(lambda _: Line(body=[b"a", Piece(b"b", 3)], framing="chunked")) as script:
        upstream = HttpUpstream("here", script.url, timeouts=Timeouts(connect_s=60))
        replies = await asyncio.gather(*(upstream.send(chat(stream=True)) for _ in range(streams)))
        firsts = await asyncio.gather(*(anext(reply.chunks) for reply in replies))
        assert script.open == streams
        rest = await asyncio.gather(*map(body_of, replies))
        await upstream.close()
    assert (firsts, rest) == ([b"a"] * streams, [b"b"] * streams)


async def test_closing_ends_what_is_open() -> None:
    """Closing a client closes kept connections and those in use."""
    async with Script() as script:
        upstream = HttpUpstream("here", script.url)
        script.say(Line(body=[b"a", Piece(b"b", 30)], framing="chunked"))
        reply = await upstream.send(chat())
        await upstream.close()
        await script.hangup()
        with pytest.raises(UpstreamError):
            await body_of(reply)


async def test_a_slow_connection_is_given_up() -> None:
    """TLS that never answers is a connection that could not be had, after the time allowed for it."""
    async with Script() as script:
        script.handler = None
        client = Client(Timeouts(connect_s=0.1))
        upstream = HttpUpstream("here", script.url.replace("http:", "https:"), client=client)
        with pytest.raises(UpstreamError, match="connect") as caught:
            await upstream.send(chat())
        assert (caught.value.code, caught.value.sent) == ("connect", False)
        await client.close()


async def test_a_forward_proxy_is_asked_for_a_tunnel() -> None:
    """Where the environment names a proxy, the connection goes through it, with its credentials."""
    heads, gone = [], asyncio.Event()

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        heads.append(head)
        _, target, _ = head.split(b" ", 2)
        host, port = target.decode().rsplit(":", 1)
        there, onward = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Go ahead\r\n\r\n")

        async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                sink.write(data)
            sink.close()

        await asyncio.gather(carry(reader, onward), carry(there, writer))
        await asyncio.gather(onward.wait_closed(), writer.wait_closed(), return_exceptions=True)
        gone.set()

    async with Script() as script, await asyncio.start_server(proxy, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = Client(proxies={"http": f"http://us%40er:pass@127.0.0.1:{port}"})
        upstream = HttpUpstream("here", script.url, client=client)
        script.say(Line(body=b"through"))
        assert await body_of(await upstream.send(chat())) == b"through"
        await client.close()
        await gone.wait()
    assert heads[0].startswith(b"CONNECT 127.0.0.1:")
    assert b"proxy-authorization: Basic dXNAZXI6cGFzcw==" in heads[0]


async def test_a_forward_proxy_that_refuses_is_a_failed_connection() -> None:
    """The proxy's status is told; nothing was sent to the upstream."""
    async with Script(lambda _: Line(407)) as script:
        client = Client(proxies={"all": script.url})
        upstream = HttpUpstream("here", "http://example.invalid/v1", client=client)
        with pytest.raises(UpstreamError, match="the forward proxy answered 407") as caught:
            await upstream.send(chat())
        assert not caught.value.sent
        await client.close()


async def test_certificates_are_checked() -> None:
    """The context refuses what it cannot verify and speaks HTTP/1.1 only."""
    context = Client()._tls
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
