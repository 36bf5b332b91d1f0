#!/bin/sh
# Fetches what crispd needs for arm64 into a folder, on this machine's side of the emulation: wheels
# as locked.
#
#   wheels.sh FOLDER      PYTHON (python3) with pip; PYTHON_VERSION (3.13) of the arm64 root
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
folder=${1:?the folder of the wheels}
python=${PYTHON:-python3}
version=${PYTHON_VERSION:-3.13}
mkdir -p "$folder"

platforms=$(sh "$here/platforms.sh")
fetch() {
    # shellcheck disable=SC2086 # one argument a platform
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --dest "$folder" \
        --only-binary=:all: --python-version "$version" --implementation cp \
        $platforms "$@"
}
fetch --require-hashes -r "$top/requirements.lock"
fetch --require-hashes -r "$top/requirements-build.lock"
