"""Other proxies, installed where they are missing, each in a folder of its own below the user's cache folder.

It must not know what will be measured. Versions are the newest that the package registries give at the first run.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson

from benchmarks.bodies import KEY
from benchmarks.contestant import Contestant, Unable

INSTALL_S = 1200
LITELLM = """\
model_list:
  - model_name: "*"
    litellm_params: {model: "openai/*", api_base: os.environ/BENCH_UPSTREAM, api_key: sk-bench}
litellm_settings: {request_timeout: 600, set_verbose: false, telemetry: false}
"""


def cache() -> Path:
    """Where installed peers and logs are kept (XDG base directory specification)."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "outrider-bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def litellm() -> Contestant:
    """LiteLLM's proxy: one worker, no database, no callbacks, quiet. Raises Unable."""
    python = _venv("litellm", "litellm[proxy]")
    config = python.parent.parent / "bench.yaml"
    config.write_text(LITELLM)
    env = {"BENCH_UPSTREAM": "{upstream}/v1", "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}
    env["LITELLM_MASTER_KEY"] = KEY
    serving = ("--config", str(config), "--host", "127.0.0.1", "--port", "{port}", "--num_workers", "1")
    command = (str(python.parent / "litellm"), *serving)
    about = f"LiteLLM proxy {_version(python, 'litellm')}, one worker, no database"
    return Contestant("litellm", about, command, env, ready="/health/liveliness", patience_s=120, pace=15)


def portkey() -> Contestant:
    """Portkey's gateway on Node. Raises Unable."""
    package = _npm("portkey", "@portkey-ai/gateway")
    command = ("node", str(package / "build" / "start-server.js"), "--port={port}", "--headless")
    headers = {"x-portkey-provider": "openai", "x-portkey-custom-host": "{upstream}/v1"}
    version = orjson.loads((package / "package.json").read_bytes())["version"]
    about = f"Portkey gateway {version}, on Node"
    return Contestant("portkey", about, command, {}, headers, ready="/", patience_s=60, pace=6)


def headroom() -> Contestant:
    """Headroom's proxy with its compression, cache and rate limit off. Raises Unable."""
    python = _venv("headroom", "headroom-ai[proxy]")
    command = (
        str(python.parent / "headroom"),
        "proxy",
        "--port",
        "{port}",
        "--no-optimize",
        "--no-cache",
        "--no-rate-limit",
    )
    about = f"Headroom proxy {_version(python, 'headroom-ai')}, nothing optimised"
    env = {"OPENAI_TARGET_API_URL": "{upstream}/v1", "HEADROOM_TELEMETRY": "off"}
    return Contestant("headroom", about, command, env, ready="/livez", patience_s=120, pace=15)


def optillm() -> Contestant:
    """OptiLLM's proxy. Raises Unable, always."""
    raise Unable("it depends on torch, transformers and spaCy, which are too large to fetch for a benchmark")


PEERS: dict[str, Callable[[], Contestant]] = {
    "litellm": litellm,
    "portkey": portkey,
    "headroom": headroom,
    "optillm": optillm,
}
"""Peers by name; each call installs what is missing."""


def _venv(name: str, requirement: str) -> Path:
    """The Python of a virtual environment that has the package."""
    folder = cache() / name
    python = folder / "bin" / "python"
    if not (folder / "installed").exists():
        _run(sys.executable, "-m", "venv", str(folder))
        _run(str(python), "-m", "pip", "install", "--quiet", requirement)
        (folder / "installed").touch()
    return python


def _npm(name: str, package: str) -> Path:
    """The folder of an installed npm package. Its install scripts do not run."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Unable("Node.js is not installed")
    folder = cache() / name
    found = folder / "node_modules" / package
    if not found.exists():
        folder.mkdir(exist_ok=True)
        _run("npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts", package)
    return found


def _version(python: Path, package: str) -> str:
    ask = f"import importlib.metadata as m; print(m.version({package!r}))"
    return subprocess.run([str(python), "-c", ask], capture_output=True, text=True, check=False).stdout.strip()


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALL_S)
    except subprocess.TimeoutExpired:
        raise Unable(f"not installed within {INSTALL_S} s") from None
    except subprocess.CalledProcessError as failure:
        last = (failure.stderr or "").strip().splitlines()[-1:] or ["no word why"]
        raise Unable(f"cannot be installed: {last[0]}") from None
