/* A connection to btnsd without the path of its socket. */
#ifndef BTNS_SHIM_PAIR_H
#define BTNS_SHIM_PAIR_H

/*
 * Makes a pair of sockets and gives btnsd one end over the link, which was opened before the path
 * went out of reach. The other end, or -errno (-ENOTCONN: there is no link). As channel_open().
 */
int pair_open(void);

#endif
