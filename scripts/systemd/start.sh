#!/bin/sh
# Process 1 of the container before systemd: nspawn shows controllers of version 1 read-only, and what
# is to be seen is what systemd writes there.
for group in /sys/fs/cgroup/*; do
    mount -o remount,rw,bind "$group" 2>/dev/null
done
export container=systemd-nspawn
exec /lib/systemd/systemd
