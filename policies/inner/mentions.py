"""Names that stand in what a model said.

It must not know what is named, nor why.
"""

import re
from collections.abc import Sequence


def mentioned(text: str, names: Sequence[str]) -> list[str]:
    """The names in a text in the order in which they stand there first, each once; a name within a longer one is not
    that name."""
    longest = sorted(names, key=len, reverse=True)
    if not longest:
        return []
    pattern = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, longest))})(?![\w-]|\.\w)")
    return list(dict.fromkeys(pattern.findall(text)))
