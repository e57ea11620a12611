/* btns-run --bypass, for who may: the socket's own policy, which stands above the kernel's others.
 */
#ifndef SHIM_BYPASS_H
#define SHIM_BYPASS_H

/*
 * Lets the socket's packets pass in the clear, both ways. 0, or -errno: the kernel asks for
 * CAP_NET_ADMIN.
 */
int bypass_set(int fd);
/* Would bypass_set() work? The socket has no policy afterwards. */
int bypass_try(int fd);

#endif
