"""The host of host.sh: its btnsd, its users, what the kernel has of btnsd's, and TAP."""
import atexit
import os
import re
import signal
import socket
import subprocess
import sys
import traceback

NOBODY = 65534
LOG = '/run/btnsd.log'
number = failed = 0
daemon = None


def check(ok, what):
    global number, failed
    number += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {number} - {what}", flush=True)


def end():
    print(f'1..{number}', flush=True)
    sys.exit(failed > 0)


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def start_btnsd(*keys):
    global daemon
    log = open(LOG, 'a')
    read, write = os.pipe()
    daemon = subprocess.Popen([os.environ['BTNSD'], '--linger', '1', *(keys or ('--charon', 'none')), '--ready-fd', str(write)], stderr=log, stdout=log,
                              pass_fds=[write],
                              # A sanitizer would keep freed memory, 256 MB of it, and memory is looked at here.
                              env=os.environ | {'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '') + ':quarantine_size_mb=1'})
    os.close(write)
    ready = os.read(read, 6)
    os.close(read)
    if not ready:
        print(open(LOG).read())
        raise RuntimeError('btnsd did not start')


def show_why_it_died():
    if daemon and daemon.poll() not in (None, 0, -signal.SIGTERM, -signal.SIGKILL):
        print(f'btnsd has ended: {daemon.returncode}\n' + open(LOG, errors='replace').read()[-6000:])


atexit.register(show_why_it_died)


def stop_btnsd(how=signal.SIGTERM):
    daemon.send_signal(how)
    daemon.wait()


def as_nobody(what, *arguments, uid=NOBODY):
    """Runs what(*arguments, say) in a child of that uid; returns the child's pid, and a function that reads one line of its."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(uid)
        out = os.fdopen(write, 'w', buffering=1)
        try:
            what(*arguments, lambda line: print(line, file=out))
        except BaseException as e:
            print('failed: ' + repr(e), file=out)
            traceback.print_exc()
        os._exit(0)
    os.close(write)
    lines = os.fdopen(read)
    return pid, lambda: lines.readline().rstrip('\n')


def kill(pid):
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def floors(port):
    """How many entries of btnsd's have this port as the local one."""
    shown = run('ip', 'xfrm', 'policy').stdout
    return len(re.findall(rf'[ds]port {port}\b', shown))


def reaches(port, host='10.77.0.1', seconds=2):
    """Does a program of the neighbour get a connection there?"""
    code = f'import socket; socket.create_connection(({host!r}, {port}), {seconds})'
    return run('nsenter', '-t', os.environ['NEIGHBOUR'], '-n', '/usr/bin/python3', '-c', code).returncode == 0


def says(port, host='10.77.0.1'):
    """The neighbour sends a datagram there."""
    code = f'import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ({host!r}, {port}))'
    run('nsenter', '-t', os.environ['NEIGHBOUR'], '-n', '/usr/bin/python3', '-c', code)


def datagram_socket(port, host='0.0.0.0'):
    """Bound, and shared with whoever wants to share it."""
    s = socket.socket(type=socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((host, port))
    return s


def serve(port, host='0.0.0.0'):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((host, port))
    s.listen()
    return s
