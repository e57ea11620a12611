/* The pieces the key manager is made of: VICI, the private charon, the host key, known peers. */
#ifndef BTNS_IKE_H
#define BTNS_IKE_H

#include "libapi/wire/addr.h"
#include "libapi/wire/err.h"
#include "libapi/wire/key.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* ---- vici_msg.c, vici_read.c: VICI messages, built and read (pure, no I/O) ---- */

#define VICI_MAX       (512 * 1024)
#define VICI_DEPTH_MAX 16 /* sections in sections */

/* A message under construction. On any overflow or misuse .bad is set for good. */
struct vici_msg {
    uint8_t *data; /* owned */
    size_t len, cap;
    unsigned depth;
    bool in_list, bad;
};

void vici_init(struct vici_msg *m);
void vici_free(struct vici_msg *m);
void vici_section(struct vici_msg *m, const char *name);
void vici_section_end(struct vici_msg *m);
void vici_kv(struct vici_msg *m, const char *key, const char *value);
void vici_kv_data(struct vici_msg *m, const char *key, const void *value, size_t len);
void vici_kvf(struct vici_msg *m, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void vici_list(struct vici_msg *m, const char *name, const char *const *items); /* NULL-ended */
void vici_list_open(struct vici_msg *m, const char *name); /* the same, item by item */
void vici_list_item(struct vici_msg *m, const char *item);
void vici_list_close(struct vici_msg *m);
bool vici_ok(const struct vici_msg *m); /* closed and never bad */

/* Reading: a cursor over a received body; every length is checked against the end. */
enum vici_element {
    VICI_END,
    VICI_SECTION,
    VICI_SECTION_END,
    VICI_KV,
    VICI_LIST,
    VICI_ITEM,
    VICI_LIST_END,
    VICI_BAD = -1
};
struct vici_reader {
    const uint8_t *data;
    size_t len, at;
    unsigned depth;
    bool in_list;
};
struct vici_item {
    enum vici_element type;
    char name[256];       /* section, key, list */
    const uint8_t *value; /* KV and ITEM: not NUL-terminated */
    size_t len;
};
void vici_reader_init(struct vici_reader *r, const void *data, size_t len);
enum vici_element vici_next(struct vici_reader *r, struct vici_item *it);
/*
 * Value of a dotted path such as "alice.remote-id" ("*" matches any section name), first found.
 * Returns false when it is not there or the message is malformed.
 */
bool vici_find(const void *data, size_t len, const char *path, const uint8_t **value, size_t *vlen);
/* The same as text: copied, NUL-terminated, cut at size; "" and false when not found. */
bool vici_find_str(const void *data, size_t len, const char *path, char *buf, size_t size);

/* ---- vici_conn.c: one connection to charon's VICI socket, never blocking ---- */

struct vici_conn;
struct vici_ops {
    /* The answer to the oldest outstanding command. body NULL: unknown command or event. */
    void (*answer)(void *arg, const void *body, size_t len);
    void (*event)(void *arg, const char *name, const void *body, size_t len);
    /* The connection is dead (why is set); the callee may free it with vici_conn_free. */
    void (*closed)(void *arg, const char *why);
};
/* Connects to the AF_UNIX stream socket; NULL with err. */
struct vici_conn *vici_conn_new(const char *path, const struct vici_ops *ops, void *arg,
                                struct err *err);
void vici_conn_free(struct vici_conn *c);
int vici_conn_fd(const struct vici_conn *c);
bool vici_conn_wants_write(const struct vici_conn *c); /* poll for EPOLLOUT too */
/* Call when the descriptor is readable or writable: reads, writes, calls back. */
void vici_conn_io(struct vici_conn *c);
/* Queues a command (sent when the one before was answered). msg NULL: empty. 0 or -errno. */
int vici_command(struct vici_conn *c, const char *name, const struct vici_msg *msg);
int vici_register(struct vici_conn *c, const char *event); /* answered too, in order */

/* ---- charon.c: the private IKE daemon as a process ---- */

struct charon_paths {
    const char *run; /* directory that becomes charon's /run: vici socket "charon.vici", log, pid */
    const char *binary; /* /usr/lib/ipsec/charon */
};
/*
 * Writes charon's configuration into paths->run and starts it in a mount namespace of its own, with
 * paths->run bound over /run. Returns the pid, or -errno with err. It is ready when its VICI socket
 * accepts a connection.
 */
pid_t charon_start(const struct charon_paths *paths, struct err *err);
/* Ends a charon left over by a killed btnsd (by its pid file, checked to be charon). */
void charon_end_stale(const struct charon_paths *paths);
/* The last telling lines of its log, "; " between, for an error message; returns buf ("" if none).
 */
const char *charon_log_tail(const struct charon_paths *paths, char *buf, size_t size);
/* Empties the log when it has grown past some megabytes: to be called now and then. */
void charon_log_trim(const struct charon_paths *paths);

/* ---- hostkey.c ---- */

struct hostkey {
    struct btns_key pub;
    uint8_t pkcs8[128]; /* private key, DER, for VICI's load-key */
    size_t pkcs8_len;
};
/*
 * Reads dir/host.key (PEM, PKCS#8, mode 0600, root-owned), or makes it if there is none (written to
 * a temporary name, fsync, rename; the public half to host.pub). Anything odd about an existing
 * file is an error: a host key is never replaced.
 */
int hostkey_load(const char *dir, struct hostkey *k, struct err *err);
/* A peer's public key as the SubjectPublicKeyInfo PEM charon takes in `pubkeys`. */
void key_to_pem(const struct btns_key *k, char *buf, size_t size);

/* ---- peers.c: known_peers, the Peer Authorization Database ---- */

#define PEER_ADDRS 8
struct peer {
    struct btns_key key;
    struct btns_addr addr[PEER_ADDRS]; /* port 0; newest first */
    size_t addrs;
    uint64_t first_seen, last_seen; /* seconds since 1970 */
    uint32_t trust;                 /* enum btns_trust of wire.h */
    char name[BTNS_PEER_NAME];      /* given by the administrator; "": none */
    bool no_latch;                  /* no latch may be made to it (latching -02, section 2.1) */
};
struct peers;
#define PEERS_MAX 65536

/* Reads path (absent: empty). A malformed file is refused whole: NULL, err says file:line and why.
 */
struct peers *peers_load(const char *path, struct err *err);
void peers_free(struct peers *p);
/*
 * Who is needed is not forgotten to make room for another. When there are PEERS_MAX, room is made
 * by the leap of faith not seen for longest of the networks that have most: a flood of keys from
 * one place displaces its own.
 */
void peers_set_needed(struct peers *p, bool (*needed)(void *arg, const struct btns_key *k),
                      void *arg);
/* What these point to is valid until the next change. */
size_t peers_count(const struct peers *p);
const struct peer *peers_at(const struct peers *p, size_t i);
const struct peer *peers_by_key(const struct peers *p, const struct btns_key *k);
/* Who is known at this address (port ignored); NULL when nobody is. */
const struct peer *peers_by_addr(const struct peers *p, const struct btns_addr *a);
/* Whom the administrator has given this name; NULL when nobody has it. */
const struct peer *peers_by_name(const struct peers *p, const char *name);
/*
 * Notes that k was proved at a (now, in seconds since 1970) and writes the file (atomically:
 * temporary name, fsync, rename). The address is taken from any other key that had it on a leap of
 * faith; -EEXIST when it is a pinned one's. 0 or -errno; on error memory and file are as before.
 */
int peers_seen(struct peers *p, const struct btns_key *k, const struct btns_addr *a, uint64_t now,
               struct err *err);
/*
 * The administrator's word, in the same manner: k is pinned, at a (NULL: where it is known), and
 * called name (NULL or "": as before). A name that another key had is taken from it.
 */
int peers_pin(struct peers *p, const struct btns_key *k, const struct btns_addr *a,
              const char *name, uint64_t now, struct err *err);
/* Forgets by address (the address of whoever has it) or by key; -ENOENT when there is none. */
int peers_forget(struct peers *p, const struct btns_key *k, const struct btns_addr *a,
                 struct err *err);
/* Sets the flag of a known key; -ENOENT when it is not known. */
int peers_set_no_latch(struct peers *p, const struct btns_key *k, bool on, struct err *err);

#endif
