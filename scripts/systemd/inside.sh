#!/bin/sh
# The steps of prove.sh, inside: run by a unit of the systemd that is looked at. One line a fact: ok or
# FAIL, what was looked at, and what was seen.
set -u
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
port=8642 drop=/run/systemd/system/crispd.service.d

say() { echo "== $*"; }
ok() { echo "ok   $*"; }
fail() { echo "FAIL $*"; }
is() { if [ "$2" = "$3" ]; then ok "$1: $3"; else fail "$1: $3, not $2"; fi; }
most() { if [ "$3" -le "$2" ]; then ok "$1: $3 (at most $2)"; else fail "$1: $3, more than $2"; fi; }
# within SECONDS COMMAND: until it succeeds
within() {
    end=$(($(date +%s) + $1)) && shift
    until "$@"; do
        [ "$(date +%s)" -lt "$end" ] || return 1
        sleep 0.5
    done
}
now_ms() { echo $(($(date +%s%N) / 1000000)); }
shown() { systemctl show --property "$1" --value crispd.service; }
journal() { journalctl --unit crispd.service --output cat --no-pager "$@"; }
# a number of /status
number() { crispd status --json 2>/dev/null | sed -n "s/^.*\"$1\": \([0-9]*\).*/\1/p" | head -1; }
# searchable PHOTOS: all of them and nothing waits
searchable() { [ "$(number photos)" = "$1" ] && [ "$(number pending)" = 0 ]; }
answers() { curl -fsS --max-time 60 "http://127.0.0.1:$port/search?q=two+dogs&limit=1" | grep -q '"filename"'; }
# As a client that knows of Retry-After: 503 while it starts is asked again, a connection refused is not.
patient() {
    curl -fsS --retry 120 --retry-delay 1 --max-time 240 "http://127.0.0.1:$port/search?q=two+dogs&limit=1" 2>/dev/null |
        grep -q '"filename"'
}
reload() { systemctl daemon-reload && systemctl restart crispd.service; }

# What the kernel was told, of either version of control groups.
group() { echo "/sys/fs/cgroup/$1$(shown ControlGroup)"; }
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    processes=
    kernel_memory() { cat "$(group .)/memory.max"; }
    kernel_weight() { cat "$(group .)/cpu.weight"; }
else
    processes=systemd
    # cpu.shares are 1024 where a weight is 100
    kernel_memory() { cat "$(group memory)/memory.limit_in_bytes"; }
    kernel_weight() { echo $(($(cat "$(group cpu)/cpu.shares") * 100 / 1024)); }
fi
limits() {
    is "$1: MemoryMax as systemd shows it" "$2" "$(shown MemoryMax)"
    is "$1: memory limit of the running control group" "$2" "$(kernel_memory 2>&1)"
    is "$1: CPUWeight as systemd shows it" "$3" "$(shown CPUWeight)"
    is "$1: weight of the running control group" "$3" "$(kernel_weight 2>&1)"
}

say "$(systemctl --version | head -1), process 1 is $(cat /proc/1/comm), kernel $(uname -r), control groups $([ -f /sys/fs/cgroup/cgroup.controllers ] && echo "2: $(cat /sys/fs/cgroup/cgroup.controllers)" || echo "1: $(ls -m /sys/fs/cgroup)")"

say "install"
dpkg -i /proof/first.deb >/proof/apt 2>&1 || { cat /proof/apt; fail install; }
sed -i 's|^# folders = .*|folders = ["/srv/photos"]|' /etc/crispd/crispd.toml
begun=$(now_ms)
systemctl enable --now crispd.service >/dev/null 2>&1
is "it is active when enable --now returns (Type=notify), after $(($(now_ms) - begun)) ms" active "$(shown ActiveState)"
within 600 searchable 23 || fail "not searchable: $(crispd status 2>&1)"
answers && ok "a search" || fail "a search"
ok "its status line: $(shown StatusText)"

say "memory and processor, as the package sets them"
page=$(getconf PAGESIZE)
percent=$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo) * 1024 * 8 / 10 / page * page))
apart=$(($(shown MemoryMax) - percent))
[ "${apart#-}" -le 1048576 ] && ok "MemoryMax is 80% of this machine: $(shown MemoryMax)" || fail "MemoryMax is $(shown MemoryMax), 80% is $percent"
limits packaged "$(shown MemoryMax)" 50

