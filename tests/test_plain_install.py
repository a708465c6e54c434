"""Outrider as `pip install outrider` leaves it, without any extra: it serves with all that needs none.

It must not know how a command works inside.
"""

import re
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import packages_distributions, requires
from pathlib import Path

from tests.test_cli import COMMAND, PATIENCE_S, ROOT, surroundings

BLOCKER = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""
EXTRA = re.compile(r";.*\bextra\b")
NAME = re.compile(r"[\w.-]+")
MODELS = "models:\n  - {name: big, card: The flagship.}\n"


def plain() -> set[str]:
    """The distributions that Outrider needs, with what they need themselves, extras aside."""
    found: set[str] = set()
    wanted = ["outrider"]
    while wanted:
        name = wanted.pop().lower().replace("_", "-")
        if name in found:
            continue
        found.add(name)
        wanted += [_name(line) for line in _needs(name) if not EXTRA.search(line)]
    return found


def _needs(name: str) -> list[str]:
    try:
        return requires(name) or []
    except ModuleNotFoundError:  # for another system
        return []


def _name(line: str) -> str:
    found = NAME.match(line)
    assert found is not None
    return found.group()


def without_extras(folder: Path) -> Mapping[str, str]:
    """The environment of a process that finds none of the other packages installed here."""
    there = plain()
    names = {
        package
        for package, owners in packages_distributions().items()
        if not any(owner.lower().replace("_", "-") in there for owner in owners)
    }
    assert {"numpy", "openai", "mcp"} <= names
    (folder / "sitecustomize.py").write_text(BLOCKER.format(names=names), encoding="utf-8")
    (folder / "models.yaml").write_text(MODELS, encoding="utf-8")
    given = surroundings(models=str(folder / "models.yaml"), team="big", route="on", noise="on")
    return {**given, "PYTHONPATH": f"{folder}:{ROOT}"}


def test_it_serves_without_extras(tmp_path: Path) -> None:
    """All policies ride; nothing that stands at the top of a module asks for what an extra would bring."""
    command = [sys.executable, "-c", "import proxy.compose, proxy.cli, proxy.invitation, proxy.server.app"]
    given = without_extras(tmp_path)
    ran = subprocess.run(command, env=given, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S)
    assert ran.returncode == 0, ran.stderr
    for words in (["--help"], ["doctor"], ["models", "check"], ["models", "list"]):
        ran = subprocess.run(
            [*COMMAND, *words], env=given, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S
        )
        assert "No module named" not in ran.stdout + ran.stderr, ran.stdout + ran.stderr
