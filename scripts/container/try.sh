#!/bin/sh
# Runs the image that build.sh made, where no engine can: fenced in by systemd-nspawn as compose.yaml and
# the systemd unit fence it, until all photos are searchable; then it has to stop in ten seconds.
#
#   try.sh FOLDER PHOTOS       FOLDER as for build.sh; needs root, buildah, systemd-nspawn, curl
set -eu
folder=$(cd "${1:?the folder of build.sh}" && pwd)
photos=$(cd "${2:?a folder of photos}" && pwd)
port=${PORT:-18642}
build() { buildah --root "$folder/storage" --runroot "$folder/run" --storage-driver vfs "$@"; }

container=$(build from localhost/crispd)
root=$(build mount "$container")
data=$folder/data log=$folder/try.log
rm -rf "$data" && mkdir "$data" && chown 8642:8642 "$data"
# shellcheck disable=SC2016 # $(…) of the inner shell
systemd-nspawn --quiet --directory="$root" --register=no --keep-unit --read-only --user=crispd \
    --bind-ro="$photos:/photos" --bind="$data:/data" --drop-capability=all --no-new-privileges=yes \
    --system-call-filter="~@resources @privileged" --as-pid2 --console=pipe \
    --setenv=PATH=/opt/crispd/bin:/usr/bin:/bin --setenv=SQLITE_TMPDIR=/data --setenv=CRISPD_DATA_DIR=/data \
    --setenv=CRISPD_FOLDERS=/photos --setenv=CRISPD_PORT="$port" \
    /opt/crispd/bin/crispd serve >"$log" 2>&1 </dev/null &
pid=$!
trap 'if kill -0 $pid 2>/dev/null; then kill -9 $pid; fi; build rm "$container" >/dev/null' EXIT
for _ in $(seq 300); do
    grep -aq "photos are searchable" "$log" && break
    kill -0 $pid 2>/dev/null || { cat "$log"; exit 1; }
    sleep 1
done
grep -a "photos are searchable" "$log" || { tail -20 "$log"; exit 1; }
curl -fsS "http://127.0.0.1:$port/search?q=dog&limit=1" | grep -q '"filename"'
if chroot "$root" sh -c 'command -v gcc || command -v cc || command -v g++'; then
    echo "there is a compiler in it"
    exit 1
fi
# nspawn passes the signal of a stop on to what it runs
begun=$(date +%s)
pkill -TERM -P "$(pgrep -P $pid | head -1)" 2>/dev/null || kill -TERM "$(pgrep -P $pid | tail -1)"
status=0
wait $pid || status=$?
# 143: ended by the signal that asked it to (128 + SIGTERM)
case $status in 0 | 143) ;; *) echo "it ended with $status"; tail -20 "$log"; exit 1 ;; esac
took=$(($(date +%s) - begun))
echo "stopped after $took s"
[ "$took" -le 10 ]
