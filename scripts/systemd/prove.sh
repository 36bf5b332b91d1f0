#!/bin/sh
# Proves the Debian package under a real systemd as process 1: what the kernel was told of memory and
# processor, socket activation, watchdog, stops while indexing, levels of the journal, an upgrade of a
# running service (inside.sh has the steps). Root is needed, and it takes minutes: not in the test suite.
#
#   prove.sh PACKAGE FOLDER    a .deb of this architecture; FOLDER keeps a clean base and the results
#
# HOW=nspawn   (default) in systemd-nspawn: at full speed; controllers as this machine has them
# HOW=qemu     in a virtual machine with Debian's own kernel, emulated: control groups of version 2 and
#              nothing of this machine, but slow; needs qemu-system-x86, and linux-image in the base
# SUITE (trixie) and DEBIAN_MIRROR as elsewhere.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
package=${1:?a .deb}
how=${HOW:-nspawn}
mkdir -p "${2:?a folder for the roots}"
folder=$(cd "$2" && pwd)
base=$folder/base root=$folder/$how
[ "$(id -u)" = 0 ] || { echo "debootstrap and systemd-nspawn need root" >&2; exit 1; }

packages=systemd-sysv,dbus,udev,iproute2,curl,procps,adduser,python3,libgomp1,libstdc++6
[ "$how" = nspawn ] || packages=$packages,initramfs-tools,linux-image-amd64 base=$base-qemu
if [ ! -f "$base.done" ]; then
    rm -rf --one-file-system "$base"
    debootstrap --variant=minbase --include="$packages" \
        "${SUITE:-trixie}" "$base" "$(sh "$here/../debian/mirror.sh")"
    touch "$base.done"
fi

# One file system: nothing that may still be mounted in it.
rm -rf --one-file-system "$root" && cp -a "$base" "$root"
mkdir "$root/proof"
cp "$here/inside.sh" "$here/start.sh" "$root/proof/"
cp "$package" "$root/proof/first.deb"
next=$(mktemp -d)
dpkg-deb -R "$package" "$next"
sed -i 's/^Version: .*/&+next/' "$next/DEBIAN/control"
dpkg-deb --root-owner-group -Znone --build "$next" "$root/proof/next.deb" >/dev/null
rm -rf "$next"
cp -r "$top/crispd/sample_album" "$root/srv/photos"
mkdir -p "$root/home/anna" && cp -r "$top/crispd/sample_album" "$root/home/anna/Pictures"
chmod -R a+rX "$root/home/anna" "$root/srv/photos"
echo crispd-proof >"$root/etc/hostname"
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
cat >"$root/etc/systemd/system/proof.service" <<'UNIT'
[Unit]
Description=Proof
After=multi-user.target
[Service]
ExecStart=/bin/sh -c '/proof/inside.sh 2>&1 | tee /proof/results >/dev/console; systemctl --no-block poweroff'
TimeoutStartSec=infinity
StandardOutput=null
StandardError=journal
UNIT
ln -s ../proof.service "$root/etc/systemd/system/multi-user.target.wants/proof.service"

in_nspawn() (
    unset SSL_CERT_FILE PIP_CERT
    if [ ! -d /run/systemd/system ]; then
        # A machine without systemd: a control group of our own in each hierarchy, which nspawn then
        # shows as the whole (a namespace of control groups).
        for group in /sys/fs/cgroup/*/ /sys/fs/cgroup/; do
            case $group in *cpuset*) continue ;; esac
            [ -f "$group/cgroup.procs" ] || continue
            mkdir -p "$group/crispd-proof"
            sh -c 'echo $$ >"$1"' sh "$group/crispd-proof/cgroup.procs" 2>/dev/null || continue
            echo "$(sh -c 'echo $PPID')" >"$group/crispd-proof/cgroup.procs"
        done
        set -- --register=no --keep-unit
    fi
    # bpf() for IPAddressDeny=; ip netns for a stranger on the network
    SYSTEMD_SECCOMP=0 exec systemd-nspawn --quiet --directory="$root" --private-network \
        --capability=all --machine=crispd-proof --console=pipe "$@" /bin/sh /proof/start.sh
)

in_qemu() {
    image=$folder/qemu.ext4
    rm -f "$image"
    mke2fs -q -t ext4 -d "$root" "$image" 6G
    kernel=$(ls "$root"/boot/vmlinuz-* | tail -1)
    qemu-system-x86_64 -machine q35 -accel tcg -cpu max -smp 2 -m 2560 -nographic -net none -no-reboot \
        -kernel "$kernel" -initrd "$(ls "$root"/boot/initrd.img-* | tail -1)" \
        -append "root=/dev/vda rw console=ttyS0 panic=-1 quiet" \
        -drive "file=$image,if=virtio,format=raw,cache=unsafe"
    debugfs -R "cat /proof/results" "$image" 2>/dev/null >"$root/proof/results"
}

# How the machine ended is told, not judged: what the steps wrote is. $root was made anew above, so these
# are no results of another run.
ended=0
"in_$how" </dev/null >"$folder/console-$how" 2>&1 || ended=$?
for group in /sys/fs/cgroup/*/crispd-proof /sys/fs/cgroup/crispd-proof; do
    [ -d "$group" ] || continue
    find "$group" -depth -type d -exec rmdir {} + || echo "left behind: $group" >&2
done
broke_off() {
    tail -40 "$folder/console-$how"
    echo "it broke off (exit code $ended)"
    exit 1
}
rm -f "$folder/results-$how"
[ -s "$root/proof/results" ] || broke_off
cp "$root/proof/results" "$folder/results-$how"
cat "$folder/results-$how"
grep -q '^== all steps were taken' "$folder/results-$how" || broke_off
! grep -q '^FAIL' "$folder/results-$how"
