"""Five workers who looked into a company, and aggregates of what they found, for the tests of the checks.

It must not know what any check says of them.
"""

FINANCE = """Revenue grew to $4.2 million in 2023, up 12 percent from the year before.
Operating costs stayed flat at $2.9 million.
The finance team expects a profit of $1.1 million next year.
Two customers bring 40 percent of all revenue."""
PEOPLE = """The company employs 85 people in three offices.
Staff turnover fell to 6 percent after the new parental leave policy.
The engineering department is hiring twelve developers in Lisbon.
Employees complain about the open-plan office in Berlin."""
PRODUCT = """The mobile app was rewritten in Kotlin and Swift.
Crash reports dropped by half since the release on 8 May 2023.
Users ask for an offline mode and a dark theme.
The web version still depends on an outdated charting library."""
LEGAL = """A patent dispute with Norvell Systems is pending before the court in Munich.
The hearing is scheduled for 14 September 2023 at 9:30 am.
The data protection authority closed its inquiry without a fine.
All supplier contracts contain an arbitration clause."""
MARKET = """Three competitors entered the Scandinavian market this spring.
The largest of them undercuts the subscription price by a quarter.
Analysts at Brightwater rate the sector as fragmented.
Brand awareness among farmers remains low."""
WORKERS = (FINANCE, PEOPLE, PRODUCT, LEGAL, MARKET)

PARTS = (
    "In 2023 revenue rose 12 percent to $4.2 million while operating costs were flat at $2.9 million. "
    "Finance expects profits of $1.1 million next year, and two customers account for 40 percent of revenue.",
    "There are 85 employees in three offices; turnover of staff fell to 6 percent after the parental leave policy. "
    "Engineering hires twelve developers in Lisbon, and employees dislike the open-plan office in Berlin.",
    "The mobile app has been rewritten in Swift and Kotlin, and crashes dropped by half since 8 May 2023. "
    "Users want an offline mode and a dark theme, while the web version depends on an outdated charting library.",
    "The patent dispute with Norvell Systems is before the Munich court, with a hearing on September 14th, 2023 at "
    "09:30. "
    "The data protection authority closed the inquiry without fine, and supplier contracts have an arbitration clause.",
    "Three competitors entered the Scandinavian market in spring, the largest undercutting our subscription price. "
    "Brightwater's analysts call the sector fragmented, and farmers hardly know the brand.",
)
"""What a good aggregator makes of each worker."""
AGGREGATE = "\n".join(PARTS)


def without(worker: int) -> str:
    """The aggregate of an aggregator who dropped one."""
    return "\n".join(part for who, part in enumerate(PARTS) if who != worker)
