#!/bin/sh
# Installs the Debian packages named, as root or by sudo; says what to do when it can't.
set -eu

if ! command -v apt-get >/dev/null; then
    echo "This needs: $* (names of Debian packages). Install them with your system's package manager." >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null; then
    as_root="sudo"
else
    echo "This needs packages. As root: apt-get install $*" >&2
    exit 1
fi

echo "Installing $*"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq || echo "apt-get update failed; trying with the lists at hand" >&2
if ! $as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null; then
    echo "Could not install $*. As root: apt-get install $*" >&2
    exit 1
fi
