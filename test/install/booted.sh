# booted.sh DIR: run by systemd at the end of the boot of an installed Debian, in user-mode Linux. Each check writes a
# line "ok NAME" or "not ok NAME" to DIR/results, and its output to DIR/NAME.
out=$1
rm -f /usr/sbin/policy-rc.d # in this machine, services may start
mkdir -p "$out"
: >"$out/results"

check() {
    local name=$1 word=ok
    shift
    "$@" >"$out/$name" 2>&1 || word='not ok'
    echo "$word $name" >>"$out/results"
}
says() { grep -qE -- "$1" <<<"$("${@:2}" 2>&1 | tee /dev/stderr)"; }
# eventually COMMAND...: within three minutes
eventually() {
    local end=$((SECONDS + 180))
    until "$@"; do ((SECONDS < end)) || return 1; sleep 0.2; done
}
not() { ! "$@"; }
main_pid() { systemctl show -P MainPID "$1"; }

# ---- the boot ----

no_circle() { ! journalctl -b | grep -iE 'ordering cycle|deleted to break'; }
check no-circle no_circle
check ready-at-boot systemctl is-active btnsd
before_network() { systemctl show -P Before btnsd | grep -w network-pre.target; }
check before-network before_network

# ---- the unit's confinement, as the kernel enforces it ----

btnsd=$(main_pid btnsd) charon=$(btnsctl --json status | sed -n 's/.*"charon_pid": *\([0-9]*\).*/\1/p')
state() { cat "/proc/$1/status"; }
# 0x83400: NET_BIND_SERVICE, NET_ADMIN, NET_RAW, SYS_PTRACE
for who in btnsd charon; do
    check "$who-capabilities" says '^CapBnd:	0*83400$' state "${!who}"
    check "$who-filtered" says '^Seccomp:	2$' state "${!who}"
    check "$who-no-new-privileges" says '^NoNewPrivs:	1$' state "${!who}"
