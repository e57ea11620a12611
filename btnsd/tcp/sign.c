/* Sets TCP-MD5 (RFC 2385) on a socket that was passed to us. */
#include "btnsd/tcp/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

/* An empty key deletes the key. */
static int set_sign_key(int fd, int family, const struct btns_addr *net, unsigned bits,
                        const uint8_t *key, size_t len)
{
    struct tcp_md5sig m = {
        .tcpm_flags = TCP_MD5SIG_FLAG_PREFIX,
        .tcpm_prefixlen = (uint8_t)bits, /* at most 32 for a mapped IPv4 address, too */
        .tcpm_keylen = (uint16_t)len,
    };
    if (len > sizeof m.tcpm_key || !btns_addr_to_sa(net, family, &m.tcpm_addr))
        return -EINVAL;
    if (len)
        memcpy(m.tcpm_key, key, len);
    int rc = setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG_EXT, &m, sizeof m) ? -errno : 0;
    explicit_bzero(&m, sizeof m);
    return rc;
}

int tcp_sign(int fd, int family, const struct btns_addr *net, unsigned bits, const uint8_t *key,
             size_t len)
{
    return len ? set_sign_key(fd, family, net, bits, key, len) : -EINVAL;
}

int tcp_unsign(int fd, int family, const struct btns_addr *net, unsigned bits)
{
    return set_sign_key(fd, family, net, bits, NULL, 0);
}
