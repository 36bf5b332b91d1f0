#!/bin/sh
# Lets this machine run arm64 programs: registers qemu-aarch64-static with the kernel, with the flag
# that keeps it usable inside a chroot that has no qemu of its own.
set -eu
registry=/proc/sys/fs/binfmt_misc
qemu=$(command -v qemu-aarch64-static) || {
    echo "qemu-aarch64-static is missing. Install it: sudo apt install qemu-user-static" >&2
    exit 1
}
[ -f "$registry/register" ] || mount -t binfmt_misc binfmt_misc "$registry"
if [ -f "$registry/qemu-aarch64" ]; then
    grep -q '^flags:.*F' "$registry/qemu-aarch64" && exit
    echo -1 >"$registry/qemu-aarch64"
fi
# The header of an ELF file for aarch64, and which of its bits count (from qemu-binfmt-conf.sh).
magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
printf '%s' ":qemu-aarch64:M::$magic:$mask:$qemu:OCF" >"$registry/register"
