/* btns-run --bypass: sets a policy on the socket itself, which overrides the host's SPD. */
#ifndef BTNS_SHIM_BYPASS_H
#define BTNS_SHIM_BYPASS_H

/*
 * Lets the socket's packets pass in the clear, both ways. Returns 0, or -errno: the kernel requires
 * CAP_NET_ADMIN.
 */
int bypass_set(int fd);
/* Would bypass_set() work? The socket has no policy afterwards. */
int bypass_try(int fd);

#endif
