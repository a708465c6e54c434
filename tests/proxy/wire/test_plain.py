"""What is relayed unread.

It must not know any other form.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.wire import Body, Outcome
from proxy.wire.plain import Plain


@settings(deadline=None)
@given(st.binary(), st.booleans())
def test_unread(body: bytes, events: bool) -> None:
    """Whatever the bytes are, nothing is read from them and nothing is wrong with them."""
    plain = Plain()
    assert plain.read(body) == Body()
    assert plain.fold(body, events=events) == Outcome()
    assert not plain.ends(body)
