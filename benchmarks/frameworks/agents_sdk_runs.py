"""Teams with the OpenAI Agents SDK: workers side by side, helpers as tools, a hand-over; Responses and Chat
Completions.

It must not know what is measured.
"""

import asyncio
from typing import Any

from agents import Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner, set_tracing_disabled
from openai import AsyncOpenAI

from benchmarks.frameworks.script import instructions


def model(url: str, *, stream: bool) -> Any:
    """The framework's own client of the proxy; here `stream` takes the other form, for its replies come whole."""
    set_tracing_disabled(True)
    client = AsyncOpenAI(base_url=f"{url}/v1", api_key="sk-team", max_retries=0)
    return OpenAIChatCompletionsModel("m", client) if stream else OpenAIResponsesModel("m", client)


async def fan(url: str, run: str, topic: str, *, count: int, stream: bool) -> None:
    """Workers at once, an editor who gets all their notes."""
    llm = model(url, stream=stream)
    workers = [_agent(f"worker-{number}", run, llm) for number in range(count)]
    notes = await asyncio.gather(*(Runner.run(worker, f"The topic is {topic}.") for worker in workers))
    told = "\n---\n".join(str(note.final_output) for note in notes)
    await Runner.run(_agent("editor", run, llm), f"The topic is {topic}. Put together:\n{told}")


async def helpers(url: str, run: str, topic: str, *, count: int, stream: bool) -> None:
    """A manager whose helpers are tools: their replies come back as results."""
    llm = model(url, stream=stream)
    tools = [
        _agent(f"helper-{number}", run, llm).as_tool(f"helper_{number}", f"Knows part {number}.")
        for number in range(count)
    ]
    manager = Agent(name="manager", instructions=instructions("manager", run, first=True), model=llm, tools=[*tools])
    await Runner.run(manager, f"The topic is {topic}.")


async def pairs(url: str, run: str, topic: str, *, count: int, stream: bool) -> None:
    """Each worker's note is judged by a critic of its own: nobody puts anything together."""
    llm = model(url, stream=stream)
    for number in range(count):
        note = await Runner.run(_agent(f"worker-{number}", run, llm), f"The topic is {topic}.")
        await Runner.run(
            _agent(f"critic-{number}", run, llm), f"The topic is {topic}. Judge this:\n{note.final_output}"
        )


def _agent(name: str, run: str, llm: Any) -> Agent[Any]:
    return Agent(name=name, instructions=instructions(name, run), model=llm)
