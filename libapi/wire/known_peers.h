/* Messages about known peers and their keys. */
#ifndef BTNS_LIBAPI_WIRE_KNOWN_PEERS_H
#define BTNS_LIBAPI_WIRE_KNOWN_PEERS_H

#include "libapi/wire/addr.h"
#include "libapi/wire/header.h"

enum btns_trust {
    BTNS_T_LEAP = 1, /* leap of faith: the key was proved, the name never was */
    BTNS_T_PINNED,   /* given by the administrator */
};

struct btns_peer_msg {
    struct btns_hdr hdr;
    uint32_t trust;      /* enum btns_trust */
    uint32_t no_latch;   /* 1: no latch to this peer may be made */
    uint64_t first_seen; /* seconds since 1970 */
    uint64_t last_seen;
    uint8_t key[32];
    struct btns_addr addr; /* one message an address; port 0; family 0: the peer has none */
    char name[BTNS_NAME_MAX];
    uint32_t revoked;  /* 1: the administrator has revoked the key */
    uint32_t shadowed; /* 1: from known_peers, but a file of the administrator's has the key, too */
    char file[256];    /* the administrator's file that has the entry; "": it is in known_peers */
    uint64_t line;
};

/* Pins a peer's key: the administrator names the key, the address of a known peer, or both. */
struct btns_pin {
    struct btns_hdr hdr;
    uint32_t has_key;
    uint32_t pad;
    struct btns_addr addr; /* family 0: keep the key's addresses */
    uint8_t key[32];
    char name[BTNS_NAME_MAX]; /* "": keep its name */
};

/* Takes peers from a text of known_peers' lines, all of them or none. */
struct btns_import {
    struct btns_hdr hdr;
    char name[256]; /* the text's name, for messages; NUL-terminated */
};
#define BTNS_IMPORT_MAX   (16u << 20) /* octets of the text */
#define BTNS_IMPORT_SEALS 0xf         /* BTNS_RING_SEALS and F_SEAL_WRITE: the text cannot change */

/* Asks a host for its key; nothing of the answer is stored. */
struct btns_keyscan {
    struct btns_hdr hdr;
    struct btns_addr addr; /* port 0 */
};

struct btns_forget {
    struct btns_hdr hdr;
    struct btns_addr addr; /* family 0: the key identifies the peer */
    uint8_t key[32];
};

struct btns_nolatch {
    struct btns_hdr hdr;
    uint32_t on; /* 1: no latch to this peer may be made; 0: allow it again */
    uint32_t pad;
    uint8_t key[32];
};

#endif
