# Datagrams of unmodified programs, between hosts.
load lab.bash

setup_file() { run_lab udp.sh; }

@test "udp: the first datagram to a peer is held, not lost, and answered; IPv4 and IPv6 (L1, L4)" { passed floor cold cold-6; }
@test "udp: an unconnected socket, 300 questions; asyncio; a server that is not under btns-run" { passed many aio aio-6 mirror; }
@test "udp: odd ways to send are protected or refused: other numbers and owners, sendmmsg, corks, segments, mapped (L5, invariant 1)" { passed tricks; }
@test "udp: a port that sockets share, and its multicast group, stay closed to strangers while one of them lives (L2)" {
    passed group-heard group-dropped-10.77.0.2 group-dropped-239.1.2.3 group-not-heard
}
@test "udp: to a destination that is known, a datagram costs no system call" { passed warm; }
@test "udp: a socket's latch lives on while btnsd is killed and comes back (L6)" { passed talks latched killed back; }
@test "udp: no datagram in the clear, at either end, nor an octet of one anywhere (L1, L5)" {
    passed none-clear-alice none-clear-bob nothing-quoted esp-seen
}
@test "udp: a stranger's clear datagrams, also under the peer's address, do not reach the server (L2)" {
    passed stranger-dropped forged-dropped forged-not-heard
}
@test "udp: others' clear traffic to a service goes on after its guard was deleted (L8)" { passed open-to-others; }
@test "udp: a mandatory rule protects a server that is not under btns-run (O35)" {
    passed mandatory mandatory-dropped mandatory-not-heard
}
@test "udp: a daemon that binds as root and answers as another user stays closed to strangers (L2)" {
    passed other-user other-user-dropped other-user-not-heard
}
@test "udp: nobody answers IKE: the send fails, with the reason, and nothing was sent; prefer goes on and says so" {
    passed refused refused-why refused-not-sent preferred preferred-said preferred-first
}
@test "udp: a refused socket that btnsd does not find is blocked (L7)" {
    passed hidden-is-blocked hidden-fails hidden-not-sent
}
@test "udp: a call that waits for an answer of a peer without protection gets an error (L13)" { passed waiting-told; }
@test "udp: and so does one on a socket that is not connected, if the socket asked for errors (IP_RECVERR, L13)" {
    passed unconnected-told unconnected-told-6
}
@test "udp: multicast is refused with advice" { passed multicast; }
@test "udp: btns-run --require protects a service without a rule" { passed require; }
@test "udp: after the last socket and its grace period, nothing is left (L7)" { passed ends; }
