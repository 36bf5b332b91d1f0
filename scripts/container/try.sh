#!/bin/sh
# Runs the image that build.sh made, where no engine can: fenced in by systemd-nspawn as compose.yaml and
# the systemd unit fence it, with the environment, user, command and health check that the image names.
# Photos are indexed and searched, a device is paired; then it has to stop in ten seconds.
#
#   try.sh FOLDER PHOTOS       FOLDER as for build.sh; needs root, buildah, systemd-nspawn, curl, jq
set -eu
folder=$(cd "${1:?the folder of build.sh}" && pwd)
photos=$(cd "${2:?a folder of photos}" && pwd)
image=${IMAGE:-localhost/crispd}
build() { buildah --root "$folder/storage" --runroot "$folder/run" --storage-driver vfs "$@"; }
say() { echo "== $*"; }
fail() { echo "FAIL $*"; tail -20 "$log"; exit 1; }

data=$folder/data log=$folder/try.log
container=$(build from "$image")
pid=
trap '[ -z "$pid" ] || kill -9 $pid 2>/dev/null; build rm "$container" >/dev/null' EXIT
root=$(build mount "$container")
build inspect --type image "$image" >"$folder/image.json"
of_image() { jq -r "$1" "$folder/image.json"; }
size=$(du -sm --apparent-size "$root" | cut -f1)
say "$image for $(of_image .OCIv1.architecture): $size MB on the disk"
if chroot "$root" sh -c 'command -v gcc || command -v cc || command -v g++ || command -v pip'; then
    fail "there is a compiler, or pip, in it"
fi
user=$(of_image .OCIv1.config.User)
[ "$user" = crispd ] || fail "it runs as $user"

# One word a line; none of them holds a space.
of_image '.OCIv1.config.Env[]' >"$folder/environment"
: >"$log"
rm -rf "$data" && mkdir "$data" && chown 8642:8642 "$data"
set --
while read -r line; do set -- "$@" "--setenv=$line"; done <"$folder/environment"
# shellcheck disable=SC2046 # one word each
systemd-nspawn --quiet --directory="$root" --register=no --keep-unit --read-only --user="$user" \
    --private-network --bind-ro="$photos:/photos" --bind="$data:/data" --tmpfs=/tmp:size=64m,mode=1777 \
    --drop-capability=all --no-new-privileges=yes --system-call-filter="~@resources @privileged" \
    --as-pid2 --console=pipe "$@" \
    $(of_image '(.OCIv1.config.Entrypoint + .OCIv1.config.Cmd)[]') >"$log" 2>&1 </dev/null &
pid=$!
for _ in $(seq 900); do
    grep -aq "photos are searchable" "$log" && break
    kill -0 $pid 2>/dev/null || fail "it ended"
    sleep 1
done
grep -a "photos are searchable" "$log" || fail "photos were never searchable"

# nspawn, then its first process, then crispd
inner=$(pgrep -P "$(pgrep -P $pid | head -1)" | head -1)
[ -n "$inner" ] || inner=$(pgrep -P $pid | head -1)
field() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$inner/status"; }
say "user $(field Uid | cut -f1), capabilities $(field CapEff), no new privileges $(field NoNewPrivs), system call filter $(field Seccomp)"
case "$(field Uid | cut -f1) $(field CapEff) $(field NoNewPrivs)" in
"8642 0000000000000000 1") ;;
*) fail "it may do too much" ;;
esac
# As docker exec does it.
execute() {
    nsenter --target "$inner" --mount --net --pid --uts --ipc --setuid 8642 --setgid 8642 \
        env -i $(cat "$folder/environment") "$@"
}
for place in / /opt/crispd /photos /usr/bin; do
    ! execute touch "$place/written" 2>/dev/null || fail "$place can be written"
done
execute touch /tmp/written || fail "/tmp cannot be written"

say "health check: $(of_image '.Docker.config.Healthcheck.Test | join(" ")')"
# shellcheck disable=SC2046 # one word each
execute $(of_image '.Docker.config.Healthcheck.Test[1:][]') || fail "it is not healthy"
if execute env CRISPD_PORT=1 $(of_image '.Docker.config.Healthcheck.Test[1:][]') >/dev/null; then
    fail "the health check is always content"
fi
ask() { nsenter --target "$inner" --net curl -sS -w '\n%{http_code}\n' "$@"; }
ask "http://127.0.0.1:8642/search?q=dog&limit=1" | grep -q '^401$' || fail "it answers without a token"
token=$(execute crispd pair --print-token "a program" | tail -1)
ask -H "X-Api-Key: $token" "http://127.0.0.1:8642/search?q=dog&limit=1" | grep -q '"filename"' || fail "no answer"
execute crispd search "two dogs" | head -3

# nspawn passes the signal of a stop on to what it runs
begun=$(date +%s)
kill -TERM "$inner"
status=0
wait $pid || status=$?
pid=
# 143: ended by the signal that asked it to (128 + SIGTERM)
case $status in 0 | 143) ;; *) fail "it ended with $status" ;; esac
took=$(($(date +%s) - begun))
say "stopped after $took s"
[ "$took" -le 10 ]
