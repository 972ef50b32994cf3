#!/bin/sh
# Make the virtual environment $1 with the newest Python of at least 3.12 that works.
set -eu
for candidate in python3.14 python3.13 python3.12 python3 python; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
        test -x "$1/bin/python" || { echo "Making the environment with $("$candidate" --version) ..."; "$candidate" -m venv "$1"; }
        exit 0
    fi
done
test -x "$1/bin/python" && exit 0
echo "redline: no Python of at least 3.12 with venv was found. Install one, for example: apt-get install python3.12-venv" >&2
exit 1
