"""What objectives are about: four tools, the records that they return, and the words and values in them.

It must not know sessions, models or scores.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import NamedTuple

FIRST = (
    "Mara", "Jonas", "Ilse", "Tomas", "Greta", "Pavel", "Signe", "Oskar", "Lena", "Marek", "Astrid", "Henrik",
    "Nadia", "Felix", "Runa", "Anton",
)  # fmt: skip
LAST = (
    "Ilves", "Brandt", "Novak", "Soto", "Lindqvist", "Keller", "Horvat", "Okafor", "Duarte", "Petrov", "Moreau",
    "Haddad", "Tanaka", "Quist", "Varga", "Rossi",
)  # fmt: skip
CITIES = (
    "Lisbon", "Riga", "Porto", "Graz", "Bergen", "Gdansk", "Turin", "Malmo", "Bilbao", "Leeds", "Ghent",
    "Split", "Brno", "Tampere", "Nantes", "Basel",
)  # fmt: skip
HOTELS = (
    "Aurora", "Miramar", "Bellevue", "Continental", "Astoria", "Meridian", "Palace", "Savoy", "Regent",
    "Excelsior",
)  # fmt: skip
CARRIERS = (
    "Norpost", "Velocargo", "Transalp", "Bluefreight", "Eastlink", "Parcelia",
)  # fmt: skip
PRODUCTS = ("oak desk", "desk lamp", "steel shelf", "office chair", "wall clock", "filing cabinet", "floor mat")
DOCTORS = (
    "Weiss", "Amari", "Lund", "Castell", "Dvorak", "Ferro", "Ingram", "Salter",
)  # fmt: skip
STATES = {
    "booking": ("confirmed", "waitlisted", "paid"),
    "shipment": ("in transit", "at customs", "handed over"),
    "invoice": ("open", "paid", "overdue"),
    "appointment": ("confirmed", "requested", "moved"),
}
LETTERS, DIGITS = "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789"

Make = Callable[[Random], str]


class Kind(NamedTuple):
    """A sort of record and the tool that finds it."""

    noun: str
    tool: str
    argument: str
    """Of the tool, and the record's field with the person's name."""
    fields: Mapping[str, Make]
    """Field and how its value is drawn; the person's name stands before them."""
    asked: Mapping[str, str]
    """Fields that can be asked for, and what they are called in a question."""


def code(random: Random) -> str:
    """Six letters and digits: `K7QZ4T`."""
    return "".join(random.choice(LETTERS + DIGITS) for _ in range(6))


def numbered(prefix: str) -> Make:
    """A number behind letters: `TRK-482913`."""
    return lambda random: f"{prefix}-{random.randrange(100_000, 1_000_000)}"


def amount(random: Random) -> str:
    """Money: `412.85`."""
    return f"{random.randrange(40, 2000)}.{random.randrange(100):02}"


def date(random: Random) -> str:
    """A day of two years to come: `2031-04-17`."""
    return f"{random.choice((2031, 2032))}-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}"


def count(random: Random) -> str:
    """A small number."""
    return f"{random.randrange(1, 15)}"


def of(*words: str) -> Make:
    """One of the words."""
    return lambda random: random.choice(words)


KINDS = (
    Kind(
        "booking",
        "find_booking",
        "guest",
        {"confirmation": code, "hotel": of(*HOTELS), "city": of(*CITIES), "check_in": date, "nights": count,
         "total_eur": amount, "status": of(*STATES["booking"])},
        {"confirmation": "confirmation code", "city": "city", "check_in": "check-in date", "total_eur": "total in EUR"},
    ),
    Kind(
        "shipment",
        "track_shipment",
        "recipient",
        {"tracking": numbered("TRK"), "carrier": of(*CARRIERS), "origin": of(*CITIES), "arrives": date,
         "weight_kg": count, "fee_eur": amount, "status": of(*STATES["shipment"])},
        {"tracking": "tracking number", "origin": "city of origin", "arrives": "arrival date", "fee_eur": "fee in EUR"},
    ),
    Kind(
        "invoice",
        "find_invoice",
        "customer",
        {"number": numbered("INV"), "item": of(*PRODUCTS), "branch": of(*CITIES), "due": date, "quantity": count,
         "amount_eur": amount, "status": of(*STATES["invoice"])},
        {"number": "invoice number", "branch": "branch city", "due": "due date", "amount_eur": "amount in EUR"},
    ),
    Kind(
        "appointment",
        "find_appointment",
        "patient",
        {"reference": code, "doctor": of(*DOCTORS), "clinic": of(*CITIES), "day": date, "room": count,
         "price_eur": amount, "status": of(*STATES["appointment"])},
        {"reference": "reference code", "clinic": "clinic city", "day": "day", "price_eur": "price in EUR"},
    ),
)  # fmt: skip
