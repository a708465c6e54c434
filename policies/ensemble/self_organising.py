"""SelfOrg: all answer alone, those near the middle lead, the others read them, and one existing answer is given.

It must not know how a call is made. Source: arXiv 2510.00685. Where answers can be compared they are voted on, each
weighing what its member is known for (its contribution decides between equals), and the middle is sought among the
winners: measured on recorded answers, the middle of all is worse than the vote (`docs/policies/selforg.md`). There is
nothing more to read then. All members of a round rewrite at once, from the answers of the round before; the paper has
them wait for each other.
"""

from collections.abc import Generator, Sequence
from itertools import combinations
from typing import Any

from policies.ensemble.asking import ask_members
from policies.ensemble.contribution import central, contributions, cosine, edges, least_alike, order
from policies.ensemble.extraction import Answer
from policies.ensemble.member import Member
from policies.ensemble.relevance import dense, vectors
from policies.ensemble.sitting import Ending, Sitting, digest
from policies.ensemble.voting import comparable, log_odds, tally
from policies.ensemble.wording import revising
from policies.inner.bodies import following, named
from policies.inner.spent import text_of
from proxy.exchange import Completion
from proxy.policy import Embed, Failure, Wish, ask

ALIKE = 0.95
"""Least cosine of any two answers at which a team is of one mind."""
TAIL = 1_200
"""Characters of a reply that are compared: its end, where the answer stands."""
MOST = 7
Rows = list[list[float]]


def self_organising(sitting: Sitting) -> Ending:
    """The plan of `selforg`."""
    team = sitting.topology(MOST, tools=sitting.tools)
    members, replies = yield from _opened(sitting, team.members)
    if not members:
        return (yield from sitting.alone("no member answered"))
    edge_count = 0
    for _ in range(sitting.account.limits.rounds):
        rows = yield from _rows(replies)
        found = [sitting.extracted(reply) for reply in replies]
        if len(members) < 2 or comparable(found) or least_alike(rows) >= ALIKE:
            break
        replies, read = yield from _round(sitting, members, replies, rows)
        edge_count += read
    rows = yield from _rows(replies)
    found = [sitting.extracted(reply) for reply in replies]
    pick, how = picked([team.able(member.name) for member in members], found, rows)
    said = {"said": {member.name: digest(each) for member, each in zip(members, found, strict=True)}}
    left_out = f" | left out {', '.join(team.left_out)}" if team.left_out else ""
    why = f"{members[pick].name} of {', '.join(each.name for each in members)} ({how}), {edge_count} edges{left_out}"
    return (yield from sitting.give(replies[pick], why, said))


def picked(able: Sequence[float], found: Sequence[Answer | None], rows: Sequence[Sequence[float]]) -> tuple[int, str]:
    """Which reply is given, and how it was found. `able`: how likely each is to be right."""
    psi = contributions(rows)
    among = list(range(len(able)))
    how = "nearest the middle"
    if comparable(found):
        weights = [log_odds(share) * (1 + max(0.0, each) / 10) for share, each in zip(able, psi, strict=True)]
        votes = tally(found, weights)
        winner = next(iter(votes))
        among = [each for each in among if found[each] == winner]
        how = f"vote of {len(among)}, {votes[winner] / (sum(votes.values()) or 1):.2f} of the weight"
    pick = among[central([rows[each] for each in among], [psi[each] for each in among])]
    return pick, how


def _opened(sitting: Sitting, members: Sequence[Member]) -> Generator[Wish, Any, tuple[list[Member], list[Completion]]]:
    """Who answered, and what. Each is asked with the client's own request, tools too: one reply will be given as it
    is."""
    calls = [(member, named(sitting.request, member.name)) for member in members]
    while calls and not sitting.account.affords(len(calls)):
        calls.pop()
    replies = yield from ask_members(sitting.account, calls, "node")
    there = [(member, reply) for (member, _), reply in zip(calls, replies, strict=True) if reply is not None]
    there = [each for each in there if not sitting.misses(each[1])] or there
    return [member for member, _ in there], [reply for _, reply in there]


def _round(
    sitting: Sitting, members: Sequence[Member], replies: Sequence[Completion], rows: Rows
) -> Generator[Wish, Any, tuple[list[Completion], int]]:
    """Every member that somebody leads answers again with its leaders' answers in sight. Half of all pairs are alike
    enough to be joined, whatever the vectors are like."""
    psi = contributions(rows)
    alike = sorted(cosine(one, two) for one, two in combinations(rows, 2))
    joined = edges(rows, psi, alike[len(alike) // 2])
    readers = [each for each in order(psi) if any(target == each for _, target in joined)]
    calls = []
    for reader in readers:
        leaders = [source for source in order(psi) if (source, reader) in joined]
        text = revising(_shown(replies[reader]), [("high", _shown(replies[source])) for source in leaders])
        calls.append((members[reader], following(sitting.request, members[reader].name, text)))
    new = yield from ask_members(sitting.account, calls, "refine")
    now = list(replies)
    for reader, reply in zip(readers, new, strict=True):
        now[reader] = reply or now[reader]
    return now, len(joined)


def _rows(replies: Sequence[Completion]) -> Generator[Wish, Any, Rows]:
    """Each reply's vector: by the embeddings that are installed, else by its words."""
    texts = tuple(_shown(reply)[-TAIL:] for reply in replies)
    embedded = yield from ask(Embed(texts))
    if not isinstance(embedded, Failure):
        return [list(row) for row in embedded]
    return dense(vectors(texts))


def _shown(reply: Completion) -> str:
    """A reply as others read it: its text and its calls."""
    calls = [f"{call.name}({call.arguments})" for turn in reply.turns for call in turn.calls]
    return "\n".join(filter(None, (text_of(reply), *calls)))
