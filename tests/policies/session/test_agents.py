"""Agents get names that people would give them, and keep them while their prompts change in what does not matter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.session import Session
from policies.session.agents import LONGEST_ROLE, role_of
from tests.policies.session.desk import Desk, chat, says, system, user

CREW = (
    "You are {role}. You know your trade, and have done this before.\n"
    "Your personal goal is: Find the news\nTo give my best complete final answer ..."
)


def agent(prompt: str, **fields: object) -> str:
    return Desk().claim(chat(system(prompt), user("hi"), **fields)).agent


@pytest.mark.parametrize(
    ("prompt", "role"),
    [
        ("You are the Planner. Plan.", "Planner"),
        ("You are a customer service agent for Acme.", "customer service agent"),
        ("# Rules\nBe kind.\n\nYou are an SQL expert who answers in JSON.", "SQL expert"),
        ("You are Codex, a coding agent.", "Codex"),
        ("You are now acting as a code reviewer: look at it.", "code reviewer"),
        ("You are Agent 1 of the team.", "Agent 1 of the team"),
        (CREW.format(role="Senior Researcher, News Desk"), "Senior Researcher, News Desk"),
        ("You are a helpful assistant.", ""),
        ("You are an AI assistant that helps.", ""),
        ("You are given a task.", ""),
        ("You are an expert assistant who can solve any task using code blobs.", ""),
        ("You are an interpreter of dreams and of the many things that nobody else will ever see.", ""),
        ("Tell me whether you are a robot", ""),
        ("Be brief.", ""),
        ("", ""),
    ],
)
def test_a_prompt_says_the_role(prompt: str, role: str) -> None:
    """Where it is a noun phrase of sane length that not just anybody could bear."""
    assert role_of(prompt) == role


@given(st.text() | st.text().map("You are {}".format) | st.text().map("You are {}. x\nYour personal goal is: y".format))
def test_any_prompt_has_a_role_of_sane_length_or_none(prompt: str) -> None:
    role = role_of(prompt)
    assert role == role.strip()
    assert len(role) <= 2 * LONGEST_ROLE
    assert not role or role.isprintable()


def test_without_a_role_the_looks_name_the_agent() -> None:
    """By system prompt and tools, whatever the order of the tools."""
    names = ["search", "book"]
    tools = [{"type": "function", "function": {"name": name, "parameters": {}}} for name in names]
    one = agent("Be brief.", tools=tools)
    assert one.startswith("agent-")
    assert len(one) == len("agent-") + 8
    assert agent("Be brief.", tools=tools[::-1]) == one
    assert agent("Be brief.", tools=tools[:1]) != one
    assert agent("Be long.", tools=tools) != one


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The current time is 2024-05-15 15:00:00 EST.", "The current time is 2026-11-02 08:14:59 EST."),
        ("Today is Monday, May 6, 9 am.", "Today is Wednesday,  September 30, 11 PM."),
        ("Session 01a20534-2126-7a92-b1e4-e18aeeb39c4f.", "Session 7f9c2ba4-e88f-827d-6160-455076058500."),
        ("Commit 9fceb02d0ae598e95dc970b74767f19372d61af8.", "Commit e69de29bb2d1d6434b8b29ae775ad8c2e48c5391."),
    ],
)
def test_a_clock_in_the_prompt_makes_no_other_agent(one: str, other: str) -> None:
    """Times, dates and ids are masked."""
    assert agent(f"Be brief.\n{one}") == agent(f"Be brief.\n{other}")


def test_numbered_agents_are_different_agents() -> None:
    """A number in the role is part of the name."""
    assert agent("You are Player 1.") == "Player 1"
    assert agent("You are Player 2.") == "Player 2"


def test_the_order_of_evidence() -> None:
    """Own word, speaker's name, role, program, looks."""
    spoken = {**says("yes"), "name": "critic"}
    body = chat(system("You are the Planner."), user("hi"), spoken, user("so?"))
    aider = {"user-agent": "aider/0.86"}
    assert Desk().claim(body, {**aider, "x-outrider-agent": "own"}).agent == "own"
    assert Desk().claim(body, aider).agent == "critic"
    assert Desk().claim(chat(system("You are the Planner."), user("hi")), aider).agent == "Planner"
    assert Desk().claim(chat(user("hi")), aider).agent == "aider"
    assert Desk().claim(chat(user("hi"))).agent.startswith("agent-")
    assert Desk().claim(None, path="/v1/models").agent == ""


def test_agents_are_renamed_as_the_user_wishes() -> None:
    """Found names are replaced, others stay."""
    desk = Desk(Session({"Planner": "Head of planning"}))
    assert desk.claim(chat(system("You are the Planner."), user("hi"))).agent == "Head of planning"
    assert desk.claim(chat(system("You are the Critic."), user("hi"))).agent == "Critic"


def test_a_huge_prompt_is_looked_at_once_and_not_kept() -> None:
    """Many prompts of 100 kB: the memo holds hashes, and stays right when it is emptied."""
    names = {agent(f"Be brief. {'x' * 100_000} {chr(97 + place % 26)}{'y' * place}") for place in range(40)}
    assert len(names) == 1  # the difference lies beyond what counts for a portrait
    names = {agent(f"Be {'very ' * place}brief.") for place in range(1100)}
    assert len(names) == 1100
    assert agent("Be brief.") in names
