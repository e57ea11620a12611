"""An unprivileged user asks to speak for others' processes, and floods btnsd with that: nobody else notices. TAP."""
import os
import signal
import socket
import struct
import subprocess

import host
from host import NOBODY, as_nobody, check, end, run, start_btnsd, stop_btnsd
from wire import TYPE, cookie, dial, eventually, flow, send, verdict

PROCESSES, LINKS, ROUNDS = 16, 8, 300
SPEAK = struct.pack('=HHI', 1, TYPE['SPEAK'], 1)


def speak(pid):
    """What btnsd answers to a question in the name of this process: an errno, and the verdict."""
    link = dial()
    try:
        send(link, SPEAK, os.pidfd_open(pid))
        answer = link.recv(8192)
        error = struct.unpack_from('=I', answer, 8)[0] if len(answer) >= 12 else -1
        with socket.socket() as s:
            send(link, flow('CONNECT', cookie(s), remote=('127.0.0.1', 7)), s.fileno())
            said = verdict(link)[0]
    except OSError as e:
        error, said = e.errno, 'closed'
    link.close()
    return f'{error} {said}'


def may_speak(pid, say):
    say(speak(pid))


def own_child(say):
    """A program that has just begun is not the user's to look into for a moment: Popen() returns before exec is over."""
    child = subprocess.Popen(['sleep', 'infinity'])
    eventually(lambda: speak(child.pid).startswith('0 '))
    may_speak(child.pid, say)
    child.kill()


def flood(roots, say):
    """Many at a time: of root's process, of an own child, of one that has ended, and of none."""
    for _ in range(PROCESSES):
        if os.fork() == 0:
            child = os.fork()
            if child == 0:
                signal.pause()
            ended = os.fork()
            if ended == 0:
                os._exit(0)
            pidfds = [os.pidfd_open(roots), os.pidfd_open(child), os.pidfd_open(ended)]
            os.waitpid(ended, 0)
            for n in range(ROUNDS):
                links = []
                for i in range(LINKS):
                    try:
                        links.append(dial())
                        links[-1].settimeout(0.01)
                        for fd in pidfds:
                            send(links[-1], SPEAK, fd)
                        send(links[-1], SPEAK)
                    except OSError:
                        pass
                for link in links:
                    link.close()
            os.kill(child, signal.SIGKILL)
            os._exit(0)
    say('begun')
    for _ in range(PROCESSES):
        os.wait()
    say('done')


def fds():
    return len(os.listdir(f'/proc/{host.daemon.pid}/fd'))


def answers():
    return run('timeout', '120', 'btnsctl', 'status').returncode == 0


start_btnsd()
_, line = as_nobody(own_child)
said = line()
check(said.startswith('0 clear'), f'a user speaks for a child of their own: {said}')
_, line = as_nobody(may_speak, os.getpid())
said = line()
check(not said.startswith('0 '), f'but not for a process of root: {said}')
before = fds()
_, line = as_nobody(flood, os.getpid())
check(line() == 'begun', 'a flood')
check(all(answers() for _ in range(20)), 'root is answered meanwhile')
check(line() == 'done', 'the flood ends')
check(eventually(lambda: fds() <= before), f'and leaves no descriptor: {before}, then {fds()}')
check(answers() and host.daemon.poll() is None, 'btnsd answers')
stop_btnsd()
end()
