"""An agent that knows nothing of Outrider: the official client, and OPENAI_BASE_URL in its environment.

The customer's lines are a recording, so that it runs with `OUTRIDER_UPSTREAM=recorded:…` without a key; the model's
answers come from wherever the base URL points.
"""

import gzip
import json
from importlib.resources import files

from openai import OpenAI
from openai.types.chat import ChatCompletionMessageParam

RECORDING = "airline-gpt4o/16/2"


def recorded_lines(session: str) -> tuple[str, list[str]]:
    """System prompt and the customer's lines of a shipped session."""
    packed = files("proxy").joinpath("data/sessions.jsonl.gz").read_bytes()
    recorded = (json.loads(line) for line in gzip.decompress(packed).splitlines())
    messages = next(item["messages"] for item in recorded if item["id"] == session)
    # The last word is the customer's; it was never answered.
    said = [message["content"] for message in messages[:-1] if message["role"] == "user"]
    return messages[0]["content"], said


def main() -> None:
    """Talks with the customer until the last line is answered."""
    system, lines = recorded_lines(RECORDING)
    client = OpenAI()
    messages: list[ChatCompletionMessageParam] = [{"role": "system", "content": system}]
    for line in lines:
        messages.append({"role": "user", "content": line})
        reply = client.chat.completions.with_raw_response.create(model="gpt-4o", messages=messages)
        answer = reply.parse().choices[0].message.content or ""
        messages.append({"role": "assistant", "content": answer})
        print(f"customer: {line}\nagent:    {answer}")
        print(f"          (session {reply.headers.get('x-outrider-session', 'not named')})\n")


if __name__ == "__main__":
    main()
