"""Where a command writes tables and bars: the terminal, or a sheet wide enough for a file.

It must not know any command.
"""

from rich.console import Console

OUT = Console(highlight=False)
if not OUT.is_terminal:
    OUT = Console(highlight=False, width=160)  # a file or a pipe has no edge at which to break lines
ERR = Console(stderr=True, highlight=False, soft_wrap=True)