say "fences"
pid=$(shown MainPID)
field() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$pid/status"; }
is "capabilities" 0000000000000000 "$(field CapEff)"
is "no new privileges" 1 "$(field NoNewPrivs)"
is "a filter of system calls" 2 "$(field Seccomp)"
is "user" crispd "$(stat -c %U "/proc/$pid")"
nsenter --target "$pid" --mount touch /srv/photos/written 2>/dev/null && fail "photos can be written" || ok "photos are read-only for it, even for root in its mounts"
nsenter --target "$pid" --mount ls /home/anna >/dev/null 2>&1 && fail "/home can be seen" || ok "/home is not there for it"

say "the kernel holds it to MemoryMax"
mkdir -p "$drop" && printf '[Service]\nMemoryMax=50M\nRestartSec=2\n' >"$drop/50-small.conf"
systemctl daemon-reload
systemctl restart --no-block crispd.service
# Of version 2 systemd is told who did it; of version 1 it only sees the signal.
killed() { journal | grep -Eq "Failed with result 'oom-kill'|code=killed, status=9/KILL"; }
within 120 killed && ok "with 50 MB: $(journal | grep -E 'oom-kill|code=killed' | tail -1)" ||
    fail "with 50 MB nothing ended it: $(shown Result), limit $(kernel_memory)"
rm -r "$drop" && reload
within 300 searchable 23 && ok "with its own limit it is back, $(number encoded) photos encoded again" || fail "it is not back"

say "indexing: 800 photos more"
for number_ in $(seq 1 35); do
    for file in /srv/photos/*.jpg; do
        case $file in */copy_*) continue ;; esac
        { cat "$file"; echo "$number_"; } >"/tmp/copy"
        mv /tmp/copy "/srv/photos/copy_${number_}_${file##*/}"
    done
