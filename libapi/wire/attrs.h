/*
 * The attributes of a BTNS_API_* message: a list of (type, length, value) behind the header, so
 * that a later version can add attributes without a new layout. Reading and writing is bounded and
 * allocates nothing.
 */
#ifndef BTNS_LIBAPI_WIRE_ATTRS_H
#define BTNS_LIBAPI_WIRE_ATTRS_H

#include "libapi/wire/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef BTNS_API_VERSION /* a test defines a later version */
#define BTNS_API_VERSION 1u
#endif
/*
 * The version that libbtns sends: the oldest that can express its requests, so that an older btnsd
 * understands.
 */
#define BTNS_API_ASKED 1u
#define BTNS_API_MAX   32768 /* octets of a message, with its header */

/* Attributes of the protocol; those of policies and channels have the numbers of <btns/ipsec.h>. */
enum btns_api_attr {
    BTNS_API_ERROR = 0x10001,       /* u32: 0 or an errno; in every answer, first */
    BTNS_API_TEXT = 0x10002,        /* text: the same error, for a person */
    BTNS_API_FLAGS = 0x10003,       /* u32: BTNS_F_NONBLOCK, BTNS_F_SENDS */
    BTNS_API_REMOTE = 0x10004,      /* struct sockaddr_in or sockaddr_in6 */
    BTNS_API_FD = 0x10005,          /* u32: the socket's descriptor number in the sender */
    BTNS_API_COOKIE = 0x10006,      /* u64 */
    BTNS_API_KIND = 0x10007,        /* u32, of an event: enum ipsec_event_kind */
    BTNS_API_TIME = 0x10008,        /* u64: seconds since 1970 */
    BTNS_API_POLICY_TYPE = 0x10009, /* u32: IPSEC_DEFAULT_POLICY; first in each policy */
    BTNS_API_POLICY = 0x1000a,      /* a list of attributes: the policy of one message */
    BTNS_API_LOCAL = 0x1000b,       /* struct sockaddr_in or sockaddr_in6; the port is ignored */
    BTNS_API_CAME = 0x1000c,        /* u64: when a datagram arrived, ns since 1970; 0: unknown */
};

/* A list that is being written. `full`: an attribute did not fit and was left out. */
struct attrs_out {
    unsigned char *buf;
    size_t room, len;
    bool full;
};

void attrs_put(struct attrs_out *o, uint32_t type, const void *value, size_t len);
void attrs_put_u32(struct attrs_out *o, uint32_t type, uint32_t value);
void attrs_put_u64(struct attrs_out *o, uint32_t type, uint64_t value);
/* Writes a text without its NUL. Writes nothing for NULL or "". */
void attrs_put_text(struct attrs_out *o, uint32_t type, const char *text);
/* Writes struct sockaddr_in or sockaddr_in6. Writes nothing for family 0. */
void attrs_put_addr(struct attrs_out *o, uint32_t type, const struct btns_addr *a);

/* One attribute of a list that is being read. `value` points into the list, at any alignment. */
struct attr {
    uint32_t type;
    const unsigned char *value;
    size_t len;
};

/*
 * Reads the attribute at *at and moves *at behind it. Returns 1; 0 at the end; -1 if the list is
 * malformed.
 */
int attrs_next(const void *list, size_t size, size_t *at, struct attr *a);
/*
 * Finds the first attribute of this type. Returns false if there is none before the end or a
 * malformed part.
 */
bool attrs_find(const void *list, size_t size, uint32_t type, struct attr *a);
/* Is the whole list well-formed? */
bool attrs_sound(const void *list, size_t size);
/* The value of a 4-octet or 8-octet attribute. Returns false if it has another length. */
bool attr_u32(const struct attr *a, uint32_t *value);
bool attr_u64(const struct attr *a, uint64_t *value);
/* The address that attrs_put_addr() wrote. Returns false if the value is no address. */
bool attr_addr(const struct attr *a, struct btns_addr *to);
/* Copies a text and adds a NUL. Returns false if it is too long or contains a NUL. */
bool attr_text(const struct attr *a, char *buf, size_t size);

#endif
