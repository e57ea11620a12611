/*
 * Keeps the program from the TCP-AO keys that action sign puts on its sockets: the kernel would let
 * the program read and remove them.
 */
#ifndef BTNS_SHIM_SOCKET_KEYS_H
#define BTNS_SHIM_SOCKET_KEYS_H

#include <stdbool.h>
#include <sys/socket.h>

/* Would getsockopt() of this option read TCP-AO keys? */
bool socket_keys_read_by(int level, int name);
/*
 * Would setsockopt() remove a key: of TCP-AO, or of TCP-MD5 if the new key is empty? This is also
 * true for a key that the program has set itself, because the kernel does not tell the two apart.
 */
bool socket_key_removed_by(int fd, int level, int name, const void *value, socklen_t len);

#endif