done
all=$(ls /srv/photos/*.jpg | wc -l)
busy_indexing() { [ "$(number pending)" -gt 50 ] 2>/dev/null && [ "$(number encoded)" -gt "$1" ]; }
within 300 busy_indexing 8 || fail "it does not index: $(crispd status)"

say "processor: beside a program that takes all of it"
cores=$(nproc)
systemd-run --quiet --unit=busy sh -c "for n in \$(seq $cores); do while :; do :; done & done; wait"
# Ticks of all its processes; CPUUsageNSec is not there with control groups of version 1.
used() {
    cat "/sys/fs/cgroup/$processes$(systemctl show --property ControlGroup --value "$1")/cgroup.procs" |
        sed 's|.*|/proc/&/stat|' | xargs awk '{ ticks += $14 + $15 } END { print ticks + 0 }'
}
sleep 3
ours=$(used crispd.service) theirs=$(used busy.service)
sleep 20
ours=$(($(used crispd.service) - ours)) theirs=$(($(used busy.service) - theirs))
systemctl stop busy.service
still=$(number pending)
share=$((ours * 100 / (ours + theirs + 1)))
[ "${still:-0}" -gt 0 ] && most "share of the processor while indexing beside it, percent (weights say 33)" 38 "$share" || fail "indexing was over"

say "stops while it indexes"
encoded=0
for delay in 0.3 0.9 1.7 2.6 3.1; do
    before=$(number pending)
    sleep "$delay"
    begun=$(now_ms)
    systemctl stop crispd.service
    took=$(($(now_ms) - begun))
    most "stop with ${before:-?} photos waiting, ms" 10000 "$took"
    is "  how it ended" "success 0" "$(shown Result) $(shown ExecMainStatus)"
    systemctl start crispd.service
    within 120 busy_indexing 0 || { ok "  all are indexed by now"; break; }
done

say "upgrade of the running service"
pid=$(shown MainPID) waiting=$(number pending)
dpkg -i /proof/next.deb >/proof/apt 2>&1 || { cat /proof/apt; fail upgrade; }
is "version" 1 "$(dpkg-query -W -f '${Version}' crispd | grep -c next)"
is "state after it ($waiting photos were waiting)" active "$(shown ActiveState)"
[ "$(shown MainPID)" != "$pid" ] && ok "a new process" || fail "the old process still runs"
grep -q '^folders = ' /etc/crispd/crispd.toml && ok "the settings stayed" || fail "the settings were lost"
within 1200 searchable "$all" && ok "all $all photos are searchable" || fail "after the upgrade: $(crispd status)"
systemctl restart crispd.service
within 300 searchable "$all"
is "encoded again after a restart" 0 "$(number encoded)"

say "levels of the journal"
mv /srv/photos /srv/away
offline() { journal --priority warning | grep -q 'offline'; }
within 200 offline && ok "a folder that goes is a warning: $(journal --priority warning | grep offline | tail -1)" || fail "no warning: $(journal | tail -3)"
mv /srv/away /srv/photos
is "lines with a level left in their text" 0 "$(journal | grep -c '^<[0-7]>')"
levels=$(journalctl --unit crispd.service --output json --no-pager | grep -o '"PRIORITY":"[0-7]"' | sort | uniq -c | tr -s ' \n' ' ')
ok "levels seen:$levels"
is "tracebacks" 0 "$(journal | grep -c Traceback)"
within 300 searchable "$all" || fail "it is not back: $(crispd status)"

say "watchdog"
restarts=$(shown NRestarts) begun=$(now_ms) pid=$(shown MainPID)
kill -STOP "$pid"
again() { [ "$(shown NRestarts)" -gt "$restarts" ] && [ "$(shown ActiveState)" = active ]; }
within 240 again && ok "a process that stands still is replaced after $((($(now_ms) - begun) / 1000)) s" || fail "it stands still for ever"
journal | grep -q 'Watchdog timeout' && ok "$(journal | grep 'Watchdog timeout' | tail -1)" || fail "not by the watchdog: $(journal | tail -3)"
within 300 answers && ok "it answers again" || fail "no answer"

say "socket activation"
systemctl disable --now crispd.service >/dev/null 2>&1
systemctl enable --now crispd.socket >/dev/null 2>&1
is "service, before anybody asks" inactive "$(shown ActiveState)"
begun=$(now_ms)
patient && ok "the first caller starts it and has an answer after $(($(now_ms) - begun)) ms" || fail "the first caller"
runs() { [ "$(shown ActiveState)" = active ]; }
within 60 runs && ok "service: active" || fail "service: $(shown ActiveState)"
systemctl restart --no-block crispd.service
sleep 0.2
patient && ok "a caller during the restart is not refused and has an answer" || fail "a caller during the restart"
within 60 searchable "$all"
systemctl disable --now crispd.socket >/dev/null 2>&1
systemctl stop crispd.service

say "crispd install-service with memory_limit_mb 800 and cpu_share 0.5, photos below /home, DynamicUser"
CRISPD_MEMORY_LIMIT_MB=800 CRISPD_CPU_SHARE=0.5 CRISPD_HOST=0.0.0.0 crispd install-service --yes /home/anna/Pictures >/proof/written 2>&1 || cat /proof/written
systemctl daemon-reload && systemctl enable --now crispd.service >/dev/null 2>&1
is "state" active "$(shown ActiveState)"
limits installed $((1064 * 1048576)) 25
# those of the folder that the settings name no longer are kept, and not seen
within 300 searchable 23 && ok "the photos below /home are searchable" || fail "$(crispd status 2>&1)"
pid=$(shown MainPID)
is "what it sees of /home" anna "$(nsenter --target "$pid" --mount ls /home)"
is "DynamicUser" yes "$(shown DynamicUser)"
is "user; the package has made one of that name" crispd "$(stat -c %U "/proc/$pid")"
code=$(crispd pair --print-token "a program" 2>/dev/null | tail -1)
is "what crispd pair gives root is let in, with host 0.0.0.0" 200 \
    "$(curl -s -o /dev/null -w '%{http_code}' -H "X-Api-Key: $code" "http://127.0.0.1:$port/status")"

say "network: addresses of the house, and one of outside"
ip link set lo up
ip netns add other && ip link add house type veth peer name out netns other
ip address add 192.168.77.1/24 dev house && ip address add 203.0.113.1/24 dev house && ip link set house up
ip -n other address add 192.168.77.2/24 dev out && ip -n other address add 203.0.113.2/24 dev out
ip -n other link set out up && ip -n other link set lo up
sleep 2
from() { ip netns exec other curl -sS --max-time 5 -o /dev/null -w '%{http_code}' "http://$1:$port/healthz" 2>/dev/null; }
is "one of the house (192.168.77.2) is answered" 200 "$(from 192.168.77.1)"
is "one of outside (203.0.113.2) is not" 000 "$(from 203.0.113.1)"

say "remove and purge"
apt-get remove -y -qq crispd >/proof/apt 2>&1 || { cat /proof/apt; fail remove; }
is "the service after it" inactive "$(shown ActiveState)"
pgrep -f crispd/bin/crispd >/dev/null && fail "a process is left" || ok "no process is left"
dpkg --purge crispd >/proof/apt 2>&1 || { cat /proof/apt; fail purge; }
for left in /var/lib/crispd /var/lib/private/crispd /usr/lib/crispd /etc/crispd /lib/systemd/system/crispd.service; do
    [ -e "$left" ] && fail "$left is left"
done
is "photos" "$all" "$(ls /srv/photos/*.jpg | wc -l)"
say "all steps were taken"
