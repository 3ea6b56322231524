#!/bin/sh
# Makes .venv with uv in it. Debian ships python3 without ensurepip, so python3-venv may have to come first.
# Usage: ops/venv.sh PYTHON UV_VERSION
set -eu
python="$1"
uv="$2"

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Parvis needs Python 3.11 or newer; $python is $("$python" -V 2>&1). Name another: make PYTHON=python3.12 ..." >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    sh ops/packages.sh python3-venv
fi
test -x .venv/bin/python || "$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$uv"
