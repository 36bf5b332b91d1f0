#!/bin/sh
# What must be on the machine before crispd can be installed: Python 3.11 or newer with venv. Says in
# one line what to install where something is missing, and stops.
#
#   preflight.sh         for crispd itself
#   preflight.sh test    says which programs of others are missing that tests run: those are skipped
set -u
PYTHON=${PYTHON:-python3}

# Each with the Debian package that has it; tests/programs.py has the same list.
for_tests() {
    missing= packages=
    for each in bash:bash curl:curl git:git ip:iproute2 jq:jq make:make node:nodejs npm:npm nsenter:util-linux systemd-analyze:systemd unshare:util-linux; do
        command -v "${each%%:*}" >/dev/null 2>&1 && continue
        missing="$missing ${each%%:*}"
        case " $packages " in *" ${each#*:} "*) ;; *) packages="$packages ${each#*:}" ;; esac
    done
    [ -z "$missing" ] || echo "crispd: tests that run$missing are skipped, for it is not here. To run them too: sudo apt install$packages" >&2
}
if [ "${1:-}" = test ]; then
    for_tests
    exit
fi

tell() {
    echo "crispd: $1 Install it: Debian, Ubuntu, Raspberry Pi OS: sudo apt install $2 | Alpine: sudo apk add $3 | Fedora: sudo dnf install $4 | others: Python 3.11+ with venv." >&2
    exit 1
}

command -v "$PYTHON" >/dev/null 2>&1 ||
    tell "there is no $PYTHON." "python3 python3-venv" "python3" "python3"

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    tell "Python 3.11 or newer is needed, $PYTHON is $("$PYTHON" -c 'import platform; print(platform.python_version())'). Name another one with: make run PYTHON=python3.12." "python3 (Debian 12 or newer)" "python3 (Alpine 3.19 or newer)" "python3.12"

"$PYTHON" -c 'import venv, ensurepip' 2>/dev/null ||
    tell "Python's venv module is missing." "python3-venv" "python3" "python3"
