"""Own headers, paths, gateways' dialects, clients' own ways: each is heard, the better one first."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.session.explicit import VENDOR_ID, plausible
from tests.policies.session.desk import Desk, chat, user

BODY = chat(user("hi"))
UUID = "01a20534-2126-7a92-b1e4-e18aeeb39c4f"
CLAUDE = {"user-agent": "claude-cli/2.0.1 (external, cli)", "x-app": "cli"}


def test_own_headers_say_everything() -> None:
    headers = {f"x-outrider-{part}": f"the {part}" for part in ("session", "agent", "run", "parent")}
    claim = Desk().claim(BODY, headers)
    said = (claim.session, claim.agent, claim.run, claim.parent, claim.source, claim.confidence)
    assert said == ("the session", "the agent", "the run", "the parent", "header", 1.0)
    assert claim.links == ()


def test_the_path_says_the_same_and_a_header_beats_it() -> None:
    tags = {"session": "s1", "agent": "planner", "run": "r1"}
    claim = Desk().claim(BODY, tags=tags)
    assert (claim.session, claim.agent, claim.run, claim.source) == ("s1", "planner", "r1", "path")
    claim = Desk().claim(BODY, {"x-outrider-session": "s2"}, tags=tags)
    assert (claim.session, claim.agent, claim.run, claim.source) == ("s2", "planner", "r1", "header")


def test_an_agent_given_alone_goes_with_any_way_to_the_session() -> None:
    """With a gateway's session, and with links."""
    claim = Desk().claim(BODY, {"x-outrider-agent": "critic", "x-litellm-session-id": "s1"})
    assert (claim.session, claim.agent, claim.source) == ("s1", "critic", "litellm")
    claim = Desk().claim(BODY, tags={"agent": "critic", "run": "r1"})
    assert (claim.session, claim.agent, claim.run) == ("", "critic", "r1")


@pytest.mark.parametrize(
    ("header", "source"),
    [
        ("x-litellm-trace-id", "litellm"),
        ("x-litellm-session-id", "litellm"),
        ("helicone-session-id", "helicone"),
        ("x-portkey-trace-id", "portkey"),
        ("langfuse_session_id", "langfuse"),
        ("langfuse_trace_id", "langfuse"),
        ("agent-session-id", "envoy"),
        ("x-dynamo-session-id", "dynamo"),
        ("x-acme-session-id", "vendor_header"),
        ("x-session-id", "vendor_header"),
    ],
)
def test_gateways_headers_name_a_session(header: str, source: str) -> None:
    claim = Desk().claim(BODY, {header: "session-0001"})
    assert (claim.session, claim.source) == ("session-0001", source)
    assert Desk().claim(None, {header: "session-0001"}, path="/v1/models").session == "session-0001"


@pytest.mark.parametrize(
    ("fields", "source"),
    [
        ({"litellm_session_id": "s1"}, "litellm"),
        ({"metadata": {"session_id": "s1"}}, "metadata"),
        ({"litellm_metadata": {"session_id": "s1"}}, "metadata"),
        ({"metadata": {"langfuse_session_id": "s1", "langfuse_trace_id": "t1"}}, "langfuse"),
        ({"metadata": {"cursorConversationId": "s1"}}, "cursor"),
        ({"session_id": "s1"}, "metadata"),
    ],
)
def test_gateways_body_fields_name_a_session(fields: dict[str, Any], source: str) -> None:
    claim = Desk().claim({**BODY, **fields})
    assert (claim.session, claim.source) == ("s1", source)


def test_litellms_trace_is_believed_before_its_session_and_both_before_any_vendor() -> None:
    headers = {"x-acme-session-id": "acme-0001", "x-litellm-session-id": "l", "x-litellm-trace-id": "t"}
    assert Desk().claim(BODY, headers).session == "t"
    del headers["x-litellm-trace-id"]
    assert Desk().claim(BODY, headers).session == "l"
    assert Desk().claim(BODY, {**headers, "x-outrider-session": "own"}).session == "own"


def test_dynamo_and_portkey_say_more_than_the_session() -> None:
    claim = Desk().claim(BODY, {"x-dynamo-session-id": "child", "x-dynamo-parent-session-id": "root"})
    assert (claim.session, claim.parent) == ("child", "root")
    metadata = json.dumps({"session_id": "s1", "agent_name": "critic", "_user": "u"})
    claim = Desk().claim(BODY, {"x-portkey-metadata": metadata})
    assert (claim.session, claim.agent, claim.source) == ("s1", "critic", "metadata")


def test_a_trace_is_a_run_where_nothing_else_is() -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    claim = Desk().claim(BODY, headers)
    assert (claim.session, claim.run) == ("", trace)
    assert Desk().claim(BODY, headers, tags={"run": "r1"}).run == "r1"
    assert Desk().claim({**BODY, "trace": {"trace_id": "or"}}, headers).run == "or"
    assert Desk().claim(BODY, {"traceparent": f"00-{'0' * 32}-00f067aa0ba902b7-01"}).run == ""


def test_claude_code_names_its_session_and_a_sub_agent_is_a_child_of_it() -> None:
    claim = Desk().claim(BODY, {**CLAUDE, "x-claude-code-session-id": UUID})
    assert (claim.session, claim.run, claim.parent, claim.source) == (UUID, UUID, "", "claude-code")
    assert claim.agent == "claude-code"
    headers = {**CLAUDE, "x-claude-code-session-id": UUID, "x-claude-code-agent-id": "a7"}
    child = Desk().claim(BODY, headers)
    assert (child.session, child.run, child.parent, child.agent) == (f"{UUID}.a7", UUID, UUID, "a7")
    headers |= {
        "x-claude-code-agent-id": "b8",
        "x-claude-code-parent-agent-id": "a7",
        "x-claude-code-agent-type": "Plan",
    }
    below = Desk().claim(BODY, headers)
    assert (below.session, below.parent, below.agent) == (f"{UUID}.b8", f"{UUID}.a7", "Plan")


