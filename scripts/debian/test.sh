#!/bin/sh
# Tries a package in a clean Debian: installs it, runs it as its user, upgrades, removes, purges.
#
#   test.sh PACKAGE FOLDER     FOLDER keeps a clean base; SUITE (that of the package), DEBIAN_MIRROR
#
# A package for arm64 is tried under qemu's user emulation, as on a QEMU_CPU (cortex-a53).
# No systemd runs in a chroot, so the service is started by hand, as its user, as the unit says;
# scripts/systemd/prove.sh has one.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
package=${1:?a .deb}
folder=${2:?a folder for the roots}
base=$folder/base root=$folder/test
# Seconds that a start may take. An emulated machine is slow.
patience=240 foreign=
arch=$(dpkg-deb --field "$package" Architecture)
case $(dpkg-deb --field "$package" Version) in
*+deb12*) suite=${SUITE:-bookworm} ;;
*) suite=${SUITE:-trixie} ;;
esac
if [ "$arch" != "$(dpkg --print-architecture)" ]; then
    sh "$here/../$arch/emulate.sh"
    foreign=--foreign patience=2400
    export QEMU_CPU="${QEMU_CPU:-cortex-a53}"
fi
mkdir -p "$folder"
if [ ! -f "$base.done" ]; then
    rm -rf --one-file-system "$base"
    debootstrap --arch="$arch" $foreign --variant=minbase "$suite" "$base" "$(sh "$here/mirror.sh")"
    [ -z "$foreign" ] || chroot "$base" /debootstrap/debootstrap --second-stage
    touch "$base.done"
fi
mountpoint -q "$root/proc" && umount "$root/proc"
# One file system: nothing that may still be mounted in it.
rm -rf --one-file-system "$root" && cp -a "$base" "$root"
mount -t proc proc "$root/proc"
pid=
clean() { [ -n "$pid" ] && kill "$pid" 2>/dev/null; umount "$root/proc" 2>/dev/null; }
trap clean EXIT
cp "$package" "$root/first.deb"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
cp -r "$top/crispd/sample_album" "$root/srv/photos"

inside() { chroot "$root" /usr/bin/env -i ${QEMU_CPU:+QEMU_CPU="$QEMU_CPU"} PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
say() { echo "== $*"; }
fail() { echo "FAIL $*"; exit 1; }

# Runs crispd as the unit does; exec, so that a signal reaches it and not a shell before it.
as_service() {
    exec chroot "$root" /usr/bin/env -i ${QEMU_CPU:+QEMU_CPU="$QEMU_CPU"} \
        PATH=/usr/bin:/bin LANG=C.UTF-8 XDG_DATA_HOME=/var/lib \
        setpriv --reuid crispd --regid crispd --clear-groups --no-new-privs \
        /usr/lib/crispd/bin/crispd serve
}
start() {
    as_service >"$folder/log" 2>&1 &
    pid=$!
    begun=$(date +%s)
    until [ $(($(date +%s) - begun)) -gt "$patience" ]; do
        inside crispd status --json >"$folder/status" 2>/dev/null &&
            grep -q '"photos": 23' "$folder/status" &&
            echo "23 photos are searchable after $(($(date +%s) - begun)) s" && return
        kill -0 "$pid" 2>/dev/null || { cat "$folder/log"; fail "it ended"; }
        sleep 1
    done
    cat "$folder/log" "$folder/status"
    fail "the photos were never searchable"
}
stop() {
    kill "$pid"
    wait "$pid" || fail "it did not end with 0"
    pid=
}

say "install $(basename "$package") on Debian $(cat "$root/etc/debian_version"), $(inside uname -m)${QEMU_CPU:+ as $QEMU_CPU}"
inside apt-get update -qq
inside apt-get install -y -qq --no-install-recommends /first.deb >"$folder/apt" 2>&1 || { cat "$folder/apt"; fail install; }
inside sh -c '! command -v gcc' || fail "a compiler came with it"
[ "$(inside stat -c %U:%a /var/lib/crispd)" = crispd:750 ] || fail "the data folder"
inside test -f /lib/systemd/system/crispd.service || fail "no unit"
inside dpkg --verify crispd || fail "files differ"
sed -i 's|^# folders = .*|folders = ["/srv/photos"]|' "$root/etc/crispd/crispd.toml"

say "run"
start
inside crispd search "two dogs" --json | grep -q two_dogs || fail "the search"
inside test -f /var/lib/crispd/crispd.sqlite3 || fail "no database"
# root has no library of its own: what it asks is about the service's
inside crispd doctor | grep -q '23 known' || fail "crispd doctor looks elsewhere"
inside crispd backup /kept >/dev/null && inside test -s /kept || fail "crispd backup looks elsewhere"
stop

say "upgrade"
dpkg-deb -R "$package" "$root/next"
sed -i 's/^Version: .*/&+next/' "$root/next/DEBIAN/control"
dpkg-deb --root-owner-group -Znone --build "$root/next" "$root/next.deb" >/dev/null
rm -rf "$root/next"
inside dpkg -i /next.deb >"$folder/apt" 2>&1 || { cat "$folder/apt"; fail upgrade; }
grep -q '^folders = ' "$root/etc/crispd/crispd.toml" || fail "the settings were lost"
start
grep -q '"encoded": 0' "$folder/status" || fail "photos were encoded again"
stop

say "remove"
inside apt-get remove -y -qq crispd >"$folder/apt" 2>&1 || { cat "$folder/apt"; fail remove; }
inside test ! -e /usr/lib/crispd || fail "left behind: $(inside find /usr/lib/crispd | head -3)"
inside test -f /var/lib/crispd/crispd.sqlite3 || fail "the data went"
inside test -f /etc/crispd/crispd.toml || fail "the settings went"

say "purge"
inside apt-get purge -y -qq crispd >"$folder/apt" 2>&1 || { cat "$folder/apt"; fail purge; }
inside test ! -e /var/lib/crispd || fail "data is left"
inside test ! -e /etc/crispd || fail "settings are left"
inside getent passwd crispd >/dev/null && fail "the user is left"
[ "$(find "$root/srv/photos" -name '*.jpg' | wc -l)" = 23 ] || fail "photos are missing"
say "the package is sound"
