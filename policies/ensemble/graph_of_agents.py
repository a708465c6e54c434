"""Graph-of-Agents: members score each other's answers, the lesser read the better, then the better the lesser.

It must not know how a call is made. Source: arXiv 2604.17148, with what its code gets wrong put right: usage is summed,
step 5 reads the texts of step 4 alone and so runs at once, the result is an answer and never a judge's JSON, and scores
that add up to 1.01 are scores. Where the first answers agree, nobody judges.
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from policies.ensemble.asking import ask_members
from policies.ensemble.extraction import Answer
from policies.ensemble.judging import Standing, label, leniently, standing
from policies.ensemble.member import Member
from policies.ensemble.seating import seated_by_judge
from policies.ensemble.sitting import Ending, Sitting, digest, seated
from policies.ensemble.topology import Topology
from policies.ensemble.voting import comparable, weighed
from policies.ensemble.wording import judging, pooling, revising
from policies.inner.bodies import alone, following, inner, named
from policies.inner.spent import text_of
from proxy.exchange import Completion
from proxy.policy import Wish

THRESHOLD = 0.05
AGREED = 0.6
"""Share of the weight of votes with which nobody needs to judge."""
Texts = dict[int, str]


def graph_of_agents(sitting: Sitting, *, mean: bool = False) -> Ending:
    """The plan of `goa` (the top member has the last word) and of `goa-mean` (the most able pools all)."""
    seats = sitting.account.limits.seats
    yield from seated_by_judge(sitting, seats)
    team, replies = yield from seated(sitting, seats)
    members = [member for member in team.members if member.name in replies]
    members = [member for member in members if not sitting.misses(replies[member.name])] or members
    if not members:
        return (yield from sitting.alone("no member answered"))
    first = {place: text_of(replies[member.name]) for place, member in enumerate(members)}
    found = [sitting.extracted(replies[member.name]) for member in members]
    said: dict[str, Any] = {"said": {member.name: digest(each) for member, each in zip(members, found, strict=True)}}
    agreed = _agreed(sitting, team, members, found)
    if agreed is not None:
        told = f"{team.reason} | {found.count(found[agreed])} of {len(found)} agree"
        return (yield from sitting.give(replies[members[agreed].name], told, said))
    if len(members) == 1:
        return (yield from _only(sitting, members[0], replies[members[0].name], f"{team.reason} | one answer", said))
    able = {place: team.able(member.name) for place, member in enumerate(members)}
    ranks = yield from _judged(sitting, members, first, able)
    told = f"{team.reason} | {_told(members, ranks)}"
    if not ranks.order:
        last = _pooled(sitting, [("unknown", text) for text in first.values()])
        return (yield from sitting.call(last, f"{told} | pooled", said))
    edges = [pair for pair in ranks.edges if team.joins(members[pair[0]].name, members[pair[1]].name)]
    revised = yield from _revised(sitting, members, ranks, first, first, [(two, one) for one, two in edges])
    marks = {each: digest(sitting.comparable(text)) for each, text in revised.items()}
    said["read"] = [[members[one].name, members[two].name, marks[two]] for one, two in edges]
    if mean:
        final = yield from _revised(sitting, members, ranks, first, revised, edges)
        last = _pooled(sitting, [(label(ranks.scores[each]), final[each]) for each in ranks.order])
        return (yield from sitting.call(last, f"{told} | pooled by {last.model}", said))
    top = ranks.order[0]
    others = [two for one, two in edges if one == top]
    text = revising(first[top], _labelled(ranks, others, revised))
    return (yield from sitting.call(following(sitting.request, members[top].name, text), told, said))


def _agreed(sitting: Sitting, team: Topology, members: Sequence[Member], found: Sequence[Answer | None]) -> int | None:
    """Whose first reply says what so many say that judges would not change it; None where they are to judge, or where
    the last call is to have the client's tools."""
    if sitting.tools or not comparable(found):
        return None
    able = [team.able(member.name) for member in members]
    votes = weighed(found, able)
    winner, share = next(iter(votes.items()))
    return found.index(winner) if share >= AGREED and found.count(winner) > 1 else None


def _only(sitting: Sitting, member: Member, reply: Completion, why: str, said: dict[str, Any]) -> Ending:
    """One member's answer is the result; with tools on offer it is asked again, so that it can call them."""
    if not sitting.tools:
        return (yield from sitting.give(reply, why, said))
    return (yield from sitting.call(named(sitting.request, member.name), why, said))


def _judged(
    sitting: Sitting, members: Sequence[Member], texts: Texts, able: Mapping[int, float]
) -> Generator[Wish, Any, Standing]:
    """Each member scores all answers but its own; scores that cannot be read are counted and left out."""
    several = list(texts)
    calls = []
    for judge in several:
        others = [texts[each] for each in several if each != judge]
        calls.append((members[judge], alone(sitting.request, members[judge].name, judging(sitting.question, others))))
    replies = yield from ask_members(sitting.account, calls, "judge")
    said = {
        judge: leniently(text_of(reply), len(several) - 1) if reply is not None else None
        for judge, reply in zip(several, replies, strict=True)
    }
    unread = [judge for judge, reply in zip(several, replies, strict=True) if reply is not None and said[judge] is None]
    sitting.account.malformed += len(unread)
    return standing(said, several, THRESHOLD, able)


def _revised(
    sitting: Sitting,
    members: Sequence[Member],
    ranks: Standing,
    own: Texts,
    seen: Texts,
    reads: Sequence[tuple[int, int]],
) -> Generator[Wish, Any, Texts]:
    """Every reader's answer once it has `seen` those it reads (reader, read), all at once; else as it was."""
    readers = [each for each in ranks.order if any(reader == each for reader, _ in reads)]
    calls = []
    for reader in readers:
        others = _labelled(ranks, [read for who, read in reads if who == reader], seen)
        request = inner(sitting.request, members[reader].name, revising(own[reader], others))
        calls.append((members[reader], request))
    replies = yield from ask_members(sitting.account, calls, "refine")
    new = {each: text_of(reply) for each, reply in zip(readers, replies, strict=True) if reply is not None}
    return {**seen, **new}


def _labelled(ranks: Standing, among: Sequence[int], texts: Mapping[int, str]) -> list[tuple[str, str]]:
    return [(label(weight), texts[each]) for each, weight in zip(among, ranks.weights(among), strict=True)]


def _pooled(sitting: Sitting, answers: Sequence[tuple[str, str]]) -> Any:
    return following(sitting.request, sitting.best().name, pooling(answers))


def _told(members: Sequence[Member], ranks: Standing) -> str:
    order = " > ".join(f"{members[each].name} {score:.2f}" for each, score in ranks.scores.items())
    dropped = f", {len(ranks.dropped)} judges dropped" if ranks.dropped else ""
    return f"judged {order or 'by nobody'}{dropped}"
