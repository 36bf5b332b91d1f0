#!/bin/sh
# Installs crispd into a virtual environment from the locks, every file checked by its hash.
#
#   install.sh VENV LOCK     LOCK: requirements.lock, or one that has more (requirements-test.lock)
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
venv=${1:?a virtual environment} lock=${2:?a lock file}

pip() {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@" && return
    echo "crispd: it could not be installed; pip says why above. Is the network there, and room on the disk? make tries again." >&2
    exit 1
}

# What builds stands in the environment before anything is built: nothing unlocked is fetched for it.
pip --require-hashes --requirement "$top/requirements-build.lock"
pip --require-hashes --no-deps --no-build-isolation --requirement "$top/$lock"
pip --no-deps --no-build-isolation --no-index --editable "$top"
