"""The table of wire forms: which path speaks which.

It must not know what a form does. Paths are exact; whatever is not listed is relayed unread.
"""

from proxy.wire import Form
from proxy.wire.chat import Chat
from proxy.wire.completions import Completions
from proxy.wire.embeddings import Embeddings
from proxy.wire.growth import Growth
from proxy.wire.messages import Messages
from proxy.wire.plain import Plain
from proxy.wire.responses import Responses


class Forms:
    """Every form, with one memory of read bodies between them (`cache_bytes`; 0 remembers nothing)."""

    def __init__(self, cache_bytes: int = 32 << 20) -> None:
        growth = Growth(cache_bytes)
        messages, responses = Messages(growth), Responses(growth)
        self._plain: Form = Plain()
        self._posts: dict[str, Form] = {
            "/v1/chat/completions": Chat(growth),
            "/v1/responses": responses,
            "/v1/responses/compact": responses,
            "/v1/responses/input_tokens": responses,
            "/v1/completions": Completions(),
            "/v1/embeddings": Embeddings(),
            "/v1/moderations": Embeddings("moderations"),
            "/v1/messages": messages,
            "/v1/messages/count_tokens": messages,
        }
        self._names = {form.name: form for form in self._posts.values()}

    def of(self, method: str, path: str) -> Form:
        """The form of a request, by its method and its path below the host (without query)."""
        return self._posts.get(path, self._plain) if method == "POST" else self._plain

    def named(self, name: str) -> Form:
        """The form of that name; the plain one for a name there is not."""
        return self._names.get(name, self._plain)
