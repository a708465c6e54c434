"""Names in what a model said."""

from policies.inner.mentions import mentioned


def test_names_in_a_text() -> None:
    """In their order, once, and the longer of two that begin alike."""
    names = ["gpt-5", "gpt-5-mini", "qwen2.5", "a/b"]
    assert mentioned("gpt-5-mini, then a/b; never gpt-4. And GPT-5, gpt-5-mini.", names) == ["gpt-5-mini", "a/b"]
    assert mentioned('["qwen2.5","gpt-5"].', names) == ["qwen2.5", "gpt-5"]
    assert mentioned("qwen2.5.1 or none", names) == []
    assert mentioned("anything", []) == []
