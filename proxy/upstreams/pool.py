"""The pool: picks the upstream that is to answer, goes to the next when one cannot, and keeps their health.

It must not know HTTP clients, wire forms or policies.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from proxy.exchange import Reply, Request
from proxy.health import Outcome, fold, is_failure, retry_after_s, well
from proxy.roster import Health, Model, Roster
from proxy.upstreams import Take, Upstream, UpstreamError
from proxy.upstreams.listing import LISTING, list_models
from proxy.upstreams.route import PREFERENCE, Place, by_name, may_repeat, places

REFUSED = frozenset((429, 503))
"""The upstream did nothing."""
UNKNOWN = Health()
FAILED = REFUSED | {502, 504}


class Pool:
    """Upstreams by name, the first being the default, and the models that are listed.

    A model nobody lists goes to `defaults` (in order of health, on to the next only when a connection cannot be
    had). As it stands these are the first upstream alone: the next one may be another company, which must not be
    shown the client's credentials.

    No request is sent twice to one upstream, and to another only before the first byte: always when nothing was
    sent; after 429, 502, 503, 504, timeouts and broken connections only when the model is listed there and
    `may_repeat` agrees. Else the client gets the upstream's own status and body.
    """

    def __init__(
        self,
        upstreams: Mapping[str, Upstream],
        models: Mapping[str, Model],
        clock: Callable[[], float],
        *,
        defaults: Sequence[str] = (),
        virtual: Sequence[str] = (),
    ) -> None:
        """`clock` gives epoch seconds; `virtual` are model names that policies answer to, for the listing."""
        if not upstreams:
            raise ValueError("a pool needs at least one upstream")
        self._upstreams = upstreams
        self._clock = clock
        self._defaults = tuple(defaults) or (next(iter(upstreams)),)
        self._virtual = tuple(virtual)
        self._roster = Roster()
        self.relist(models)

    def relist(self, models: Mapping[str, Model]) -> None:
        """Takes other models from now on; what is under way goes on, and health stays."""
        self._models = models
        self._named = by_name(models)
        self._roster = Roster({name: listed[0] for name, listed in self._named.items()}, self._roster.health)

    def roster(self) -> Roster:
        """Models by name and health by upstream, as they are now."""
        return self._roster

    async def send(self, request: Request, *, pinned: str = "") -> Reply:
        """The answer of the first upstream that has one. Raises `UpstreamError`, the last one's, when none has.

        `pinned` names the one upstream that made the state the request refers to; no other is asked.
        """
        if self._lists(request, pinned):
            return await list_models(request, self._upstreams, self._models, self._virtual)
        options = places(request, self._named, self._upstreams.keys(), self._defaults, pinned=pinned)
        if len(options) == 1:
            return await self._ask(options[0], request)
        return await self._first_of(self._healthiest_first(options), request, known=request.model in self._named)

    async def close(self) -> None:
        """Closes every upstream."""
        for upstream in self._upstreams.values():
            await upstream.close()

    def _lists(self, request: Request, pinned: str) -> bool:
        several = len(self._upstreams) > 1 or self._models or self._virtual
        asked = request.method == "GET" and request.path == LISTING
        return bool(asked and several and not pinned and not request.header(PREFERENCE))

    def _healthiest_first(self, options: Sequence[Place]) -> list[Place]:
        now, health = self._clock(), self._roster.health
        return sorted(options, key=lambda place: not well(health.get(place.upstream), now))

    async def _first_of(self, options: Sequence[Place], request: Request, *, known: bool) -> Reply:
        spare: Reply | None = None
        fault: UpstreamError | None = None
        for place in options:
            try:
                reply = await self._ask(place, request)
            except UpstreamError as error:
                fault = error
                if error.sent and not (known and may_repeat(request, refused=False)):
                    break
                continue
            if spare is not None:
                await _drop(spare)
            if reply.status not in FAILED or not known or not may_repeat(request, refused=reply.status in REFUSED):
                return reply
            spare = reply
        if spare is not None:
            return spare
        assert fault is not None
        raise fault

    async def _ask(self, place: Place, request: Request) -> Reply:
        began = self._clock()
        try:
            reply = await self._upstreams[place.upstream].send(place.asked(request))
        except UpstreamError:
            self._learn(place.upstream, Outcome(False, at=self._clock()))
            raise
        if is_failure(reply.status):
            now = self._clock()
            self._learn(place.upstream, Outcome(False, at=now, retry_after_s=retry_after_s(reply.headers, now)))
            return reply
        chunks = _Watched(reply.chunks, lambda ok, at: self._ended(place.upstream, ok, began, at), self._clock)
        return Reply(reply.status, reply.headers, chunks, reply.upstream)

    def _ended(self, upstream: str, ok: bool, began: float, first_byte: float) -> None:
        now = self._clock()
        self._learn(upstream, Outcome(ok, max(0.0, (first_byte or now) - began), now))

    def _learn(self, upstream: str, outcome: Outcome) -> None:
        models, health = self._roster
        self._roster = Roster(models, {**health, upstream: fold(health.get(upstream) or UNKNOWN, outcome)})


class _Watched:
    """A body whose end, good or bad, is told once. A client who leaves says nothing about the upstream."""

    __slots__ = ("_chunks", "_clock", "_first", "_tell")

    def __init__(
        self, chunks: AsyncIterator[bytes], tell: Callable[[bool, float], None], clock: Callable[[], float]
    ) -> None:
        self._chunks = chunks
        self._tell: Callable[[bool, float], None] | None = tell
        self._clock = clock
        self._first = 0.0

    def __aiter__(self) -> "_Watched":
        return self

    async def __anext__(self) -> bytes:
        try:
            chunk = await self._chunks.__anext__()
        except StopAsyncIteration:
            self._told(True)
            raise
        except UpstreamError:
            self._told(False)
            raise
        self._first = self._first or self._clock()
        return chunk

    def bypass(self, take: Take) -> None:
        offer = getattr(self._chunks, "bypass", None)
        if offer is not None:
            offer(take)

    async def aclose(self) -> None:
        self._tell = None
        await _close(self._chunks)

    def _told(self, ok: bool) -> None:
        tell, self._tell = self._tell, None
        if tell is not None:
            tell(ok, self._first)


async def _drop(reply: Reply) -> None:
    await _close(reply.chunks)


async def _close(chunks: AsyncIterator[bytes]) -> None:
    close = getattr(chunks, "aclose", None)
    if close is not None:
        await close()
