/*
 * Keeps the TCP-AO keys of a socket from the program, and TCP-MD5 and TCP-AO keys from removal
 * (socket_keys.h).
 */
#include "shim/socket_keys.h"

#include "shim/memory.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifndef TCP_AO_GET_KEYS
#define TCP_AO_DEL_KEY  39
#define TCP_AO_GET_KEYS 41
#endif

bool socket_keys_read_by(int level, int name)
{
    return level == IPPROTO_TCP && name == TCP_AO_GET_KEYS;
}

/* Has the option a key? Memory that cannot be read is left to the kernel to refuse. */
static bool socket_key_has_octets(int fd, const void *value)
{
    uint16_t len = 1;
    uintptr_t at = (uintptr_t)value + offsetof(struct tcp_md5sig, tcpm_keylen);
    return !memory_read(fd, &len, (const void *)at, sizeof len) || len;
}

bool socket_key_removed_by(int fd, int level, int name, const void *value, socklen_t len)
{
    if (level != IPPROTO_TCP)
        return false;
    if (name == TCP_AO_DEL_KEY)
        return true;
    return (name == TCP_MD5SIG || name == TCP_MD5SIG_EXT) && len >= sizeof(struct tcp_md5sig) &&
           !socket_key_has_octets(fd, value);
}
