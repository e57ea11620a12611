/* Has an established TCP connection ask its peer at once whether it is still there. */
#ifndef BTNS_TCP_WINDOW_PROBE_H
#define BTNS_TCP_WINDOW_PROBE_H

/*
 * Sends what the kernel sends when the peer's window is closed: a segment without data, which a
 * peer that has the connection answers by an ACK, and another peer by a reset. Nothing else changes
 * for the socket. 0 or -errno.
 */
int tcp_window_probe(int fd);

#endif
