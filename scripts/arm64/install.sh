#!/bin/sh
# Installs crispd from source into a virtual environment of the arm64 root, offline: hnswlib and
# crispd's own wheel are built there.
#
#   install.sh FOLDER     holds root/ and wheels/; the environment is /opt/crispd of the root
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
folder=${1:?the folder that holds root and wheels}
root=$folder/root

# What git knows, as it stands in the work tree, and nothing else of this folder.
rm -rf "$root/src" && mkdir -p "$root/src"
git -C "$top" ls-files -z --cached --others --exclude-standard |
    (cd "$top" && tar --null --files-from=- --ignore-failed-read -cf - 2>/dev/null) | tar -C "$root/src" -xf -
mkdir -p "$root/wheels" && cp "$folder"/wheels/* "$root/wheels/"

# Without HNSWLIB_NO_NATIVE the compiler is told to use all that the building machine has: under
# emulation it would read the name of the host's processor. PIP_*: nothing of this machine's pip.
chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    HNSWLIB_NO_NATIVE=1 PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels PIP_DISABLE_PIP_VERSION_CHECK=1 \
    sh -euc '
    test -x /opt/crispd/bin/python || python3 -m venv /opt/crispd
    /opt/crispd/bin/pip install --quiet --require-hashes -r /src/requirements-build.lock
    /opt/crispd/bin/pip install --quiet --no-build-isolation --require-hashes -r /src/requirements.lock
    /opt/crispd/bin/pip install --quiet --no-build-isolation --no-deps --force-reinstall /src
    /opt/crispd/bin/crispd version
'
