"""`python -m proxy`: the same command as `outrider`.

It must not know what the command does.
"""

from proxy.cli import app

if __name__ == "__main__":
    app(prog_name="outrider")
