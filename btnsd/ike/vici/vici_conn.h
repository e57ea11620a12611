/* The members of struct vici_conn, for vici_conn.c, vici_in.c and vici_out.c. */
#ifndef BTNS_IKE_VICI_VICI_CONN_H
#define BTNS_IKE_VICI_VICI_CONN_H

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
    struct vici_request *first, **last; /* the first one waits for its answer */
    size_t queued;                      /* bytes of all requests */
    size_t sent;                        /* bytes of the first request */
    uint8_t *in;
    size_t in_len, in_cap;
    char why[80]; /* the text of a system call's error */
    bool busy;    /* inside vici_conn_io: a vici_conn_free() takes effect when it returns */
    bool freed;   /* the owner freed it while it was busy */
    bool dead;
};

/* Sends as much as possible of the first request; 0 or -errno. */
int vici_conn_flush(struct vici_conn *c);
/* Calls back for every whole packet in the buffer. Returns why the connection must end, or NULL. */
const char *vici_conn_take(struct vici_conn *c);

#endif
