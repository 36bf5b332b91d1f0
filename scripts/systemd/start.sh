#!/bin/sh
# Process 1 of the container before systemd: nspawn shows controllers of version 1 read-only, and what
# is to be seen is what systemd writes there.
for group in /sys/fs/cgroup/*; do
    mount -o remount,rw,bind "$group" 2>/dev/null
done
export container=systemd-nspawn
# Control groups of version 1, where this machine has those: systemd 256 and 257 (Debian 13) start with them
# only when told to, on what is a container's kernel command line. 252 does not know the words.
exec /lib/systemd/systemd SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1 systemd.unified_cgroup_hierarchy=0
