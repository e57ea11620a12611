/* A VICI connection, between its input and output (vici_conn.c) and its packets (vici_in.c). */
#ifndef BTNS_VICI_CONN_H
#define BTNS_VICI_CONN_H

#include "btnsd/ike/vici/vici.h"

#define VICI_HEADER 4 /* the 32-bit length before each packet */

enum packet {
    CMD_REQUEST,
    CMD_RESPONSE,
    CMD_UNKNOWN,
    EVENT_REGISTER,
    EVENT_UNREGISTER,
    EVENT_CONFIRM,
    EVENT_UNKNOWN,
    EVENT
};

/* A request, from vici_command() until its answer. */
struct vici_request {
    struct vici_request *next;
    enum packet type;
    size_t len;
    uint8_t data[];
};

struct vici_conn {
    int fd;
    const struct vici_ops *ops;
    void *arg;
    struct vici_request *first, **last; /* the first is outstanding */
    size_t queued;                      /* bytes of them all */
    size_t sent;                        /* of the first */
    uint8_t *in;
    size_t in_len, in_cap;
    char why[80]; /* text for a system call's error */
    bool busy;    /* inside vici_conn_io: freeing waits until it is done */
    bool freed;   /* by the owner, while busy */
    bool dead;
};

/* Sends what it can of the outstanding request; 0 or -errno. */
int vici_conn_flush(struct vici_conn *c);
/* Calls back for every whole packet that is in; returns why the connection must end, or NULL. */
const char *vici_conn_take(struct vici_conn *c);

#endif
