"""Upstreams, models and the pool of them, as the settings name them.

It must not know what is asked of them. Rooms that only some settings ask for are imported when they do.
"""

import time
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from proxy.places import Place
from proxy.settings import Settings
from proxy.upstreams import Upstream
from proxy.upstreams.http import HttpUpstream, Timeouts
from proxy.upstreams.pool import Pool

if TYPE_CHECKING:
    from proxy.roster import Model
    from proxy.upstreams.recorded import RecordedUpstream


def open_upstream(place: Place, settings: Settings, count: Callable[[str], int]) -> Upstream:
    """One upstream."""
    if place.recordings:
        recorded: type[RecordedUpstream] = import_module("proxy.upstreams.recorded").RecordedUpstream
        return recorded(place.name, place.recordings, speed=settings.recorded_speed, count=count)
    timeouts = Timeouts(settings.connect_timeout_s, settings.first_byte_timeout_s, settings.between_chunks_timeout_s)
    return HttpUpstream(place.name, place.url, key=place.key, timeouts=timeouts)


def open_pool(settings: Settings, count: Callable[[str], int], virtual: Sequence[str] = ()) -> Pool:
    """All upstreams; `virtual` are the model names that policies answer to."""
    upstreams = {place.name: open_upstream(place, settings, count) for place in settings.places}
    return Pool(upstreams, read_models(settings, virtual), time.time, virtual=virtual)


def read_models(settings: Settings, virtual: Sequence[str] = ()) -> "dict[str, Model]":
    """The models of the settings' file; none without one. Raises `ValueError` and `OSError`."""
    if not settings.models:
        return {}
    places = [place.name for place in settings.places]
    read: Callable[..., dict[str, Model]] = import_module("proxy.upstreams.models").read_models
    return read(settings.models, places, virtual)
