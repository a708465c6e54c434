"""Finished exchanges for the sinks to tell of.

They must not know which sink is tested.
"""

from proxy.exchange import Completion, Exchange, Note, Request, Session, Usage

SECRET = "a word that only the client and the provider may know"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"


def asked(*notes: Note, agent: str = "planner", model: str = "gpt-4o", session: str = "s1") -> Exchange:
    """A streamed chat that went well; its bodies, headers and query hold `SECRET`."""
    secret = SECRET.encode()
    headers = ((b"authorization", secret), (b"traceparent", f"00-{TRACE}-{SPAN}-01".encode()))
    request = Request("POST", "/v1/chat/completions", headers, secret, SECRET, "chat", model, stream=True)
    return Exchange("e1", request, Session(session, agent, "run7", source="header"), 1_760_000_000.25, notes=notes).but(
        completion=Completion(
            200,
            headers,
            secret,
            id="chatcmpl-1",
            model="gpt-4o-2024-08-06",
            finish="stop",
            usage=Usage(1_200, 80, 900),
            cost=0.0031,
            upstream="openai",
            first_byte_s=0.34,
            total_s=0.81,
            overhead_s=0.0004,
        )
    )


def failed(status: int, *, error: str = SECRET, whole: bool = True) -> Exchange:
    """One that did not go well, with the provider's own words."""
    return asked().but(completion=Completion(status, error=error, whole=whole, upstream="openai", total_s=0.1))
