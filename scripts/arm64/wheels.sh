#!/bin/sh
# Fetches what crispd needs for arm64 into a folder, on this machine's side of the emulation: wheels
# as locked, and hnswlib's source, which is compiled over there.
#
#   wheels.sh FOLDER      PYTHON (python3) with pip; PYTHON_VERSION (3.13) of the arm64 root
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
folder=${1:?the folder of the wheels}
python=${PYTHON:-python3}
version=${PYTHON_VERSION:-3.13}
mkdir -p "$folder"

lock=$(mktemp)
source=$(mktemp)
trap 'rm -f "$lock" "$source"' EXIT
# An entry goes up to the next line that does not begin with a space.
awk '/^[^ #]/ { other = /^hnswlib==/ } !other' "$top/requirements.lock" >"$lock"
awk '/^[^ #]/ { this = /^hnswlib==/ } this' "$top/requirements.lock" >"$source"

platforms=$(sh "$here/platforms.sh")
fetch() {
    # shellcheck disable=SC2086 # one argument a platform
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --dest "$folder" \
        --only-binary=:all: --python-version "$version" --implementation cp \
        $platforms "$@"
}
fetch --require-hashes -r "$lock"
fetch --require-hashes -r "$top/requirements-build.lock"
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --dest "$folder" \
    --no-binary=hnswlib --require-hashes -r "$source"
