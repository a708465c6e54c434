"""Synthetic sessions of an even pace: 3k tokens of system, then 300 of answer and 1,500 of tool result each turn.

It must not know prices, caches or policies. As blocks for a cost model, and as chat messages that can be played.
"""

import json
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any

from benchmarks.consolidate.caching import Ask, Block
from benchmarks.consolidate.sessions import Session

SYSTEM, TASK, OUTPUT, RESULT = 3_000, 200, 300, 1_500
NOTE = 6
"""Tokens of a note's name and quotes."""
Message = dict[str, Any]
TOWNS = ("Lisbon", "Bergen", "Osaka", "Quito", "Tartu", "Cork", "Perth", "Gdansk", "Bari", "Hue")
STATES = ("open", "packed", "shipped", "returned", "on hold")
RULES = (
    "Read an order before you change it, and say which order you mean by its number.",
    "A return is taken within thirty days; later ones need the number of a case.",
    "Never promise a day of delivery that no tool has named.",
    "When two records disagree, the newer one counts; name both in your answer.",
    "Write amounts with two decimals and the currency as the tool gave it.",
)


def asks(turns: int) -> list[Ask]:
    """A session of so many requests as blocks of exactly the sizes above, append-only."""
    blocks = [Block("system", SYSTEM), Block("task", TASK)]
    made = []
    for turn in range(turns):
        made.append(Ask(tuple(blocks), OUTPUT))
        blocks += (Block(f"answer {turn}", OUTPUT), Block(f"result {turn}", RESULT))
    return made


def session(turns: int, count: Callable[[str], int]) -> Session:
    """The same session as chat messages: each assistant message is the answer to one request. `count` counts tokens.

    The same words at each run; sizes within a few tokens of the exact ones.
    """
    said: list[Message] = [
        {"role": "system", "content": _filled(_rules(), SYSTEM, count)},
        {"role": "user", "content": _filled(_wishes(), TASK, count)},
    ]
    for turn in range(turns):
        call = f"call_{_digits(turn, 'call', 10)}"
        arguments = json.dumps({"order_id": _order(turn), "page": turn % 7 + 1})
        function = {"name": "search_orders", "arguments": arguments}
        text = _filled(_thoughts(turn), OUTPUT - count("search_orders") - count(arguments), count)
        calls = [{"id": call, "type": "function", "function": function}]
        said.append({"role": "assistant", "content": text, "tool_calls": calls})
        said.append({"role": "tool", "tool_call_id": call, "content": _result(turn, count)})
    return Session(f"even/{turns}", tuple(said[:-1]))


def _result(turn: int, count: Callable[[str], int]) -> str:
    """A page of orders as JSON."""
    orders: list[Message] = []
    page = {"query": {"order_id": _order(turn)}, "total": 400 + turn, "orders": orders}
    spent = count(json.dumps(page))
    for row in range(100):
        order = _row(turn, row)
        spent += count(json.dumps(order) + ", ")
        if spent > RESULT:
            break
        orders.append(order)
    page["note"] = _filled(_rules(), RESULT - count(json.dumps(page)) - NOTE, count)
    return json.dumps(page)


def _row(turn: int, row: int) -> Message:
    pick = int(_digits(turn, f"row{row}", 6))
    return {
        "order_id": _order(turn * 100 + row),
        "customer": {"id": f"cust_{_digits(turn, f'c{row}', 7)}", "city": TOWNS[pick % len(TOWNS)]},
        "placed": f"2024-{pick % 12 + 1:02}-{pick % 28 + 1:02}T{pick % 24:02}:{pick % 60:02}:00Z",
        "status": STATES[pick % len(STATES)],
        "lines": [{"sku": f"SKU-{_digits(turn, f's{row}', 5)}", "quantity": pick % 4 + 1, "price": pick % 9000 / 100}],
        "tracking": None if pick % 3 else f"TRK{_digits(turn, f't{row}', 9)}",
    }


def _filled(sentences: Iterator[str], tokens: int, count: Callable[[str], int]) -> str:
    """Sentences up to so many tokens; the last one is cut short."""
    text, spent = "", 0
    for sentence in sentences:
        cost = count(" " + sentence)
        if spent + cost > tokens:
            words = sentence.split(" ")
            while words and spent + count(" " + " ".join(words)) > tokens:
                words.pop()
            return f"{text} {' '.join(words)}".strip()
        text, spent = f"{text} {sentence}", spent + cost
    return text.strip()


def _rules() -> Iterator[str]:
    for number in range(1, 1_000):
        yield f"Rule {number}. {RULES[number % len(RULES)]}"


def _wishes() -> Iterator[str]:
    yield "Please go through the open orders of last year and find those whose parcels were counted twice."
    for number in range(1_000):
        yield f"Order {_order(number * 7)} of {TOWNS[number % len(TOWNS)]} is one where I am sure of it."


def _thoughts(turn: int) -> Iterator[str]:
    for number in range(1_000):
        order = _order((turn - 1) * 100 + number)
        yield f"Order {order} is {STATES[(turn + number) % len(STATES)]} and its parcel went to {TOWNS[number % 10]}."


def _order(number: int) -> str:
    return f"ORD-{_digits(number, 'order', 6)}"


def _digits(number: int, kind: str, length: int) -> str:
    digest = blake2b(f"{kind}/{number}".encode(), digest_size=8).digest()
    return str(int.from_bytes(digest, "big") % 10**length).zfill(length)
