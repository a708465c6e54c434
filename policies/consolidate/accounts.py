"""What a request adds to what is known of its session's money and of its agent: bill, sums, lessons.

It must not know how a request is condensed.
"""

from policies.consolidate import trial
from policies.consolidate.case import Case
from policies.consolidate.choice import Stand
from policies.consolidate.ledger import Branch, Ledger
from policies.consolidate.lesson import Agent, Told, tells
from policies.consolidate.standing import Sent, bill, billed
from policies.consolidate.tariff import Tariff
from policies.consolidate.wishes import TAGGED
from proxy.exchange import Exchange


def agent_key(exchange: Exchange) -> str:
    """An agent of one caller: nobody learns from another's sessions."""
    return f"{exchange.request.caller}:{exchange.session.agent}"


def standing(ledger: Ledger, agent: Agent, tariff: Tariff, now: float) -> Stand:
    """Where the session stands with its money before this request."""
    known, requests = bill(ledger.purse.get("bill")), int(ledger.purse.get("requests", 0))
    cold = bool(ledger.at) and now - ledger.at > tariff.ttl_s
    return Stand(known.plain, known.ahead, agent.remaining(requests + 1), requests + 1, cold, agent.rest > 0)


def charged(after: Ledger, before: Ledger, branch: Branch, case: Case, exchange: Exchange, state: int = 0) -> Ledger:
    """The ledger with this request on its bill. `state`: tokens of its reply that only the state took."""
    known, requests = bill(before.purse.get("bill")), int(before.purse.get("requests", 0)) + 1
    point, sent = branch.checkpoint, int(before.purse.get("sent", 0))
    event = point is not None and point.made == exchange.id
    kept = case.frame + (point.kept_tokens - point.moved if point and event else sent) if requests > 1 else 0
    usage = exchange.completion.usage if exchange.completion else None
    one = Sent(
        case.frame + branch.whole,
        case.frame + case.contract + branch.tokens,
        kept,
        usage.completion if usage else 0,
        bool(before.at) and exchange.now - before.at > case.tariff.ttl_s,
        case.estimate(sent, point) if event and point else 0.0,
        min(state, usage.completion) if usage else 0,
    )
    purse = {
        "bill": billed(known, case.tariff, one).json(),
        "requests": requests,
        "sent": branch.tokens,
        "events": int(before.purse.get("events", 0)) + event,
        "priced": case.tariff.known,
    }
    return after._replace(purse=purse, at=exchange.now)


def figures(after: Ledger, before: Ledger, branch: Branch, mode: str) -> dict[str, float]:
    """What this request adds to the policy's sums: US dollars where prices are known, tokens not sent, events.

    In shadow mode they are called `would_…`.
    """
    now, then = bill(after.purse.get("bill")), bill(before.purse.get("bill"))
    sums: dict[str, float] = {
        "events": after.purse["events"] - int(before.purse.get("events", 0)),
        "saved_tokens": max(0, branch.whole - branch.tokens),
    }
    if after.purse["priced"]:
        sums |= {
            "saved_usd": now.saved - then.saved,
            "extra_usd": now.extra - then.extra,
            "maker_usd": now.maker - then.maker,
        }
    prefix = "would_" if mode == "shadow" else ""
    return {f"{prefix}{name}": number for name, number in sums.items() if number > 0}


def told(exchange: Exchange, ledger: Ledger, mode: str) -> list[Told] | None:
    """What this exchange teaches about its agent; most teach nothing."""
    key, purse = agent_key(exchange), ledger.purse
    if mode == TAGGED:
        return [trial.tells(key, trial.TAGGED, exchange.session.id, exchange.completion)]
    lasting = tells(key, purse["requests"])
    if lasting is None:
        return None
    net: Told = [key, "net", exchange.session.id, bill(purse["bill"]).ahead]
    return [lasting, net] if purse["events"] else [lasting]
