"""Plain text without what is surely without meaning: colours, padding of running text, lines that repeat.

It must not know JSON or messages. Files are read to be edited, and an edit quotes them exactly: whatever looks like
code, a diff, markdown, CSV or a table keeps every blank.
"""

import re

LEAST_REPEATED = 4
LEAST_LINE = 10
"""Characters of a line that is worth counting."""
MOST_BLANK = 1
"""Blank lines that stay of a run."""

_COLOUR = re.compile(r"\x1b\[[0-9;:]*[mK]")
"""Colours and `erase to the end of the line`, as terminals take them."""
_EXACT = re.compile(
    r"""^(?:[ \t]+\S|[-+*\#>|@]|[0-9]+[.):|\t])"""  # indented, a list, a diff, markdown, numbered lines
    r"""|[{}<>=;`|\\\t\x1b]|\S,\S""",  # code, markup, paths, tables, CSV
    re.MULTILINE,
)
_TRAILING = re.compile(r"(?<! ) +$", re.MULTILINE)
_BLANK = re.compile(r"\n{3,}")
_REPEATED = re.compile(rf"^(\w[^\n]{{{LEAST_LINE - 1},500}})\n(?:\1\n){{{LEAST_REPEATED - 1},}}", re.MULTILINE)
_MARK = "[last line repeated {} more times]"
_MARKED = re.compile(r"^([^\n]*\n)\[last line repeated ([0-9]+) more times\]\n", re.MULTILINE)


def cleaned(text: str) -> str:
    """The text in fewer characters, or as it is. Nothing changes but colours, blanks where it is running text, and
    runs of four or more equal lines, which `unfolded` gives back."""
    bare = _COLOUR.sub("", text) if "\x1b[" in text else text
    if not _EXACT.search(bare):
        bare = _BLANK.sub("\n" * (MOST_BLANK + 1), _TRAILING.sub("", bare))
    return bare if _MARKED.search(bare) else _REPEATED.sub(_folded, bare)


def unfolded(text: str) -> str:
    """The text with repeated lines written out again."""
    return _MARKED.sub(lambda found: found[1] * (int(found[2]) + 1), text)


def _folded(found: re.Match[str]) -> str:
    line = found[1] + "\n"
    if re.search(r"\S,\S|^[0-9 .,;:]*$", found[1]):
        return found[0]
    return line + _MARK.format(len(found[0]) // len(line) - 1) + "\n"
