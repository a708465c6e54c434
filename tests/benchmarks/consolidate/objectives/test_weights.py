"""Where models are found, and what is said where they are not."""

from hashlib import sha256
from pathlib import Path

import pytest

from benchmarks.consolidate.objectives import weights
from benchmarks.consolidate.objectives.weights import Missing, Weights, file_of


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model in two parts, each in a package of its own."""
    for number, text in enumerate((b"GG", b"UF"), 1):
        package = tmp_path / f"model_part{number}"
        package.mkdir()
        (package / "__init__.py").write_text("raise ImportError('it need not be imported')")
        (package / "part.bin").write_bytes(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    whole = Weights((("model_part1", "part.bin"), ("model_part2", "part.bin")), sha256(b"GGUF").hexdigest())
    monkeypatch.setitem(weights.MODELS, "tiny", whole)
    return tmp_path


def test_parts_are_put_together_once(parts: Path) -> None:
    """The second time the file is there."""
    path = file_of("tiny", parts / "cache")
    assert path.read_bytes() == b"GGUF"
    (parts / "model_part1" / "part.bin").write_bytes(b"XX")
    assert file_of("tiny", parts / "cache").read_bytes() == b"GGUF"


def test_another_file_is_not_measured(parts: Path) -> None:
    """A figure is of the model that it names."""
    (parts / "model_part1" / "part.bin").write_bytes(b"XX")
    with pytest.raises(Missing, match="not the file that was measured"):
        file_of("tiny", parts / "cache")


def test_what_is_not_there_is_said_with_what_to_do(parts: Path) -> None:
    """A package to install, or the names that there are."""
    (parts / "model_part2" / "part.bin").unlink()
    with pytest.raises(Missing, match=r"model-part2 is not installed: pip install -e '\.\[bench-models\]'"):
        file_of("tiny", parts / "cache")
    with pytest.raises(Missing, match=r"no such\.gguf is no file and none of qwen"):
        file_of("no such.gguf")


def test_a_path_is_a_model(tmp_path: Path) -> None:
    """Any GGUF file."""
    path = tmp_path / "mine.gguf"
    path.write_bytes(b"GGUF")
    assert file_of(str(path)) == path
