"""mas2: one model designs a team for the question, members are found for its roles, and what fails is put right.

It must not know how a call is made. After MAS² (arXiv 2509.24323), without its training: the generator is a question to
the most able member, the implementer is the topology of each role, the rectifier a ladder: another member, then another
instruction, then another plan for the rest. Finished roles stay finished.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

from policies.ensemble.asking import ask_members
from policies.ensemble.member import Member
from policies.ensemble.repertoire import best
from policies.ensemble.repertoire import told as run
from policies.ensemble.sitting import Ending, Sitting
from policies.ensemble.template import Role, Template, Unusable, levels, parsed, told
from policies.ensemble.wording import designing, rewriting, working
from policies.inner.bodies import alone, following, inner
from policies.inner.spent import text_of
from proxy.policy import Wish

LOOPING = 4
"""Times that one line stands in a result, from which on it is taken for a loop."""
LEAST_LINE = 20
REPLANS = 1
FAULTS = 2
"""Templates that may be unusable before there is none."""


@dataclass(slots=True)
class Work:
    """A team at work: what is finished, and how it was changed on the way."""

    done: dict[str, str] = field(default_factory=dict)
    by: dict[str, str] = field(default_factory=dict)
    """Who did what, by role."""
    kept: bool = False
    """Whether the template is one of earlier runs."""
    moves: list[str] = field(default_factory=list)
    """Every change of the team, in order: what was done about which role, and why."""


def rectified(sitting: Sitting) -> Ending:
    """The plan of `mas2`."""
    work = Work()
    template = best(sitting.templates)
    if template is None:
        template = yield from _designed(sitting, work)
    else:
        work.kept = True
    first = template
    for _ in range(REPLANS + 1):
        if template is None:
            break
        failed = yield from _worked(sitting, work, template)
        if failed is None:
            return (yield from _finished(sitting, work, template, first))
        work.moves.append(f"replan without {failed.id}")
        template = yield from _designed(sitting, work, lost=failed)
    return (yield from sitting.alone(f"no team for it ({', '.join(work.moves) or 'no design'})"))


def _designed(sitting: Sitting, work: Work, lost: Role | None = None) -> Generator[Wish, Any, Template | None]:
    """A template for what is not finished; a second try is another member's, who is told what was wrong with the
    first."""
    fault = ""
    tried: list[str] = []
    while len(tried) < FAULTS and sitting.account.affords(1):
        words = designing(sitting.question, tuple(work.done), lost.instruction if lost else "", fault)
        designer = sitting.best(but=tried)
        (reply,) = yield from ask_members(
            sitting.account, [(designer, alone(sitting.request, designer.name, words))], "design"
        )
        if reply is None and len(sitting.account.gone) >= len(sitting.pool):
            break
        if reply is None:
            continue
        try:
            return parsed(text_of(reply), tuple(work.done))
        except Unusable as unusable:
            fault = str(unusable)
            sitting.account.malformed += 1
            work.moves.append(f"template refused: {fault}")
            tried.append(designer.name)
    return None


def _worked(sitting: Sitting, work: Work, template: Template) -> Generator[Wish, Any, Role | None]:
    """Every role but the last does its work; the first that could not be put right, or None."""
    for level in levels(template):
        calls = [(_fit(sitting, role), role) for role in level]
        results = yield from _results(sitting, work, calls)
        for (member, role), result in zip(calls, results, strict=True):
            text = result or (yield from _put_right(sitting, work, role, member))
            if text is None:
                return role
            work.done[role.id] = text
            work.by.setdefault(role.id, member.name)
    return None


def _put_right(sitting: Sitting, work: Work, role: Role, failed: Member) -> Generator[Wish, Any, str | None]:
    """The ladder: another member, then another instruction; None where neither helps."""
    if not sitting.account.affords(1):
        return None
    why = sitting.account.gone.get(failed.name, "no result")
    other = _fit(sitting, role, without=failed)
    work.moves.append(f"{role.id}: {failed.name} to {other.name} ({why})")
    (text,) = yield from _results(sitting, work, [(other, role)])
    if text is not None:
        work.by[role.id] = other.name
        return text
    writer = sitting.best()
    words = rewriting(role.instruction, why)
    (reply,) = yield from ask_members(sitting.account, [(writer, alone(sitting.request, writer.name, words))], "design")
    if reply is None:
        return None
    work.moves.append(f"{role.id}: instruction rewritten by {writer.name}")
    anew = role._replace(instruction=text_of(reply))
    third = _fit(sitting, anew)
    (text,) = yield from _results(sitting, work, [(third, anew)])
    work.by[role.id] = third.name
    return text


def _results(
    sitting: Sitting, work: Work, calls: Sequence[tuple[Member, Role]]
) -> Generator[Wish, Any, list[str | None]]:
    """What each member makes of its role; None where it failed, was late, declined, or went in a loop."""
    requests = [(member, inner(sitting.request, member.name, _words(role, work))) for member, role in calls]
    replies = yield from ask_members(sitting.account, requests, "node")
    texts = [text_of(reply) if reply is not None else None for reply in replies]
    for (member, _), text in zip(calls, texts, strict=True):
        if text is not None and looping(text):
            sitting.account.gone[member.name] = "looping"
    return [None if text is None or looping(text) else text for text in texts]


def _finished(sitting: Sitting, work: Work, template: Template, first: Template | None) -> Ending:
    """The last role speaks to the client, with the client's tools."""
    last = template[-1]
    member = _fit(sitting, last, tools=sitting.tools)
    moves = f" | put right: {', '.join(work.moves)}" if work.moves else ""
    work.by[last.id] = member.name
    who = ", ".join(f"{role.id} by {work.by[role.id]}" for role in template)
    why = f"{told(template)}{' as before' if work.kept else ''} | {who}{moves}"
    facts: dict[str, Any] = {
        "graph": [[role.id, list(role.inputs), work.by[role.id]] for role in template],
        "moves": work.moves,
        "template": run(first, sitting.question, good=not work.moves) if first else None,
    }
    return (yield from sitting.call(following(sitting.request, member.name, _words(last, work)), why, facts))


def _fit(sitting: Sitting, role: Role, *, without: Member | None = None, tools: bool = False) -> Member:
    """Who fits a role best, of those that have not failed; whoever is there, where all have."""
    found = sitting.topology(len(sitting.pool), tools=tools, about=f"{role.instruction}\n{sitting.question}").members
    able = [member for member in found if member is not without] or list(found) or [sitting.best()]
    return able[0]


def _words(role: Role, work: Work) -> str:
    return working(role.instruction, [(each, work.done[each]) for each in role.inputs if each in work.done])


def looping(text: str) -> bool:
    """Whether a result says the same line again and again."""
    lines = [line.strip() for line in text.splitlines() if len(line.strip()) >= LEAST_LINE]
    return any(lines.count(line) >= LOOPING for line in set(lines))
