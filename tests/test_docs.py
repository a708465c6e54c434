"""The pages people read: their links lead somewhere, and they name only settings and commands that there are.

It must not know what the pages say.
"""

import re
from pathlib import Path

import pytest

from proxy.settings import Settings, variable

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
NAMES = {variable(field) for field in Settings.model_fields} | {"OUTRIDER_ENV_FILE"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page names a file or folder that is there."""
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_settings_that_are_named_exist(page: Path) -> None:
    """Every OUTRIDER_ variable in a page is a setting, or the key of a named upstream."""
    named = set(re.findall(r"OUTRIDER_[A-Z_]*[A-Z]", page.read_text()))
    assert sorted(name for name in named - NAMES if not name.startswith("OUTRIDER_UPSTREAM_")) == []


def test_decisions_are_numbered_once() -> None:
    """Two that were written at the same time may have taken the same number."""
    numbers = [page.name[:4] for page in sorted((ROOT / "docs" / "decisions").glob("*.md"))]
    assert numbers == sorted(set(numbers))
    titles = [page.read_text().split()[1] for page in sorted((ROOT / "docs" / "decisions").glob("*.md"))]
    assert titles == numbers
