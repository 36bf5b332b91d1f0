#!/bin/sh
# Proves crispd on arm64 from any machine: an arm64 Debian under emulation, crispd installed there from
# source, photos indexed and searched, and the answers compared with those of this machine. Steps that
# are done are not done again; delete the folder to begin anew, or what one step made to repeat it.
#
#   prove.sh [FOLDER]     FOLDER (build/arm64) keeps the root, the wheels and the answers.
#
# PHOTOS: a folder (default: the sample album). PYTHON: a Python that has crispd. SUITE, DEBIAN_MIRROR:
# see root.sh. Needs root, debootstrap and qemu-user-static.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
folder=${1:-$top/build/arm64}
photos=${PHOTOS:-$top/crispd/sample_album}
python=${PYTHON:-$top/.venv/bin/python}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
root=$folder/root

say() { echo "== $*"; }
version=$("$python" -c 'import crispd; print(crispd.__version__)')

say "an arm64 root"
sh "$here/root.sh" "$root"
say "wheels"
if [ ! -f "$folder/wheels.done" ] || [ "$top/requirements.lock" -nt "$folder/wheels.done" ]; then
    PYTHON=$python sh "$here/wheels.sh" "$folder/wheels"
    touch "$folder/wheels.done"
fi
say "crispd $version from source"
state=$(git -C "$top" rev-parse HEAD)$(git -C "$top" diff HEAD | sha256sum | cut -c1-16)
if [ "$(cat "$folder/installed" 2>/dev/null)" != "$state" ]; then
    PYTHON=$python sh "$here/install.sh" "$folder"
    echo "$state" >"$folder/installed"
    rm -f "$folder"/answers-*.json
fi

work=$folder/work
mkdir -p "$work" "$root/photos"
# /proc but not /sys: with both, onnxruntime takes the host's processors for its own and crashes.
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
trap 'umount "$root/proc"' EXIT
rm -rf "$root/photos" && cp -r "$photos" "$root/photos"

# here NAME PRECISION: on this machine
here() {
    [ -s "$folder/answers-$1.json" ] && return
    say "this machine: $1"
    rm -rf "$work/$1"
    (cd "$top" && "$python" scripts/arm64/answers.py "$root/photos" scripts/arm64/questions.txt \
        "$work/$1" "$2" >"$work/$1.json")
    mv "$work/$1.json" "$folder/answers-$1.json"
}

# there NAME PRECISION CPU [DATA]: under emulation of that processor, in a data folder of its own or in
# that of another run
there() {
    [ -s "$folder/answers-$1.json" ] && return
    say "arm64 ($3): $1"
    [ -n "${4:-}" ] || rm -rf "$root/data-$1"
    chroot "$root" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/root LANG=C.UTF-8 QEMU_CPU="$3" \
        /opt/crispd/bin/python /src/scripts/arm64/answers.py /photos /src/scripts/arm64/questions.txt \
        "/data-${4:-$1}" "$2" >"$work/$1.json"
    mv "$work/$1.json" "$folder/answers-$1.json"
}

fact() {
    "$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' \
        "$folder/answers-$1.json" "$2"
}

# The processors of a Pi 3 and of a Pi 5.
here x86-float float
here x86-plain plain
here x86-int8 int8
there a53 auto cortex-a53
# the photos' vectors are the same: only words are read by another graph
there a53-float float cortex-a53 a53
there a76-int8 auto cortex-a76
there a76-float float cortex-a76

failed=0
expect() {
    if [ "$2" = "$3" ]; then echo "ok   $1: $3"; else echo "FAIL $1: $3, not $2"; failed=1; fi
}
same() {
    say "$1 and $2, $3"
    "$python" "$here/compare.py" "$folder/answers-$1.json" "$folder/answers-$2.json" "$3" ||
        { echo "FAIL"; failed=1; }
}
say "the right graph for the processor"
expect "cortex-a53 has dot products" False "$(fact a53 dot_product)"
expect "cortex-a53 takes" image.onnx "$(fact a53 image_graph)"
expect "cortex-a76 has dot products" True "$(fact a76-int8 dot_product)"
expect "cortex-a76 takes" image.int8.onnx "$(fact a76-int8 image_graph)"
same x86-float a53-float float
same x86-float a76-float float
same x86-plain a53 int8
same x86-int8 a76-int8 int8
[ "$failed" = 0 ] && say "arm64 does what it should"
exit "$failed"
