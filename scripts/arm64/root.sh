#!/bin/sh
# Makes an arm64 Debian root with Python, for any machine, with debootstrap under
# qemu's user emulation. Begun work is taken up again; a finished root is left as it is.
#
#   root.sh FOLDER        SUITE (trixie) and DEBIAN_MIRROR come from the environment
#
# Needs root, debootstrap and qemu-user-static. About 4 minutes for the second stage.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=${1:?the folder of the root}
suite=${SUITE:-trixie}
packages=python3,python3-venv,ca-certificates

need() {
    command -v "$1" >/dev/null 2>&1 || {
        echo "$1 is missing. Install it: sudo apt install debootstrap qemu-user-static" >&2
        exit 1
    }
}

[ "$(id -u)" = 0 ] || { echo "debootstrap and chroot need root: sudo $0 $*" >&2; exit 1; }
need debootstrap
if [ "$(uname -m)" != aarch64 ]; then
    sh "$here/emulate.sh"
fi

[ -f "$root.done" ] && exit
mkdir -p "$root"
if [ ! -f "$root/debootstrap/debootstrap" ] && [ ! -f "$root.first" ]; then
    rm -rf --one-file-system "$root"
    debootstrap --arch=arm64 --foreign --variant=minbase --include="$packages" \
        "$suite" "$root" "$(sh "$here/../debian/mirror.sh")"
    touch "$root.first"
fi
echo "Unpacking and configuring the packages under emulation ..."
chroot "$root" /debootstrap/debootstrap --second-stage
rm -rf "$root"/var/cache/apt/archives/*.deb
touch "$root.done"
