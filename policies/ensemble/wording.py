"""What members are told beside the client's own words.

It must not know who is told, nor when.
"""

from collections.abc import Sequence

MOST = 12_000
"""Characters of another's answer that a member is shown: its end, where the answer stands."""


def seating(question: str, cards: Sequence[tuple[str, str]], seats: int) -> str:
    """Asks which of these models (name, card) fit a question."""
    told = "\n".join(f"- {name}: {card or 'nothing is known of it'}" for name, card in cards)
    return (
        f"Which {seats} of these models are the best to answer the question below? Reply with nothing but their names, "
        f"the best first, with commas between.\n\nModels:\n{told}\n\nQuestion:\n{_end(question)}"
    )


def judging(question: str, answers: Sequence[str]) -> str:
    """Asks for a score of each answer."""
    example = ", ".join(["0.6", "0.3", "0.1"][: len(answers)]) if 1 < len(answers) < 4 else "one number for each"
    return (
        f"A question was answered {len(answers)} times. Score every answer by whether it is correct, coherent and to "
        f"the point. Scores lie between 0 and 1 and add up to 1. Reply with nothing but the {len(answers)} scores in "
        f"the order of the answers, as [{example}].\n\nQuestion:\n{_end(question)}\n\n{numbered(answers)}"
    )


def revising(own: str, others: Sequence[tuple[str, str]]) -> str:
    """Asks for the answer again, with others' answers (how relevant each is, its text) in sight."""
    told = "\n\n".join(f"Another answer, of {weight} relevance:\n{_end(text)}" for weight, text in others)
    return (
        f"You have answered this already:\n{_end(own)}\n\n{told}\n\nRead the other answers with a critical eye: they "
        "may be wrong, and so may yours. Then answer once more, completely and in the form that was asked for above. "
        "Do not mention that there were other answers."
    )


def pooling(answers: Sequence[tuple[str, str]]) -> str:
    """Asks for one answer out of several (how relevant each is, its text)."""
    told = "\n\n".join(f"An answer of {weight} relevance:\n{_end(text)}" for weight, text in answers)
    return (
        f"Others have answered this:\n\n{told}\n\nWeigh them against each other; some may be wrong. Then give the one "
        "best answer, completely and in the form that was asked for above. Do not mention that there were others."
    )


def doubting(question: str, answer: str) -> str:
    """Asks how sure an answer is."""
    return (
        "How likely is it that this answer is correct and complete? Reply with nothing but a number from 0 to 1.\n\n"
        f"Question:\n{_end(question)}\n\nAnswer:\n{_end(answer)}"
    )


def designing(question: str, done: Sequence[str], lost: str, fault: str) -> str:
    """Asks for a template; `done` are results that are there, `lost` what could not be done, `fault` what was wrong."""
    there = f"\nThese results are there already, and may be read as inputs: {', '.join(done)}." if done else ""
    around = f"\nThis could not be done; find a way around it: {lost}" if lost else ""
    again = f"\nYour last design cannot be used: {fault}." if fault else ""
    return (
        "Design a small team of assistants for the question below. Reply with nothing but JSON: "
        '{"roles": [{"id": "short-name", "instruction": "what it is to do", "inputs": ["ids of roles whose results it '
        'reads"], "tools": false}]}. One to six roles, fewer are better; no circles; the last role gives the answer.'
        f"{there}{around}{again}\n\nQuestion:\n{_end(question)}"
    )


def rewriting(instruction: str, why: str) -> str:
    """Asks for an instruction in other words."""
    return (
        f"An assistant could not follow this instruction ({why}). Write it anew, plainer and more exact. Reply with "
        f"nothing but the instruction.\n\n{instruction}"
    )


def working(instruction: str, results: Sequence[tuple[str, str]]) -> str:
    """A role's instruction, with the results it is to read (id, text)."""
    seen = "".join(f"Result of {name}:\n{_end(text)}\n\n" for name, text in results)
    return f"{seen}Your part in answering the above: {instruction}"


def numbered(answers: Sequence[str]) -> str:
    """Answers one below the other, with their numbers."""
    return "\n\n".join(f"Answer {place}:\n{_end(text)}" for place, text in enumerate(answers, 1))


def _end(text: str) -> str:
    return text if len(text) <= MOST else "…" + text[-MOST:]
