"""Teams with AG2: workers side by side, a panel that is told all, a chain, an editor who is asked again.

It must not know what is measured.
"""

import asyncio

from ag2 import Agent
from ag2.config import OpenAIConfig

from benchmarks.frameworks.script import instructions


def agent(url: str, name: str, run: str, *, stream: bool) -> Agent:
    """One agent; its client is the framework's own."""
    config = OpenAIConfig(model="m", base_url=f"{url}/v1", api_key="sk-team", streaming=stream, max_retries=0)  # type: ignore[arg-type]
    return Agent(name, instructions(name, run), config=config)


async def fan(url: str, run: str, topic: str, *, count: int, stream: bool) -> None:
    """Workers at once, an editor who gets all their notes, and is asked once more in the same conversation."""
    workers = [agent(url, f"worker-{number}", run, stream=stream) for number in range(count)]
    replies = await asyncio.gather(*(worker.ask(f"The topic is {topic}.") for worker in workers))
    told = "\n\n".join(f"{worker.name}: {reply.body}" for worker, reply in zip(workers, replies, strict=True))
    report = await agent(url, "editor", run, stream=stream).ask(f"The topic is {topic}. Put together:\n\n{told}")
    await report.ask("Say it again in other words.")


async def panel(url: str, run: str, topic: str, *, count: int, stream: bool) -> None:
    """One after the other, each told all that was said before."""
    told = f"The topic is {topic}."
    for number in range(count):
        name = f"speaker-{number}"
        reply = await agent(url, name, run, stream=stream).ask(told)
        told += f"\n\n{name}: {reply.body}"


async def chain(url: str, run: str, topic: str, *, count: int, stream: bool) -> None:
    """Each told what the one before made of it, and nothing else."""
    told = f"The topic is {topic}."
    for number in range(count):
        reply = await agent(url, f"link-{number}", run, stream=stream).ask(told)
        told = f"The topic is {topic}. Improve this:\n\n{reply.body}"
