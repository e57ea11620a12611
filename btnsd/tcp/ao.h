/* Sets keys of TCP-AO (RFC 5925) on TCP sockets that were passed to us. */
#ifndef BTNS_TCP_AO_H
#define BTNS_TCP_AO_H

#include "libapi/wire/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A master key tuple (RFC 5925, section 3.1), without the peer. */
struct tcp_ao_key {
    uint8_t send_id, receive_id;
    const char *algorithm; /* the name that the kernel gives it */
    uint8_t mac_len;       /* octets */
    const uint8_t *secret;
    size_t len;
    bool current; /* our segments are signed with it at first; not for a listener */
    bool next;    /* the peer is asked to sign with it (RNextKeyID); not for a listener */
};

/* Does the kernel have TCP-AO? 0, or -errno: the kernel's answer. */
int tcp_ao_try(void);
/* Writes the release of the running kernel, and what TCP-AO needs, for a person; returns buf. */
#define TCP_AO_NEEDS 200
const char *tcp_ao_needs(char buf[TCP_AO_NEEDS]);

/*
 * Adds a key: segments to and from net/bits are signed with it, and unsigned segments from there
 * are dropped. A key with the same identifiers is replaced, unless it is another key and in use:
 * -EBUSY. A listener's accepted sockets inherit the keys. 0 or -errno.
 */
int tcp_ao_sign(int fd, int family, const struct btns_addr *net, unsigned bits,
                const struct tcp_ao_key *key);
/*
 * Asks the peer of a connection to sign with this one of the socket's keys (RNextKeyID). 0 or
 * -errno.
 */
int tcp_ao_ask_for(int fd, uint8_t receive_id);
/* Takes a key away from a listener. 0 or -errno. */
int tcp_ao_unsign(int fd, int family, const struct btns_addr *net, unsigned bits, uint8_t send_id,
                  uint8_t receive_id);

#endif