done
own_run() {
    [[ $(readlink "/proc/$btnsd/ns/mnt") == "$(readlink "/proc/$charon/ns/mnt")" && ! -e /run/charon.pid ]] &&
        [[ $(nsenter -t "$btnsd" -m cat /run/charon.pid) == "$charon" ]]
}
check charon-own-run own_run
check charon-under-apparmor says '^/usr/lib/ipsec/charon \(enforce\)$' cat "/proc/$charon/attr/current"
# A process of its own reads policies and looks up names, one for each task: here, one that waits for its task.
python3 -c 'import socket, time
s = socket.socket(socket.AF_UNIX); s.connect("/run/btns/reader.sock"); time.sleep(1000)' & holder=$!
reader_unit() { systemctl list-units --plain --no-legend --state=running 'btns-reader@*' | grep -o '^[^ ]*'; }
eventually reader_unit >/dev/null
reader=$(main_pid "$(reader_unit)")
check reader-capabilities says '^CapBnd:	0*$' state "$reader"
check reader-filtered says '^Seccomp:	2$' state "$reader"
check reader-no-new-privileges says '^NoNewPrivs:	1$' state "$reader"
check reader-is-not-root not says '^(Uid|Gid):.*	0(	|$)' state "$reader"
kill "$holder"
reader_gone() { ! reader_unit >/dev/null; }
check reader-ends eventually reader_gone
reader_is_roots() { ! setpriv --reuid=nobody --regid=nogroup --clear-groups python3 -c 'import socket
socket.socket(socket.AF_UNIX).connect("/run/btns/reader.sock")'; }
check reader-answers-root-alone reader_is_roots

# ---- a second host, bob: a network namespace, and a btnsd without a unit's confinement ----

ip -batch - <<'END'
netns add bob
link add bob type veth peer name eth0 netns bob
link set bob up
addr add 10.77.0.1/24 dev bob
END
ip -n bob -batch - <<'END'
link set lo up
link set eth0 up
addr add 10.77.0.2/24 dev eth0
END
systemd-run -q -u bob -p Type=notify -p NetworkNamespacePath=/run/netns/bob \
    -p 'TemporaryFileSystem=/run/btns /var/lib/btns /var/log/btns' /usr/sbin/btnsd
bob=$(main_pid bob)
on_bob() { nsenter -t "$bob" -m -n "$@"; }
echo 'a page of bob' >/tmp/page
systemd-run -q -u bob-web -p NetworkNamespacePath=/run/netns/bob python3 -m http.server 8000 --directory /tmp
has_listener() { ip netns exec bob ss -Htln "sport = :$1" | grep -q .; }
eventually has_listener 8000

fetch() { btns-run curl -sS -m 100 http://10.77.0.2:8000/page; }
check protected eventually says '^a page of bob$' fetch # a first answer may take longer than packets are held for
check latched says '^ed25519:[^ ]+ +10\.77\.0\.2 ' btnsctl peers
check no-denial eval '! journalctl -b -u btnsd -p warning | grep -i "permitted"'


apparmor_denied() { journalctl -b | grep 'apparmor="DENIED"'; }
check no-apparmor-denial not apparmor_denied
kernel_warned() { journalctl -b _TRANSPORT=kernel SYSLOG_IDENTIFIER=kernel | grep btnsd; }
check no-kernel-warning not kernel_warned
translators_known() { ! journalctl -b -u btnsd -o cat | grep -i 'cannot be read\|translates its own'; }
check what-translates-is-known translators_known

# ---- the journal ----

new_peer() { journalctl -b -u btnsd -o export BTNS_EVENT=peer-new SYSLOG_IDENTIFIER=btnsd; }
check journal-peer says '^BTNS_PEER=ed25519:' new_peer
check journal-priority says '^PRIORITY=5$' new_peer
check journal-id says '^MESSAGE_ID=8f5b1f4e2a6d4d0c9e37b7c15a90c609$' new_peer
echo '10.77.0.66 closed.example' >>/etc/hosts
cat >/etc/btns/policy.d/10-closed.conf <<'END'
format = 1
program "closed" { match = { "*" } rule "nobody" { at = connect remote = "closed.example" action = { discard, log } } }
END
btnsctl reload
btns-run curl -sS http://10.77.0.66/
of_rule() { journalctl -b -o cat 'BTNS_RULE=rule "nobody" (/etc/btns/policy.d/10-closed.conf:2)' "$@"; }
check journal-rule eventually says '"event":"decision"' of_rule BTNS_EVENT=decision BTNS_VERDICT=denied BTNS_REMOTE=10.77.0.66:80
check journal-log eventually says '^decided: /usr/bin/curl ' of_rule SYSLOG_IDENTIFIER=btnsd
reads_quietly() { ! journalctl -b -o cat -u 'btns-reader@*' | grep -E 'Start|Deactivated|Finished'; }
check reader-is-quiet reads_quietly
prefixed() { journalctl -b -u btnsd -o cat SYSLOG_IDENTIFIER=btnsd | grep -E '^(btnsd|<[0-7]>|[A-Z][a-z]{2} [0-9 ]{2})'; }
check journal-no-prefix eval '! prefixed'

# ---- services of Debian's packages ----

# with_shim UNIT: has a process of it the shim?
with_shim() { grep -l libbtns-shim /dev/null $(sed 's,.*,/proc/&/maps,' "/sys/fs/cgroup$(systemctl show -P ControlGroup "$1")/cgroup.procs") 2>/dev/null | grep -q .; }
covered() {
    systemctl start "$1" && systemctl is-active "$1" && btnsctl cover "$1" && systemctl is-active "$1" && with_shim "$1"
}
# pg_ctlcluster starts the server with the environment of this file alone.
echo "LD_PRELOAD = '/usr/lib/btns/libbtns-shim.so'" >>/etc/postgresql/15/main/environment
# Postfix's master keeps only what import_environment names.
postconf -e "import_environment=$(postconf -h import_environment) LD_PRELOAD" 'relayhost=[10.77.0.2]:2525'
for unit in nginx redis-server ssh postgresql@15-main postfix@-; do
    check "cover-$unit" covered "$unit"
done
check nginx-serves-bob eventually on_bob btns-run curl -sS -m 100 http://10.77.0.1/
check nginx-is-asked says '^nginx .* 0\.0\.0\.0:80 .*LISTENER' btnsctl latches
# Units that are strict, or odd: a user for it alone, no new privileges, lists of families and calls, an instance of a template; and
# a daemon that forks, and whose unit ignores its failure and starts it with full privileges.
cat >/etc/systemd/system/strict@.service <<'END'
[Service]
DynamicUser=yes
NoNewPrivileges=yes
ProtectSystem=strict
RestrictAddressFamilies=AF_INET AF_INET6
SystemCallFilter=@system-service
WorkingDirectory=/usr/share/doc/btns
ExecStart=python3 -m http.server %i
END
cat >/etc/systemd/system/forking.service <<'END'
[Service]
Type=forking
PIDFile=/run/forking.pid
ExecStart=-+/bin/sh -c 'python3 -m http.server 8082 --directory /usr/share/doc/btns & echo $! >/run/forking.pid'
END
systemctl daemon-reload
check cover-strict covered strict@8081
check cover-forking covered forking
serves_bob() { on_bob btns-run curl -sS -m 100 "http://10.77.0.1:$1/"; }
check strict-serves-bob eventually says 'Directory listing' serves_bob 8081
check forking-serves-bob eventually says 'Directory listing' serves_bob 8082
# A letter from bob to alice's smtpd, and one from alice's smtp to a server of bob's; both run in postfix's own root directory.
systemd-run -q -u bob-mail -p NetworkNamespacePath=/run/netns/bob smtp-sink -u postfix -d /tmp/sunk. 10.77.0.2:2525 10
eventually has_listener 2525
printf 'Subject: to alice\n\n' >/tmp/letter
check postfix-receives eventually on_bob btns-run curl -sS -m 100 smtp://10.77.0.1/bob --mail-from bob@localhost --mail-rcpt root@localhost -T /tmp/letter
check postfix-is-asked says '^(smtpd|master) .* 0\.0\.0\.0:25 .*LISTENER' btnsctl latches
sendmail -f root@localhost someone@bob.example </tmp/letter
check postfix-sends eventually eval 'grep -q "to alice" /tmp/sunk.*'
check postfix-sent-protected says 'dport 2525 .*dir out ' ip -o xfrm policy # the guard stays a while
check uncovered eval 'btnsctl uncover redis-server && systemctl is-active redis-server && ! with_shim redis-server'

# ---- an upgrade: a conffile and a policy of the vendor's have changed, and the administrator has changed the first, too ----

echo '# mine' >>/etc/btns/policy.d/README
host_key() { btnsctl status | grep 'host key'; }
before=$(host_key) old=$(main_pid btnsd)
upgrade() { dpkg --force-depends --force-confdef --force-confold -i /root/next.deb; }
check upgrade upgrade
check upgrade-restarts-btnsd eval '[[ $(main_pid btnsd) != "$old" ]] && systemctl is-active btnsd'
check upgrade-tells-old-shims says '^  [0-9]+ nginx: ' cat "$out/upgrade"
check upgrade-enables-nothing not says 'neither enabled nor started' cat "$out/upgrade"
check upgrade-keeps-conffiles eval 'grep -x "# mine" /etc/btns/policy.d/README && grep -x "# next" /etc/btns/policy.d/README.dpkg-dist'
check upgrade-brings-policies grep -x '# next' /usr/lib/btns/policy.d/50-ssh.conf
check upgrade-keeps-the-key eval '[[ $(host_key) == "$before" ]]'
# nginx has the shim of the old package.
check old-shim-is-served eventually on_bob btns-run curl -sS -m 100 http://10.77.0.1/
check upgrade-protected eventually says '^a page of bob$' fetch

# ---- an upgrade from an older build, if the test was given one ----

[[ -e /root/older.deb ]] || exit 0
cat >/root/old-client.py <<'END'
import os, socket, time
def get(s):
    s.sendall(b"GET /page HTTP/1.0\r\n\r\n")
    print(s.makefile().read(), flush=True)
held = socket.create_connection(("10.77.0.2", 8000))
print("connected", flush=True)
while not os.path.exists("/root/upgraded"):
    time.sleep(0.1)
get(held)
get(socket.create_connection(("10.77.0.2", 8000)))
print("done", flush=True)
END
install_older() {
    cp -p /var/lib/btns/host.* /root # bob knows the key
    dpkg --force-depends --purge btns && dpkg --force-depends -i /root/older.deb && mkdir -p -m 700 /var/lib/btns &&
        cp -p /root/host.* /var/lib/btns && systemctl enable --now btnsd
}
check older-installed install_older
systemd-run -q -u old-client -p StandardOutput="append:$out/old-client" -p StandardError="append:$out/old-client" btns-run python3 /root/old-client.py
eventually grep -q connected "$out/old-client"
check older-upgraded upgrade
check older-client-is-named says '^  [0-9]+ python3 /root/old-client.py' cat "$out/older-upgraded"
touch /root/upgraded
check older-connections-go-on eventually eval '[[ $(grep -c "^a page of bob$" "$out/old-client") == 2 ]]'
check older-key-is-kept eval '[[ $(host_key) == "$before" ]]'
check older-is-protected eventually says '^a page of bob$' fetch
