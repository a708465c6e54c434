"""Which Outrider this is.

It must not know anything else.
"""

from importlib.metadata import PackageNotFoundError, version


def installed() -> str:
    """The version of the installed distribution, or `source` where it runs from its source."""
    try:
        return version("outrider")
    except PackageNotFoundError:
        return "source"