@pytest.mark.parametrize(
    "user_id",
    [
        f"user_{'ab' * 32}_account_{UUID}_session_{UUID}",
        json.dumps({"device_id": "d", "account_uuid": "", "session_id": UUID}),
    ],
)
def test_claude_code_names_its_session_in_the_body_in_two_forms(user_id: str) -> None:
    body = {**BODY, "max_tokens": 10, "metadata": {"user_id": user_id}}
    claim = Desk().claim(body, CLAUDE, path="/v1/messages")
    assert (claim.session, claim.source) == (UUID, "claude-code")
    assert Desk().claim(body, {"user-agent": "curl/8"}, path="/v1/messages").session == ""


def test_codex_children_and_old_codex_are_understood() -> None:
    agent = {"user-agent": "codex_cli_rs/0.169.0 (Debian)"}
    claim = Desk().claim(BODY, {**agent, "session_id": UUID})
    assert (claim.session, claim.source, claim.agent) == (UUID, "codex", "codex")
    headers = {"session-id": UUID, "thread-id": "t2", "x-codex-parent-thread-id": UUID, "x-openai-subagent": "review"}
    child = Desk().claim(BODY, {**agent, **headers})
    assert (child.session, child.run, child.parent, child.agent) == ("t2", UUID, UUID, "review")


def test_unprefixed_headers_count_only_from_the_client_they_belong_to() -> None:
    claim = Desk().claim(BODY, {"session-id": UUID, "thread-id": UUID, "x-task-id": UUID, "user-agent": "curl/8"})
    assert claim.session == ""


def test_opencode_sub_agents_and_cline_are_understood() -> None:
    headers = {"user-agent": "opencode/1.18.33", "x-parent-session-id": "ses_parent_1", "x-session-id": "ses_child_1"}
    claim = Desk().claim(BODY, headers)
    assert (claim.session, claim.parent, claim.source) == ("ses_child_1", "ses_parent_1", "opencode")
    claim = Desk().claim(BODY, {"user-agent": "Cline/3.2", "x-task-id": "task1"})
    assert (claim.session, claim.agent, claim.source) == ("task1", "cline", "cline")


def test_a_parents_session_header_is_not_taken_for_ones_own() -> None:
    assert Desk().claim(BODY, {"x-parent-session-id": "ses_parent_1"}).session == ""


@pytest.mark.parametrize(("key", "taken"), [(f"agents-sdk:session:{'a' * 32}", True), (UUID, True), ("my-app", False)])
def test_a_prompt_cache_key_counts_only_where_it_names_a_session(key: str, taken: bool) -> None:
    claim = Desk().claim({**BODY, "prompt_cache_key": key})
    assert claim.session == (key if taken else "")
    later = Desk().claim({**BODY, "prompt_cache_key": key, "previous_response_id": "resp_1"})
    assert later.session == ""
    assert later.links[0].source == "response_id"


@pytest.mark.parametrize("value", ["", " ", "a" * 257, "two\tparts", "bell\x07"])
def test_implausible_ids_are_not_taken(value: str) -> None:
    assert Desk().claim(BODY, {"x-outrider-session": value, "x-litellm-session-id": value}).session == ""
    assert Desk().claim({**BODY, "session_id": value}).session == ""


names = st.sampled_from(
    ["x-outrider-session", "x-litellm-trace-id", "traceparent", "x-portkey-metadata", "x-codex-turn-metadata"]
) | st.sampled_from(
    ["user-agent", "originator", "x-a-session-id", "idempotency-key", "x-stainless-retry-count", "thread-id"]
)
values = st.text(st.characters(max_codepoint=255), max_size=40) | st.sampled_from(
    ["codex_exec/1", "claude-cli/1", "opencode/1", "Cline/1", '{"session_id": 3}', "[" * 2000, "{" * 2000]
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
)
bodies = st.dictionaries(
    st.sampled_from(["metadata", "session_id", "conversation", "previous_response_id", "client_metadata", "trace"])
    | st.sampled_from(["prompt_cache_key", "litellm_metadata", "store", "messages", "tools", "input"]),
    anything
    | st.fixed_dictionaries({"user_id": st.text(max_size=9) | st.just('{"session_id": []}'), "session_id": anything}),
)


@given(
    st.dictionaries(names, values),
    bodies,
    st.sampled_from(["/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/embeddings", "/v1/files"]),
)
def test_nothing_a_client_sends_can_make_it_raise(headers: dict[str, str], body: dict[str, Any], path: str) -> None:
    """Whatever stands in headers and fields, there is a claim with plausible parts and bounded links."""
    claim = Desk().claim(body, headers, path=path)
    for part in (claim.session, claim.agent, claim.run, claim.parent):
        assert part == "" or plausible(part) == part
    assert len(claim.links) <= 16
    assert len(claim.parents) <= 16


@given(st.from_regex(VENDOR_ID, fullmatch=True))
def test_plausible_ids_are_taken_as_they_are(id_: str) -> None:
    assert Desk().claim(BODY, {"x-outrider-session": id_}).session == id_
