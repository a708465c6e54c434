"""Anthropic's official client rides through Outrider as it would without.

It must not know what is on the wire: it sees what a user of the client sees.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

import anthropic
import pytest
from anthropic import AsyncAnthropic

from proxy.testing import Script
from tests.live.replies import message, message_stream

pytestmark = pytest.mark.anyio
ASKED: Any = {
    "model": "claude-next",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "Where is the carriage?"}],
}


@pytest.fixture
async def client(url: str) -> AsyncIterator[AsyncAnthropic]:
    """The async client; its base URL has no `/v1`."""
    async with AsyncAnthropic(base_url=f"{url}/s/ride-1/a/scout", api_key="sk-ant", max_retries=0) as client:
        yield client


async def test_messages(script: Script, client: AsyncAnthropic) -> None:
    """A message with a tool call is the provider's; key, version and beta headers reach it; the session is known."""
    use = {"type": "tool_use", "id": "toolu_01AbCdEf", "name": "scout", "input": {"road": "north"}}
    script.say(Script.json(message(use, stop="tool_use")))
    raw = await client.messages.with_raw_response.create(**ASKED, extra_headers={"anthropic-beta": "tomorrow-1"})
    got = await raw.parse()
    assert got.model_dump(exclude_unset=True) == message(use, stop="tool_use")
    heard = script.heard[0]
    assert json.loads(heard.body) == ASKED
    assert (heard.target, heard.header("authorization"), heard.header("anthropic-beta")) == (
        "/v1/messages",
        "Bearer sk-ant",
        "tomorrow-1",
    )
    assert heard.header("anthropic-version")
    assert (raw.headers["x-outrider-session"], raw.headers["x-outrider-agent"]) == ("ride-1", "scout")


async def test_messages_stream(script: Script, client: AsyncAnthropic) -> None:
    """A streamed message is put together with its thought and the thought's signature."""
    script.say(Script.sse(*message_stream(), named=True))
    async with client.messages.stream(**ASKED) as stream:
        text = "".join([piece async for piece in stream.text_stream])
        final = await stream.get_final_message()
    assert text == "Ahead."
    assert final.content[0].model_dump(exclude_unset=True) == {
        "type": "thinking",
        "thinking": "Hm.",
        "signature": "c2lnbg==",
    }


async def test_a_stream_that_dies_is_an_error(script: Script, client: AsyncAnthropic) -> None:
    """An upstream that dies in mid-stream raises in the client."""
    script.say(Script.sse(*message_stream()[:4], named=True, ending="fin"))
    with pytest.raises(anthropic.APIError, match="Outrider: upstream default closed"):
        async with client.messages.stream(**ASKED) as stream:
            await stream.get_final_message()


async def test_count_tokens(script: Script, client: AsyncAnthropic) -> None:
    """Counting tokens passes."""
    script.say(Script.json({"input_tokens": 14}))
    asked = {name: value for name, value in ASKED.items() if name != "max_tokens"}
    assert (await client.messages.count_tokens(**asked)).input_tokens == 14
    assert script.heard[0].target == "/v1/messages/count_tokens"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, anthropic.BadRequestError),
        (401, anthropic.AuthenticationError),
        (404, anthropic.NotFoundError),
        (429, anthropic.RateLimitError),
        (529, anthropic.InternalServerError),
    ],
)
async def test_errors_are_mapped(
    script: Script, client: AsyncAnthropic, status: int, kind: type[anthropic.APIStatusError]
) -> None:
    """The provider's errors are the client's exceptions, with the provider's body and request id."""
    body = {"type": "error", "error": {"type": "sorry_error", "message": "sorry"}, "request_id": "req_9"}
    script.say(Script.json(body, status=status, headers=[("request-id", "req_9")]))
    with pytest.raises(kind, match="sorry") as caught:
        await client.messages.create(**ASKED)
    assert (caught.value.body, caught.value.request_id) == (body, "req_9")


async def test_our_own_errors_are_mapped(script: Script, client: AsyncAnthropic) -> None:
    """An error of ours has Anthropic's shape on this path, and is told apart by its type."""
    script.say(Script.json({}, silent=True, ending="fin"))
    with pytest.raises(anthropic.InternalServerError) as caught:
        await client.messages.create(**ASKED)
    body: Any = caught.value.body
    assert (body["type"], body["error"]["type"]) == ("error", "outrider_error")
    assert caught.value.response.headers["x-outrider-error"] == "closed"
