"""The makers' table: played through a proxy, with stand-ins for the model."""

from benchmarks.consolidate.makers import COLUMNS, diligent, line, silent
from benchmarks.consolidate.sessions import Session


def count(text: str) -> int:
    return -(-len(text) // 4)


def session() -> Session:
    """Long enough for an event or two."""
    said = [
        message
        for number in range(24)
        for message in (
            {
                "role": "user",
                "content": f"Please look at order W{number}042 for me, and tell me what it is worth today.",
            },
            {
                "role": "assistant",
                "content": f"Order W{number}042 holds item {number}7781 and costs {number}9 dollars. " * 2,
            },
        )
    ]
    return Session("orders", ({"role": "system", "content": "Be brief."}, *said))


def test_a_row_says_what_was_asked_and_what_was_kept() -> None:
    """States by the model, where it writes; by the extract, where it is not asked."""
    rows = {
        name: dict(
            zip(
                COLUMNS,
                [cell.strip() for cell in line(name, [session()], (900, 400), count).split("|")[1:-1]],
                strict=True,
            )
        )
        for name in ("extract", "model, silent")
    }
    assert rows["extract"]["questions"] == "0"
    assert rows["extract"]["states by a model"].startswith("0 of ")
    assert int(rows["model, silent"]["questions"]) > 0
    assert int(rows["model, silent"]["states by a model"].split()[0]) > 0
    assert all(row["at fault"] == "0" for row in rows.values())


def test_what_the_stand_ins_write() -> None:
    """One names what it was shown, one names nothing."""
    body = {
        "messages": [
            {"role": "user", "content": "Order W2042 by Mia_Li"},
            {"role": "user", "content": "At most 40 words"},
        ]
    }
    assert "W2042" in diligent(body)
    assert "W2042" not in silent(body)
