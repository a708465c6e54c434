"""The model of a provider's cache: it must give the figures noted for known strategies."""

import json
from collections.abc import Callable, Sequence

import pytest

from benchmarks.consolidate.caching import REGIMES, Ask, Block, Regime, ask_of, cost, costs, relative, worst
from benchmarks.consolidate.synthetic import asks

CLAUDE, GPT_4O, PLAIN = REGIMES
Strategy = Callable[[Sequence[Block], int], list[Block]]


def played(turns: int, strategy: Strategy) -> list[Ask]:
    """The even session, each prompt made from what the last one became and what is new."""
    made: list[Ask] = []
    prompt: list[Block] = []
    for turn, ask in enumerate(asks(turns)):
        new = ask.blocks[-2:]
        prompt = strategy([*prompt, *new], turn)
        made.append(Ask(tuple(prompt), ask.output))
    return made


def sliding(keep: int) -> Strategy:
    """Results of older turns become stubs, one more each turn."""

    def strategy(blocks: Sequence[Block], turn: int) -> list[Block]:
        return [stub(block) if block.name == f"result {turn - 1 - keep}" else block for block in blocks]

    def stub(block: Block) -> Block:
        return Block(f"stub of {block.name}", 20)

    return strategy


def batched(above: int, tail: int) -> Strategy:
    """Above so many tokens all but the tail becomes stubs of 2 %, at once."""

    def strategy(blocks: Sequence[Block], turn: int) -> list[Block]:
        if sum(block.tokens for block in blocks) <= above:
            return list(blocks)
        kept: list[Block] = []
        rest = list(blocks[2:])
        while rest and sum(block.tokens for block in kept) + rest[-1].tokens <= tail:
            kept.insert(0, rest.pop())
        return [*blocks[:2], Block(f"stubs {turn}", sum(block.tokens for block in rest) // 50), *kept]

    return strategy


@pytest.mark.parametrize(("turns", "thousands"), [(20, 114), (60, 554), (150, 2_597)])
def test_append_only_costs_what_the_notes_say(turns: int, thousands: int) -> None:
    """With reads of .1 and writes of 1.25."""
    assert round(cost(asks(turns), CLAUDE) / 1000) == thousands


@pytest.mark.parametrize(
    ("turns", "told"), [(20, (1.44, 0.72, 0.53)), (60, (1.00, 0.41, 0.32)), (150, (0.62, 0.28, 0.24))]
)
def test_a_sliding_mask_costs_what_the_notes_say(turns: int, told: tuple[float, ...]) -> None:
    """It rewrites a block each turn, so in short sessions it costs more than it saves."""
    ours = played(turns, sliding(3))
    assert [relative(ours, asks(turns), regime) for regime in REGIMES] == pytest.approx(told, abs=0.035)


@pytest.mark.parametrize(
    ("turns", "told"), [(20, (1.00, 1.00, 1.00)), (60, (0.75, 0.61, 0.59)), (150, (0.41, 0.27, 0.25))]
)
def test_a_batched_mask_costs_what_the_notes_say(turns: int, told: tuple[float, ...]) -> None:
    """At 60k tokens, with a tail of 6k."""
    ours = played(turns, batched(60_000, 6_000))
    assert [relative(ours, asks(turns), regime) for regime in REGIMES] == pytest.approx(told, abs=0.025)


def test_the_cache_knows_every_earlier_prefix() -> None:
    """A prompt that goes back to its opening finds the opening."""
    opening, one, other = Block("system", 2_000), Block("one", 500), Block("other", 400)
    told = costs([Ask((opening, one), 0), Ask((opening, other), 0), Ask((opening, one), 0)], CLAUDE)
    assert told == [2_500 * 1.25, 200 + 400 * 1.25, 250]


def test_the_order_of_blocks_counts() -> None:
    """The same blocks in another order are another prompt."""
    one, other = Block("one", 2_000), Block("other", 2_000)
    assert costs([Ask((one, other), 0), Ask((other, one), 0)], CLAUDE)[1] == 5_000


def test_short_prompts_are_neither_written_nor_read() -> None:
    """Below 1,024 tokens there is no cache, and no fee."""
    short, more = Block("short", 1_000), Block("more", 1_000)
    assert costs([Ask((short,), 0), Ask((short,), 0), Ask((short, more), 0)], CLAUDE) == [1_000, 1_000, 2_500]


def test_a_cold_cache_is_written_again() -> None:
    """After the lifetime, which each hit begins anew."""
    brief = Regime("brief", 0.1, 1.25, 5, ttl_s=300)
    block = (Block("system", 2_000),)
    told = costs([Ask(block, 0), Ask(block, 0, 200), Ask(block, 0, 200), Ask(block, 0, 301)], brief)
    assert told == [2_500, 200, 200, 2_500]


def test_the_worst_beginning_is_found() -> None:
    """A session that loses first and gains later was dear in between."""
    plain, ours = asks(60), played(60, batched(20_000, 12_000))
    assert worst(ours, plain, CLAUDE) > relative(ours, plain, CLAUDE)


def count(text: str) -> int:
    """A token for each word."""
    return len(text.split())


def test_a_received_request_becomes_blocks() -> None:
    """Tools first, then each message; equal messages are equal blocks, and ids are not read by a model."""
    body = {
        "model": "m",
        "messages": [
            {"role": "system", "content": "be very brief"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "1", "function": {"name": "find", "arguments": "{}"}}],
            },
            {"role": "tool", "tool_call_id": "1", "content": [{"type": "text", "text": "nothing here"}]},
        ],
        "tools": [{"type": "function", "function": {"name": "find"}}],
    }
    ask = ask_of(json.dumps(body).encode(), 5, count)
    assert [block.tokens for block in ask.blocks[1:]] == [3, 2, 2]
    assert len(ask.blocks) == 4
    spaced = ask_of(json.dumps(body, indent=1).encode(), 5, count)
    assert spaced == ask


def test_requests_of_the_other_forms_become_blocks() -> None:
    """Responses with instructions and items, Messages with a system text."""
    responses = {"instructions": "be brief", "input": [{"type": "message", "role": "user", "content": "hello you"}]}
    assert [block.tokens for block in ask_of(json.dumps(responses).encode(), 1, count).blocks] == [2, 2]
    assert [block.tokens for block in ask_of(b'{"input":"hello"}', 1, count).blocks] == [1]
    messages = {"system": [{"type": "text", "text": "be brief"}], "messages": [{"role": "user", "content": "hi"}]}
    assert [block.tokens for block in ask_of(json.dumps(messages).encode(), 1, count).blocks][1:] == [1]
