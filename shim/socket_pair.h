/* A connection to btnsd without the path of its socket. */
#ifndef BTNS_SHIM_SOCKET_PAIR_H
#define BTNS_SHIM_SOCKET_PAIR_H

/*
 * Makes a pair of sockets and sends btnsd one end over the link, which was opened while the path
 * could be reached. Returns the other end, as channel_open() does, or -errno (-ENOTCONN: there is
 * no link).
 */
int socket_pair_open(void);

#endif
