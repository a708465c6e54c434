"""The source files of the proxy and the policies as syntax trees, for the tests that look at their shape.

It must not know any rule.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Module:
    """One source file."""

    path: Path

    @property
    def place(self) -> str:
        """Path below the root, for messages."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def name(self) -> str:
        """Dotted name; a package's `__init__` bears the package's name."""
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def source(self) -> str:
        return self.path.read_text()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def imports(self) -> tuple[tuple[str, int], ...]:
        """Every module this one imports, with the line, late ones (`import_module("…")`) too. `from proxy import
        compose` counts as proxy.compose."""
        found: list[tuple[str, int]] = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += ((alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                below = [f"{node.module}.{alias.name}" for alias in node.names]
                modules = [name for name in below if name in NAMES]
                found += ((name, node.lineno) for name in modules or [node.module])
            elif isinstance(node, ast.Call) and (late := _imported_late(node)):
                found.append((late, node.lineno))
        return tuple(found)

    def named(self, name: str) -> Iterator[ast.Name]:
        """Every place where the plain name is used."""
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Name) and node.id == name)

    @property
    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def _imported_late(call: ast.Call) -> str:
    """The module of `import_module("…")`; empty for any other call."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    first = call.args[0] if call.args else None
    literal = first.value if isinstance(first, ast.Constant) else None
    return literal if name == "import_module" and isinstance(literal, str) else ""


def _all_modules() -> list[Module]:
    return [Module(path) for top in ("proxy", "policies") for path in sorted((ROOT / top).rglob("*.py"))]


MODULES = _all_modules()
NAMES = {module.name for module in MODULES}
PACKAGES = {module.name for module in MODULES if module.path.name == "__init__.py"}


def fault(found: list[str], reason: str) -> None:
    """Fails with the places and the reason, if there is any place."""
    if found:
        pytest.fail("\n".join([reason, *found]), pytrace=False)
