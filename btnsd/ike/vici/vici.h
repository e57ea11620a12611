/* VICI, the protocol that controls charon: its messages, and a connection that never blocks. */
#ifndef BTNS_IKE_VICI_VICI_H
#define BTNS_IKE_VICI_VICI_H

#include "libapi/wire/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Messages (no I/O): vici_msg.c builds them, vici_read.c reads them ---- */

#define VICI_MAX       (512 * 1024)
#define VICI_DEPTH_MAX 16 /* sections in sections */

/* A message under construction. On overflow or misuse .bad is set, and stays set. */
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
void vici_list_one(struct vici_msg *m, const char *name, const char *item);
void vici_list_open(struct vici_msg *m, const char *name); /* the same, item by item */
void vici_list_item(struct vici_msg *m, const char *item);
void vici_list_close(struct vici_msg *m);
bool vici_ok(const struct vici_msg *m); /* every section and list is closed, and nothing was bad */

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
/*
 * Like vici_find(), copied as a NUL-terminated text and cut at size; returns "" and false if there
 * is no such value.
 */
bool vici_find_str(const void *data, size_t len, const char *path, char *buf, size_t size);

/* ---- A connection to charon's VICI socket ---- */

struct vici_conn;
struct vici_ops {
    /* The answer to the oldest outstanding command. body NULL: unknown command or event. */
    void (*answer)(void *arg, const void *body, size_t len);
    void (*event)(void *arg, const char *name, const void *body, size_t len);
    /* The connection is dead (why is set); the callee may free it with vici_conn_free. */
    void (*closed)(void *arg, const char *why);
};
/* Connects to the AF_UNIX stream socket. NULL with err. */
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

#endif
