#!/bin/sh
# Makes the Debian package of this machine's architecture and release: dist/crispd_VERSION+deb13_ARCH.deb.
#
# Run it on the Debian that it is for, or in a root of one (make deb does): the environment in
# /usr/lib/crispd belongs to its Python. +deb13 comes after +deb12, so that an upgrade of Debian takes it. Needs python3-venv and dpkg-deb; the locked
# wheels come from pip's index, or from WHEELS, a folder, without one. TEXT=1: with the models that
# read text in photos, 31 MB more.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
python=${PYTHON:-/usr/bin/python3}
out=${OUT:-$top/dist}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

version=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' "$top/crispd/__init__.py")
# debian 13 is deb13; others by their own name
release=$(. /etc/os-release && echo "${ID}${VERSION_ID:-}" | sed 's/^debian/deb/')
version=$version+$release
arch=$(dpkg --print-architecture)
series=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
next=$("$python" -c 'import sys; print("%d.%d" % (sys.version_info[0], sys.version_info[1] + 1))')

offline=
[ -n "${WHEELS:-}" ] && offline="--no-index --find-links $WHEELS"
"$python" -m venv "$work/build"
# shellcheck disable=SC2086 # several words on purpose
pip() { "$work/build/bin/pip" --disable-pip-version-check "$@" $offline --quiet; }
pip install --require-hashes -r "$top/requirements-build.lock"
pip wheel --no-build-isolation --no-deps --require-hashes \
    -r "$top/requirements.lock" --wheel-dir "$work/wheels"
[ -z "${TEXT:-}" ] || pip wheel --no-deps --require-hashes \
    -r "$top/requirements-text.lock" --wheel-dir "$work/wheels"
pip wheel --no-build-isolation --no-deps --wheel-dir "$work/wheels" "$top"

root=$work/crispd
lib=$root/usr/lib/crispd
mkdir -p "$lib" "$root/DEBIAN"
"$python" -m venv --without-pip "$lib"
"$work/build/bin/pip" --python "$lib/bin/python" install --quiet --no-index --no-deps --no-compile \
    "$work"/wheels/*.whl
# The environment was made in another place than it is going to lie in.
rm -f "$lib"/bin/activate* "$lib"/bin/Activate* "$lib/.gitignore"
grep -rlI "$root" "$lib/bin" "$lib/pyvenv.cfg" | xargs -r sed -i "s|$root||g"
ln -sfn "$python" "$lib/bin/python3"
ln -sfn python3 "$lib/bin/python"
find "$lib/bin" -type f ! -name crispd -delete
# Not stripped: auditwheel has moved sections about, and strip makes files of it that do not load.

install -D -m 644 "$top/systemd/crispd.service" "$root/lib/systemd/system/crispd.service"
install -D -m 644 "$top/systemd/crispd.socket" "$root/lib/systemd/system/crispd.socket"
install -D -m 644 "$top/config/crispd.toml" "$root/etc/crispd/crispd.toml"
install -D -m 644 "$top/LICENSE" "$root/usr/share/doc/crispd/copyright"
mkdir -p "$root/usr/bin"
ln -s ../lib/crispd/bin/crispd "$root/usr/bin/crispd"
for script in postinst prerm postrm; do
    install -m 755 "$here/$script" "$root/DEBIAN/$script"
done
echo /etc/crispd/crispd.toml >"$root/DEBIAN/conffiles"
cat >"$root/DEBIAN/control" <<CONTROL
Package: crispd
Version: $version
Architecture: $arch
Maintainer: the crispd developers <crispd@localhost>
Section: graphics
Priority: optional
Installed-Size: $(du -sk "$root" | cut -f1)
Depends: python3 (>= $series), python3 (<< $next), libgomp1, libstdc++6, adduser
Suggests: systemd
Description: Find the photos of your house by describing them
 A search service for a NAS, a home server or a small ARM board. It watches
 photo folders and answers over HTTP; nothing leaves the house.
CONTROL
chmod -R u+rwX,go+rX,go-w "$root"
mkdir -p "$out"
dpkg-deb --root-owner-group -Zxz -z1 --build "$root" "$out/crispd_${version}_${arch}.deb"
