#!/bin/sh
# Makes the Debian package in a root of the Debian that it is for, whatever this machine runs.
#
#   in_root.sh ROOT WHEELS     ROOT: a Debian with python3-venv and binutils, made here
#                              where there is none; WHEELS: a folder of the locked wheels, or "" for pip's
#                              index. The package comes to dist/. SUITE (trixie), DEBIAN_MIRROR, TEXT (see build.sh)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
root=${1:?a root} wheels=${2-}
[ "$(id -u)" = 0 ] || { echo "debootstrap and chroot need root" >&2; exit 1; }
if [ ! -f "$root.done" ]; then
    rm -rf --one-file-system "$root"
    debootstrap --variant=minbase --include=python3-venv,binutils,ca-certificates \
        "${SUITE:-trixie}" "$root" "$(sh "$here/mirror.sh")"
    touch "$root.done"
fi
rm -rf "$root/src" "$root/out" && mkdir -p "$root/src" "$root/out" "$root/wheels"
git -C "$top" ls-files -z --cached --others --exclude-standard |
    (cd "$top" && tar --null --files-from=- --ignore-failed-read -cf -) | tar -C "$root/src" -xf -
[ -n "$wheels" ] && cp "$wheels"/* "$root/wheels/"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
. "$here/../pip_of_host.sh"
cp -L "$bundle" "$root/host-certificates.crt"
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
trap 'umount "$root/proc"' EXIT
chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    PIP_CERT=/host-certificates.crt ${index:+PIP_INDEX_URL="$index"} OUT=/out \
    ${wheels:+WHEELS=/wheels} TEXT="${TEXT:-}" sh /src/scripts/debian/build.sh
mkdir -p "$top/dist"
cp "$root"/out/*.deb "$top/dist/"
ls -l "$top"/dist/*.deb
