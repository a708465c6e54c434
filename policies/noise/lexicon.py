"""Words by what they do in a sentence: words without content, words of telling, negators, opposites.

It must not know texts. English only: what is said of a word in another language, nothing here says.
"""

import re
from collections import defaultdict
from collections.abc import Mapping


def _words(told: str) -> frozenset[str]:
    """Words that stand with spaces between them."""
    return frozenset(re.findall(r"\S+", told))


EMPTY_WORDS = _words("""
    a about above after again all also am an and any are as at be because been before being below between both but by
    can could d did do does doing don down during each few for from further had has have having he her here hers
    herself him himself his how i if in into is it its itself just let like ll may me might mine more most must my
    myself no nor not now of off on once only or other our ours ourselves out over own re s same shall she should so
    some such t than that the their theirs them themselves then there these they this those through to too under until
    up upon us ve very was we were what when where which while who whom whose why will with within without would yes
    yet you your yours yourself i'm i've i'd i'll it's that's there's he's she's we're they're you're we've they've
    you've isn't aren't wasn't weren't doesn't don't didn't won't wouldn't can't couldn't shouldn't hasn't haven't
    hadn't
    """)
"""Words that say nothing by themselves."""

TELLING = _words("""
    according add added additionally agree agreed ask asked chat chatted conversation describe described discuss
    discussed discussing discussion emphasize emphasized explain explained express expressed expressing furthermore
    highlight highlighted however inform informed meanwhile mention mentioned mentioning moreover note noted overall
    replied reply report reported respond responded reveal revealed said say saying says share shared sharing state
    stated summary talk talked talking tell telling told
    """)
"""Words in which an aggregate tells what was said; no worker has to have said them."""

NEGATORS = _words("""
    absence barely cannot fail failed fails hardly lack lacking lacks neither never no nobody none nor not nothing
    nowhere scarcely unable without
    """)
EXCLUSIVES = _words(
    "although but despite except excluding exclusively however instead merely only rather regardless solely unless"
)
"""Words that narrow what is said, or turn it."""

GRIM = _words("""
    avoid awful bad basic boring complex complicated confusing costly damage dangerous decline decrease deny difficult
    diminish dislike drawback expensive failure false generic harm hate hinder hurt ignore impair incorrect ineffective
    inefficient inflexible lose loss mediocre negative neglect outdated poor poorly problem reduce refuse reject risky
    slow terrible trouble unreliable unsafe useless vague weak worse worsen worst worthless wrong
    """)
"""Words of what is bad: an edit that turns a statement around often brings one."""

SELF = _words("i me my mine we our us you your yours i'm i've i'd i'll you're we're")
"""Words of somebody who speaks of himself, and not of the source."""

_OPPOSITES = """
increase decrease, increase decline, increase reduce, rise fall, rise drop, rise decline, grow shrink, grow decline,
gain lose, gain loss, profit loss, win lose, buy sell, purchase sell, accept reject, accept refuse, accept decline,
agree disagree, agree refuse, allow forbid, allow prevent, allow prohibit, approve reject, approve deny, admit deny,
confirm deny, confirm cancel, begin end, start stop, start finish, start end, continue stop, open close, arrive leave,
arrive depart, enter leave, come go, join leave, support oppose, support hinder, help hinder, help prevent,
enable prevent, boost hinder, boost reduce, improve worsen, improve hinder, improve impair, enhance impair,
enhance reduce, strengthen weaken, encourage discourage, promote hinder, simplify complicate, expand shrink,
expand reduce, accelerate slow, love hate, like dislike, enjoy dislike, succeed fail, success failure, pass fail,
remember forget, include exclude, add remove, attach detach, save spend, save waste, lend borrow, give take,
push pull, send receive, ask answer, protect harm, protect endanger, create destroy, build destroy,
appear disappear, connect disconnect, reveal hide, reveal conceal, show hide, attract repel, praise criticize,
hire fire, find lose, raise lower, exceed miss, high low, higher lower, highest lowest, large small, larger smaller,
big small, great small, long short, longer shorter, tall short, wide narrow, broad narrow, deep shallow, thick thin,
heavy light, fast slow, quick slow, rapid slow, early late, earlier later, old new, old young, ancient modern,
traditional modern, traditional innovative, innovative outdated, modern outdated, first last, next last,
next previous, before after, above below, over under, up down, inside outside, internal external, indoor outdoor,
near far, north south, east west, northern southern, eastern western, left right, front back, top bottom,
upper lower, full empty, more less, more fewer, most least, many few, all none, all some, every none, always never,
often rarely, often seldom, everyone nobody, both neither, major minor, maximum minimum, strong weak,
powerful weak, good bad, better worse, best worst, excellent poor, excellent terrible, rich poor, wealthy poor,
easy difficult, easy hard, simple complex, simple complicated, simple difficult, clear vague, safe dangerous,
secure vulnerable, true false, correct wrong, right wrong, positive negative, public private, free paid,
free expensive, cheap expensive, affordable expensive, healthy sick, alive dead, life death, happy sad,
excited bored, interested bored, confident nervous, calm nervous, optimistic pessimistic, careful careless,
active passive, busy idle, hot cold, warm cool, wet dry, clean dirty, dark light, day night, morning evening,
morning night, morning afternoon, afternoon evening, male female, man woman, men women, boy girl, husband wife,
brother sister, mother father, son daughter, king queen, teacher student, parent child, manual automatic,
manual automated, permanent temporary, constant variable, similar different, same different, identical different,
diverse identical, single multiple, one several, unique common, rare common, general specific, natural artificial,
local global, domestic foreign, domestic international, national international, urban rural, voluntary mandatory,
optional mandatory, optional required, abundant limited, abundant scarce, flexible rigid, robust fragile,
advanced basic, detailed vague, guilty innocent, present absent, presence absence, visible hidden, supply demand,
import export, income expense, revenue cost, asset liability, debt equity, annual monthly, annual quarterly,
annual weekly, monthly weekly, daily weekly, yearly monthly, hour minute, week month, month year, week year,
day week, past future, yesterday tomorrow, today tomorrow, employer employee, buyer seller, customer seller,
client agent, winner loser, friend enemy, hero villain, attack defend, war peace, majority minority,
benefit drawback, benefit cost, strength weakness, opportunity threat, cause effect, question answer,
theory practice, upgrade downgrade, wired wireless, portable fixed, lightweight heavy, fresh stale, sweet bitter,
smooth rough, soft hard, loud quiet, noisy quiet, discrete continuous, legitimate fraudulent, willing reluctant,
eager reluctant
"""

NEGATING = ("un", "in", "im", "ir", "il", "dis", "non", "mis", "anti")
"""Beginnings that turn a word into its opposite."""


def _paired(told: str) -> Mapping[str, frozenset[str]]:
    """Each word with its opposites."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for pair in told.split(","):
        one, other = pair.split()
        found[one].add(other)
        found[other].add(one)
    return {word: frozenset(words) for word, words in found.items()}


OPPOSITES = _paired(_OPPOSITES)
