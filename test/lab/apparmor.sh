# btnsd under AppArmor, which Debian enables, with Debian's own profile for charon enforced.
. "$BTNS_REPO/test/lab/lib.sh"

profile=/etc/apparmor.d/usr.lib.ipsec.charon
mount -t securityfs securityfs /sys/kernel/security
check is-on grep -qx Y /sys/module/apparmor/parameters/enabled
check profile-loads apparmor_parser --replace --skip-cache "$profile"
check enforced says '^/usr/lib/ipsec/charon \(enforce\)$' /sys/kernel/security/apparmor/profiles

patient alice bob
check ready up alice bob
says '^ok ready$' "$RESULTS" || exit 1
confined() { cat "/proc/$(pid_of "$1" charon_pid)/attr/current" | tee /dev/stderr | grep -qx '/usr/lib/ipsec/charon (enforce)'; }
check alice-confined confined alice
check bob-confined confined bob

echo hello >"$scratch/index.html"
serve bob 8000 "$scratch"
wire alice start
check fetches eval 'on alice btns-run curl -sS -m 170 http://bob:8000/ | grep -qx hello'
wire alice stop
check not-clear no_clear alice 8000
check latched eval 'on alice btnsctl peers | grep -qE "10.77.0.2|fd77::2"'

# A charon that was killed is started again under the profile.
killed=$(pid_of alice charon_pid)
kill -9 "$killed"
another() { local now; now=$(pid_of alice charon_pid) && [[ $now != "$killed" ]]; }
check charon-again eval 'eventually 30 another && eventually 30 confined alice'
check fetches-again eventually 30 eval 'on alice btns-run curl -sS -m 170 http://bob:8000/ | grep -qx hello'

# The control: the kernel logs denials, for the profile does not let charon read dpkg's list.
denied() { dmesg | grep 'apparmor="DENIED".*profile="/usr/lib/ipsec/charon"'; }
check nothing-denied not denied
check control-is-told eval '! (echo "exec /usr/lib/ipsec/charon" >/proc/self/attr/exec; exec cat /var/lib/dpkg/status >/dev/null) && denied'
cleanup_servers $served
