/* Sets keys of TCP-AO (RFC 5925) on a socket that was passed to us. */
#include "btnsd/tcp/ao.h"

#include "btnsd/tcp/ao_abi.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static int set_ao_option(int fd, int option, const void *value, size_t len)
{
    return setsockopt(fd, IPPROTO_TCP, option, value, (socklen_t)len) ? -errno : 0;
}

/* A kernel that has TCP-AO says that the socket has no keys (ENOENT). */
int tcp_ao_try(void)
{
    struct ao_opt_info info = {0};
    socklen_t len = sizeof info;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int rc = getsockopt(fd, IPPROTO_TCP, AO_OPT_INFO, &info, &len) ? -errno : 0;
    close(fd);
    return rc == -ENOPROTOOPT ? rc : 0;
}

const char *tcp_ao_needs(char buf[TCP_AO_NEEDS])
{
    struct utsname u = {.release = "unknown"};
    uname(&u);
    snprintf(buf, TCP_AO_NEEDS,
             "the running kernel, %.64s, has no TCP-AO: Linux 6.7 or later is needed, built with "
             "CONFIG_TCP_AO",
             u.release);
    return buf;
}

/* The kernel finds keys by address alone, and refuses one with a port. */
static bool ao_peer_address(struct sockaddr_storage *to, int family, const struct btns_addr *net)
{
    struct btns_addr a = *net;
    a.port = 0;
    return btns_addr_to_sa(&a, family, to) != 0;
}

/*
 * Is the socket's key with these identifiers the same key? It is when a program connects a socket
 * again.
 */
static bool socket_has_ao_key(int fd, const struct ao_opt_add *add)
{
    struct ao_opt_get g = {.addr = add->addr,
                           .nkeys = 1,
                           .prefix = add->prefix,
                           .sndid = add->sndid,
                           .rcvid = add->rcvid};
    socklen_t len = sizeof g;
    bool same = !getsockopt(fd, IPPROTO_TCP, AO_OPT_GET_KEYS, &g, &len) && g.nkeys == 1 &&
                g.sndid == add->sndid && g.rcvid == add->rcvid && g.maclen == add->maclen &&
                g.keylen == add->keylen && !memcmp(g.key, add->key, add->keylen);
    explicit_bzero(&g, sizeof g);
    return same;
}

/* Makes a key that the socket already has the current or the next one. */
static int choose_ao_key(int fd, const struct ao_opt_add *add)
{
    struct ao_opt_info info = {.set_current = add->set_current,
                               .set_rnext = add->set_rnext,
                               .current_key = add->sndid,
                               .rnext = add->rcvid};
    return add->set_current || add->set_rnext ? set_ao_option(fd, AO_OPT_INFO, &info, sizeof info)
                                              : 0;
}

int tcp_ao_ask_for(int fd, uint8_t receive_id)
{
    const struct ao_opt_info info = {.set_rnext = 1, .rnext = receive_id};
    return set_ao_option(fd, AO_OPT_INFO, &info, sizeof info);
}

/* While a key is replaced, unsigned segments from anybody are dropped. */
static int require_ao_signatures(int fd, bool on)
{
    const struct ao_opt_info info = {.ao_required = on};
    return set_ao_option(fd, AO_OPT_INFO, &info, sizeof info);
}

static int exchange_ao_key(int fd, const struct ao_opt_add *add)
{
    const struct ao_opt_del del = {
        .addr = add->addr, .prefix = add->prefix, .sndid = add->sndid, .rcvid = add->rcvid};
    if (socket_has_ao_key(fd, add))
        return choose_ao_key(fd, add);
    int rc = require_ao_signatures(fd, true);
    if (!rc)
        rc = set_ao_option(fd, AO_OPT_DEL_KEY, &del, sizeof del);
    if (!rc)
        rc = set_ao_option(fd, AO_OPT_ADD_KEY, add, sizeof *add);
    return rc ? rc : require_ao_signatures(fd, false);
}

int tcp_ao_sign(int fd, int family, const struct btns_addr *net, unsigned bits,
                const struct tcp_ao_key *key)
{
    struct ao_opt_add add = {
        .set_current = key->current,
        .set_rnext = key->next,
        .prefix = (uint8_t)bits, /* at most 32 for a mapped IPv4 address, too */
        .sndid = key->send_id,
        .rcvid = key->receive_id,
        .maclen = key->mac_len,
        .keylen = (uint8_t)key->len,
    };
    if (!key->len || key->len > sizeof add.key || strlen(key->algorithm) >= sizeof add.alg_name ||
        !ao_peer_address(&add.addr, family, net))
        return -EINVAL;
    memcpy(add.alg_name, key->algorithm, strlen(key->algorithm));
    memcpy(add.key, key->secret, key->len);
    int rc = set_ao_option(fd, AO_OPT_ADD_KEY, &add, sizeof add);
    if (rc == -EEXIST)
        rc = exchange_ao_key(fd, &add);
    explicit_bzero(&add, sizeof add);
    return rc;
}

int tcp_ao_unsign(int fd, int family, const struct btns_addr *net, unsigned bits, uint8_t send_id,
                  uint8_t receive_id)
{
    struct ao_opt_del del = {.prefix = (uint8_t)bits, .sndid = send_id, .rcvid = receive_id};
    return ao_peer_address(&del.addr, family, net)
               ? set_ao_option(fd, AO_OPT_DEL_KEY, &del, sizeof del)
               : -EINVAL;
}
