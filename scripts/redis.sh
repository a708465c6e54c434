#!/bin/sh
# Makes sure there is a redis-server for the tests: they start their own on a free port and stop it again.
# Installs it with apt-get where that is permitted without asking; else says what to do.
set -eu

have() { command -v "$1" >/dev/null 2>&1; }

if have redis-server; then exit 0; fi
install="apt-get install --yes --no-install-recommends redis-server"
if have apt-get; then
    if [ "$(id -u)" = 0 ]; then as=""; elif have sudo && sudo -n true 2>/dev/null; then as="sudo -n"; else as="no"; fi
    if [ "$as" != no ]; then
        echo "Installing redis-server for the tests."
        export DEBIAN_FRONTEND=noninteractive
        { $as $install || { $as apt-get update && $as $install; }; } >/dev/null 2>&1 || true
    fi
fi
if have redis-server; then exit 0; fi
echo "The tests need a redis-server (6.2 or newer) on the PATH; it could not be installed from here." >&2
echo "Debian, Ubuntu: sudo apt-get install redis-server    macOS: brew install redis" >&2
exit 1
