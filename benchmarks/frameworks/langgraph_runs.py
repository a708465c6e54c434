"""Teams in LangGraph: workers side by side, a chain, a shared history, a critic.

It must not know what is measured.
"""

import operator
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Annotated, Any, TypedDict

from langchain_core.messages import AnyMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph

from benchmarks.frameworks.script import instructions

Node = Callable[[Any], Awaitable[Any]]


class Notes(TypedDict):
    """What workers hand to the editor."""

    task: str
    notes: Annotated[list[str], operator.add]
    draft: str


class Talk(TypedDict):
    """A history that all share."""

    messages: Annotated[list[AnyMessage], operator.add]


def model(url: str, *, stream: bool) -> ChatOpenAI:
    """The framework's own client of the proxy."""
    return ChatOpenAI(model="m", base_url=f"{url}/v1", api_key="sk-team", streaming=stream, max_retries=0)  # type: ignore[arg-type]


async def fan(url: str, run: str, topic: str, *, count: int, stream: bool) -> None:
    """Workers at once, an editor who gets all their notes, a critic who gets the draft alone."""
    llm = model(url, stream=stream)
    graph = StateGraph(Notes)
    names = [f"worker-{number}" for number in range(count)]
    for name in names:
        graph.add_node(name, _worker(llm, name, run, topic))
        graph.add_edge(START, name)
    graph.add_node("editor", _editor(llm, run, topic))
    graph.add_node("critic", _critic(llm, run))
    graph.add_edge(names, "editor")
    graph.add_edge("editor", "critic")
    graph.add_edge("critic", END)
    await graph.compile().ainvoke({"task": f"The topic is {topic}.", "notes": [], "draft": ""})


async def chain(url: str, run: str, topic: str, *, count: int, stream: bool) -> None:
    """Each gets the one before alone."""
    llm, text = model(url, stream=stream), f"The topic is {topic}."
    for number in range(count):
        got = await llm.ainvoke([SystemMessage(instructions(f"link-{number}", run)), HumanMessage(text)])
        text = f"The topic is {topic}. Go on from this:\n\n{got.text}"


async def round_table(url: str, run: str, topic: str, *, count: int, stream: bool) -> None:
    """A history that everybody reads, twice around; each speaker is told who spoke."""
    llm = model(url, stream=stream)
    graph = StateGraph(Talk)
    names = [f"speaker-{number}" for number in range(count)]
    for name in names:
        graph.add_node(name, _speaker(llm, name, run))
    for one, two in pairwise(names):
        graph.add_edge(one, two)
    graph.add_edge(START, names[0])
    graph.add_edge(names[-1], END)
    table = graph.compile()
    state: Any = {"messages": [HumanMessage(f"The topic is {topic}.")]}
    for _ in range(2):
        state = await table.ainvoke(state)


def _worker(llm: ChatOpenAI, name: str, run: str, topic: str) -> Node:
    async def work(state: Notes) -> dict[str, Any]:
        got = await llm.ainvoke(
            [SystemMessage(instructions(name, run)), HumanMessage(f"{state['task']} Your part: {name}.")]
        )
        return {"notes": [got.text]}

    return work


def _editor(llm: ChatOpenAI, run: str, topic: str) -> Node:
    async def edit(state: Notes) -> dict[str, Any]:
        told = "\n\n".join(f"### Note {number}\n{note}" for number, note in enumerate(state["notes"], 1))
        ask = f"The topic is {topic}. Make one report of these notes.\n\n{told}"
        got = await llm.ainvoke([SystemMessage(instructions("editor", run)), HumanMessage(ask)])
        return {"draft": got.text}

    return edit


def _critic(llm: ChatOpenAI, run: str) -> Node:
    async def judge(state: Notes) -> dict[str, Any]:
        ask = f"{state['task']} What is wrong with this draft?\n\n{state['draft']}"
        await llm.ainvoke([SystemMessage(instructions("critic", run)), HumanMessage(ask)])
        return {}

    return judge


def _speaker(llm: ChatOpenAI, name: str, run: str) -> Node:
    async def speak(state: Talk) -> dict[str, Any]:
        got = await llm.ainvoke([SystemMessage(instructions(name, run)), *state["messages"]])
        return {"messages": [HumanMessage(f"{name} said:\n{got.text}")]}

    return speak
