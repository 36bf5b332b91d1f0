#!/bin/sh
# Prints the Debian mirror to install from: $DEBIAN_MIRROR, else the one this machine's apt uses.
# Needs no network. Fails with a sentence where neither is known.
set -eu
if [ -n "${DEBIAN_MIRROR:-}" ]; then
    echo "$DEBIAN_MIRROR"
    exit
fi
# "Repo-URI: …" of the archive itself, not of the security one or of other vendors.
found=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL) $(COMPONENT)' 2>/dev/null |
    awk '$2 == "Debian" && $3 == "Debian" && $4 == "main" { print $1; exit }')
if [ -z "$found" ]; then
    echo "No Debian mirror is known here. Name one: DEBIAN_MIRROR=http://… (any mirror of the Debian archive)." >&2
    exit 1
fi
echo "${found%/}"
