#!/bin/sh
# Builds the container where no Docker engine is: with buildah, over a base made by debootstrap.
#
#   build.sh FOLDER       TEXT=1: with the models that read text in photos. FOLDER keeps the base and buildah's storage; the image is localhost/crispd
#
# SUITE (trixie), DEBIAN_MIRROR; needs root, debootstrap, buildah. This machine's certificates and
# pip's settings are lent to the build and do not get into the image.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
folder=${1:?a folder for the base and the images}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
[ "$(id -u)" = 0 ] || { echo "debootstrap needs root" >&2; exit 1; }

suite=${SUITE:-trixie}
base=base-$suite
build() { buildah --root "$folder/storage" --runroot "$folder/run" --storage-driver vfs "$@"; }

if [ ! -f "$folder/$base.done" ]; then
    rm -rf --one-file-system "$folder/$base"
    debootstrap --variant=minbase "$suite" "$folder/$base" "$(sh "$here/../debian/mirror.sh")"
    touch "$folder/$base.done"
fi
if ! build inspect --type image localhost/crispd-$base >/dev/null 2>&1; then
    container=$(build from scratch)
    build copy "$container" "$folder/$base" /
    build config --cmd /bin/bash "$container"
    build commit --rm "$container" localhost/crispd-$base
fi
. "$here/../pip_of_host.sh"
# a place of its own: the usual one is what apt is going to fill
set -- --volume "$bundle:/host-certificates.crt:ro" --build-arg PIP_CERT=/host-certificates.crt
[ -z "$index" ] || set -- "$@" --build-arg PIP_INDEX_URL="$index"
build build --isolation chroot --network host --format docker --build-arg BASE=localhost/crispd-$base \
    --build-arg TEXT="${TEXT:-}" "$@" --tag localhost/crispd "$top"
