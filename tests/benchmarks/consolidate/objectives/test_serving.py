"""A server that does not start says why that may be."""

from pathlib import Path

import pytest

from benchmarks.consolidate.objectives.serving import Serving, Unserved, served


@pytest.mark.anyio
@pytest.mark.live
async def test_a_file_that_is_no_model_is_not_served(tmp_path: Path) -> None:
    """Nor is anything without the server's package."""
    path = tmp_path / "no-model.gguf"
    path.write_bytes(b"not GGUF")
    with pytest.raises(Unserved, match=r"no-model\.gguf a model in GGUF, and is the server installed"):
        async with served(Serving(path, 512, 1)):
            pass
