#!/bin/sh
# Prints pip's options for wheels of arm64 that run on Debian 12 (glibc 2.36) and newer.
set -eu
for glibc in 17 24 26 27 28 31 34 35; do
    printf -- '--platform manylinux_2_%s_aarch64 ' "$glibc"
done
echo --platform manylinux2014_aarch64
