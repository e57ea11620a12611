/*
 * The attributes of a BTNS_API_* message: a list of (type, length, value) behind the header, so
 * that a later version can say more without a new layout. Bounded, and without allocations.
 */
#ifndef BTNS_LIBAPI_WIRE_ATTRS_H
#define BTNS_LIBAPI_WIRE_ATTRS_H

#include "libapi/wire/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef BTNS_API_VERSION /* tests build a later one, too */
#define BTNS_API_VERSION 1u
#endif
/* The version that libbtns asks in: the oldest that can say it, so that an older btnsd understands.
 */
#define BTNS_API_ASKED 1u
#define BTNS_API_MAX   32768 /* octets of a message, with its header */

/* Attributes of the protocol; those of policies and channels have the numbers of <btns/ipsec.h>. */
enum btns_api_attr {
    BTNS_API_ERROR = 0x10001,       /* u32: 0 or an errno; in every answer, first */
    BTNS_API_TEXT = 0x10002,        /* text: the same for a person */
    BTNS_API_FLAGS = 0x10003,       /* u32: BTNS_F_NONBLOCK, BTNS_F_SENDS */
    BTNS_API_REMOTE = 0x10004,      /* struct sockaddr_in or sockaddr_in6 */
    BTNS_API_FD = 0x10005,          /* u32: the number by which the sender has the socket */
    BTNS_API_COOKIE = 0x10006,      /* u64 */
    BTNS_API_KIND = 0x10007,        /* u32, of an event: enum ipsec_event_kind */
    BTNS_API_TIME = 0x10008,        /* u64: seconds since 1970 */
    BTNS_API_POLICY_TYPE = 0x10009, /* u32: IPSEC_DEFAULT_POLICY; first in each policy */
    BTNS_API_POLICY = 0x1000a,      /* a list of attributes: the policy of one message */
    BTNS_API_LOCAL = 0x1000b, /* struct sockaddr_in or sockaddr_in6; its port does not count */
    BTNS_API_CAME = 0x1000c,  /* u64: ns since 1970, when a datagram came; 0: not known */
};

/* A list that is being written. `full`: something did not fit, and was left out whole. */
struct attrs_out {
    unsigned char *buf;
    size_t room, len;
    bool full;
};

void attrs_put(struct attrs_out *o, uint32_t type, const void *value, size_t len);
void attrs_put_u32(struct attrs_out *o, uint32_t type, uint32_t value);
void attrs_put_u64(struct attrs_out *o, uint32_t type, uint64_t value);
/* Without its NUL. Nothing is written for NULL or "". */
void attrs_put_text(struct attrs_out *o, uint32_t type, const char *text);
/* As struct sockaddr_in or sockaddr_in6. Nothing is written for family 0. */
void attrs_put_addr(struct attrs_out *o, uint32_t type, const struct btns_addr *a);

/* One attribute of a list that is read. `value` points into the list, at any alignment. */
struct attr {
    uint32_t type;
    const unsigned char *value;
    size_t len;
};

/* The attribute at *at, which then is behind it. 1; 0: the list is at its end; -1: malformed. */
int attrs_next(const void *list, size_t size, size_t *at, struct attr *a);
/* The first of this type. False: there is none before the end, or before what is malformed. */
bool attrs_find(const void *list, size_t size, uint32_t type, struct attr *a);
/* Is the whole list well-formed? */
bool attrs_sound(const void *list, size_t size);
/* The number that an attribute of 4 or of 8 octets has. False: it has another length. */
bool attr_u32(const struct attr *a, uint32_t *value);
bool attr_u64(const struct attr *a, uint64_t *value);
/* The address that attrs_put_addr() wrote. False: it is none. */
bool attr_addr(const struct attr *a, struct btns_addr *to);
/* Copies a text with a NUL. False: it is too long, or has a NUL in it. */
bool attr_text(const struct attr *a, char *buf, size_t size);

#endif
