#!/bin/sh
# Makes the virtual environment named by $1 and installs Outrider into it with everything for development.
# Nothing is installed outside of it. PYTHON names the interpreter; else the newest of 3.11 and up is taken.
set -eu
venv=$1

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3 python}; do
        if new_enough "$candidate"; then command -v "$candidate"; return; fi
    done
    echo "Outrider needs Python 3.11 or newer, and none was found (looked for: ${PYTHON:-python3.11 to 3.13, python3})." >&2
    echo "Debian, Ubuntu: apt-get install python3 python3-venv    macOS: brew install python@3.12" >&2
    echo "Or name one: make PYTHON=/path/to/python3 setup" >&2
    return 1
}

make_venv() {
    # Debian's python3 comes without ensurepip; uv, where there is one, does without it too.
    "$1" -m venv "$venv" >/dev/null 2>&1 && return
    rm -rf "$venv"
    if command -v uv >/dev/null 2>&1; then uv venv --quiet --seed --python "$1" "$venv"; return; fi
    echo "$1 cannot make a virtual environment: its venv or ensurepip module is missing." >&2
    echo "Debian, Ubuntu: apt-get install python3-venv    then run make setup again." >&2
    return 1
}

if ! new_enough "$venv/bin/python"; then
    rm -rf "$venv"
    python=$(find_python)
    make_venv "$python"
fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
echo "Ready. Try: make demo"
