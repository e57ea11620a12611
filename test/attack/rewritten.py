"""connect() that a BPF program of a control group sends elsewhere: what is protected is stopped there. TAP."""
import atexit
import os
import subprocess

from host import check, end, run, start_btnsd, stop_btnsd
from wire import eventually

CGROUPS = '/sys/fs/cgroup'  # where btnsd looks
GROUP = f'{CGROUPS}/btns-attack-{os.urandom(4).hex()}'
ASKED, OTHER = 8000, 8001
HERE = os.path.dirname(os.path.abspath(__file__))
CALL = 'import socket, sys; s = socket.create_connection((sys.argv[1], int(sys.argv[2]))); print(s.getpeername()[:2])'


def in_group(*command):
    enter = 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"'
    return subprocess.Popen(['bash', '-c', enter, '_', GROUP, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def call(*before):
    return in_group(*before, '/usr/bin/python3', '-c', CALL, '10.77.0.2', str(ASKED))


def blocked():
    return sum(int(line.split()[1]) for line in open('/proc/net/xfrm_stat')
               if line.startswith('XfrmOutPolBlock'))


def rewrite(*what):
    return subprocess.run(['/usr/bin/python3', f'{HERE}/rewrite_connect.py', GROUP, *what], stderr=subprocess.DEVNULL).returncode == 0


def names_it(command):
    return 'BPF: connect4 of control group ' + GROUP in run('btnsctl', *command).stdout


def stopped():
    """A protected connect() of the group is blocked after it was rewritten."""
    before = blocked()
    caller = call('btns-run', '--require')
    gone = eventually(lambda: blocked() > before or caller.poll() is not None)
    caller.kill()
    said = caller.communicate()[0]
    check(gone and blocked() > before and str(OTHER) not in said, f'a protected connection that is sent elsewhere is blocked: {said}')
    check('sends it elsewhere, it is stopped' in said, f'and its program says why: {said}')


mounted = subprocess.run(['mount', '-t', 'cgroup2', 'none', CGROUPS], stderr=subprocess.DEVNULL).returncode == 0
if mounted:
    os.mkdir(GROUP)
    atexit.register(os.rmdir, GROUP)
if not mounted or not rewrite('10.77.0.2', '10.77.0.2', str(OTHER)):
    check(True, 'a BPF program at connect() # SKIP this machine does not let us have one')
    end()
there = subprocess.Popen(['nsenter', '-t', os.environ['NEIGHBOUR'], '-n', '/usr/bin/python3', '-c',
                          f'import socket, signal; s = socket.socket(); s.bind(("", {OTHER})); s.listen(); print(flush=True); signal.pause()'],
                         stdout=subprocess.PIPE)
there.stdout.readline()
check(call().communicate()[0].strip() == f"('10.77.0.2', {OTHER})", 'the kernel sends a connect() of the group elsewhere')
start_btnsd('--linger', '1')
check(names_it(['status']) or names_it(['check']), 'btnsctl names the program and its group')
stopped()
rewrite('-')
stop_btnsd()
there.kill()
there.wait()
end()
