/*
 * The keys of action sign are on the program's sockets: they are not for the program, which the
 * kernel would let read and remove them.
 */
#ifndef BTNS_SHIM_SOCKET_KEYS_H
#define BTNS_SHIM_SOCKET_KEYS_H

#include <stdbool.h>
#include <sys/socket.h>

/* Would getsockopt() of this option tell keys of TCP-AO? */
bool reads_sign_keys(int level, int name);
/*
 * Would setsockopt() remove a key: of TCP-AO, or of TCP-MD5, where the new one has no octets? A key
 * that was the program's own, too, as the kernel does not tell them apart.
 */
bool removes_sign_key(int fd, int level, int name, const void *value, socklen_t len);

#endif
