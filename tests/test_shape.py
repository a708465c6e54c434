"""How long, how deep, how named and how told the source is, and that each file has its test.

It must not know what the code does; it walks its syntax trees. Each failure names the place and the reason.
"""

import ast
import re
from collections.abc import Mapping

from tests.source import MODULES, ROOT, fault

FORBIDDEN_NAMES = re.compile(r"^(utils?|helpers?|managers?|base|common|misc)$|_v\d+$")
MOST_FILE, MOST_FUNCTION, MOST_NESTING = 300, 40, 3

TESTED_ELSEWHERE: Mapping[str, str] = {
    "proxy/__main__.py": "the command itself",
    "proxy/compose.py": "tests/test_cli.py and tests/live start what it puts together",
    "proxy/exchange.py": "data; every dialogue goes through it",
    "proxy/passage.py": "tests/proxy/test_settle.py and tests/proxy/test_errands.py",
    "proxy/opening.py": "tests/test_cli.py and tests/live start what it opens",
    "proxy/places.py": "tests/test_settings.py",
    "proxy/policy.py": "data and protocols; the engine's tests speak it",
    "proxy/roster.py": "data",
    "proxy/services.py": "protocols",
    "proxy/startup.py": "tests/test_settings.py",
    "proxy/tools/opening.py": "tests/proxy/tools opens it in every dialogue",
    "proxy/tools/reach.py": "tests/proxy/tools/test_gateway.py, over pipes and HTTP",
    "proxy/tools/view.py": "tests/proxy/tools/test_gateway.py, in both protocols",
    "proxy/spelling.py": "tests/test_settings.py",
    "proxy/tools/ahead.py": "data; tests/proxy/tools/test_shelf.py",
    "proxy/settings.py": "tests/test_settings.py",
    "proxy/settings_choice.py": "tests/test_settings.py",
    "proxy/settings_noise.py": "tests/test_settings.py",
    "proxy/settings_prefetch.py": "tests/test_settings.py",
    "proxy/cli": "tests/test_cli.py runs the commands",
    "proxy/store": "one suite over both stores, tests/proxy/store/test_store.py",
    "policies/ensemble/sitting.py": "every team's dialogue plays it, tests/policies/ensemble/test_graph_of_agents.py",
    "policies/divide/wording.py": "words; the dialogues of tests/policies/divide/test_plan.py hear them",
    "policies/ensemble/wording.py": "words; the dialogues of tests/policies/ensemble hear them",
    "policies/ensemble/member.py": "data; tests/policies/ensemble/test_topology.py",
    "policies/consolidate/prior.py": "numbers; tests/policies/consolidate/test_retention.py",
    "policies/consolidate/replies.py": "tests/policies/consolidate/test_unwrap.py",
    "policies/consolidate/streams.py": "tests/policies/consolidate/test_unwrap.py",
    "proxy/server": "dialogues over real sockets, tests/proxy/server and tests/live",
    "policies/session": "tests/policies/session, by evidence instead of by file",
}
"""Source files (or folders) without a test of the same path, and where they are tested instead."""


def test_files_and_functions_are_small() -> None:
    """A file, a function and its nesting can be taken in at a glance."""
    found = []
    for module in MODULES:
        lines = module.source.count("\n")
        if lines > MOST_FILE:
            found.append(f"{module.place} has {lines} lines, more than {MOST_FILE}")
        for function in module.functions:
            length = (function.end_lineno or function.lineno) - function.lineno + 1 - _told(function)
            if length > MOST_FUNCTION:
                found.append(f"{module.place}:{function.lineno} {function.name} has {length} lines of code")
            if (depth := _nesting(function)) > MOST_NESTING:
                found.append(f"{module.place}:{function.lineno} {function.name} nests {depth} deep")
    fault(found, "split it where it says two things")


def test_names_say_what_a_file_holds() -> None:
    """No file or folder is called utils, helpers, manager, base, common or _v2."""
    found = [
        module.place
        for module in MODULES
        if any(FORBIDDEN_NAMES.search(part) for part in module.path.relative_to(ROOT).with_suffix("").parts)
    ]
    fault(found, "a name that fits everything says nothing; name the file for the noun or verb it holds")


def test_every_module_says_what_it_holds_and_what_it_must_not_know() -> None:
    """A module's docstring has at least two sentences."""
    found = []
    for module in MODULES:
        told = ast.get_docstring(module.tree) or ""
        if len(re.findall(r"[.:;](?:\s|$)", told)) < 2:
            found.append(f"{module.place}: {told!r}")
    fault(found, "the docstring says first what the file holds, then what it must not know")


def test_every_source_file_has_its_test() -> None:
    """A source file is mirrored by a test file of the same path, or the table says where it is tested."""
    found = []
    for module in MODULES:
        if module.path.name == "__init__.py" or any(module.place.startswith(place) for place in TESTED_ELSEWHERE):
            continue
        where = module.path.relative_to(ROOT)
        mirror = ROOT / "tests" / where.parent / f"test_{where.name}"
        if not mirror.exists():
            found.append(f"{module.place}: no {mirror.relative_to(ROOT)}, nor a line in TESTED_ELSEWHERE")
    fault(found, "a newcomer finds the test of a file by its path")


def test_the_table_names_what_there_is() -> None:
    """No row of the table outlives the file it speaks of."""
    gone = [place for place in TESTED_ELSEWHERE if not (ROOT / place).exists()]
    fault(gone, "these rows speak of nothing; take them out")


def _told(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the docstring: telling is not doing."""
    first = function.body[0]
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return (first.end_lineno or first.lineno) - first.lineno + 1 if is_text else 0


def _nesting(node: ast.AST) -> int:
    """How deep blocks stand in each other; `elif` is not deeper than its `if`, inner functions count for themselves."""
    blocks = ast.If | ast.For | ast.AsyncFor | ast.While | ast.With | ast.AsyncWith | ast.Try | ast.Match
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        chained = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        deepest = max(deepest, _nesting(child) + (isinstance(child, blocks) and not chained))
    return deepest
