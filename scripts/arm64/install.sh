#!/bin/sh
# Installs crispd from source into a virtual environment of the arm64 root, offline: crispd's own
# wheel is built there. Wheels that come as such are only unpacked, which this side of the
# emulation does just as well, and in seconds.
#
#   install.sh FOLDER     holds root/ and wheels/; the environment is /opt/crispd of the root
#
# PYTHON (python3) with pip; PYTHON_VERSION (3.13) of the arm64 root
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
folder=${1:?the folder that holds root and wheels}
root=$folder/root
python=${PYTHON:-python3}
version=${PYTHON_VERSION:-3.13}
site=$root/opt/crispd/lib/python$version/site-packages

# What git knows, as it stands in the work tree, and nothing else of this folder.
rm -rf "$root/src" && mkdir -p "$root/src"
git -C "$top" ls-files -z --cached --others --exclude-standard |
    (cd "$top" && tar --null --files-from=- --ignore-failed-read -cf - 2>/dev/null) | tar -C "$root/src" -xf -
mkdir -p "$root/wheels" && cp "$folder"/wheels/* "$root/wheels/"

inside() {
    # PIP_*: nothing of this machine's pip
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels PIP_DISABLE_PIP_VERSION_CHECK=1 "$@"
}
inside sh -c 'test -x /opt/crispd/bin/pip || python3 -m venv /opt/crispd'

platforms=$(sh "$here/platforms.sh")
for lock in "$top/requirements-build.lock" "$top/requirements.lock"; do
    # shellcheck disable=SC2086 # one argument a platform
    "$python" -m pip install --quiet --disable-pip-version-check --no-index --find-links "$folder/wheels" \
        --no-deps --only-binary=:all: --require-hashes --target "$site" --upgrade --no-compile \
        --python-version "$version" --implementation cp $platforms -r "$lock"
done
inside sh -euc '
    /opt/crispd/bin/pip install --quiet --no-build-isolation --no-deps --force-reinstall /src
    /opt/crispd/bin/crispd version
'
