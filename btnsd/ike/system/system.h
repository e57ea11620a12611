/*
 * The system's IKE daemon, run by the administrator: its state is read over VICI, and it is asked
 * to initiate.
 */
#ifndef BTNS_IKE_SYSTEM_SYSTEM_H
#define BTNS_IKE_SYSTEM_SYSTEM_H

#include "btnsd/base/loop.h"
#include "btnsd/ike/private/manager.h"
#include "libapi/wire/addr.h"

/* Addresses and ports that one side of a child SA may carry. */
struct system_ts {
    struct btns_addr net;
    unsigned bits;
    uint8_t protocol; /* 0: any */
    uint16_t from, to;
};
#define SYSTEM_TS 4

/* One child SA, and the peer it is with. */
struct system_child {
    char connection[64], child[64];
    char remote_id[256];
    struct btns_addr local, remote; /* port 0 */
    uint32_t reqid, spi_in, spi_out;
    uint32_t unique;  /* charon's number; newer ones are higher */
    bool established; /* its IKE SA is up */
    bool installed;   /* no newer child SA has replaced it */
    struct system_ts local_ts[SYSTEM_TS], remote_ts[SYSTEM_TS]; /* more are not read */
    size_t local_tss, remote_tss;
};

/* One configured child, and how its peer proves its identity. */
struct system_conf {
    char connection[64], child[64];
    char auth[64]; /* strongSwan's words: "public key", "pre-shared key" ... */
    char ca[128];  /* the only CAs that the peer's certificate may come from; "": not restricted */
};

/* The daemon's whole state: child SAs and configured children. */
struct system_view {
    struct system_child *child;
    size_t children, child_room;
    struct system_conf *conf;
    size_t confs, conf_room;
};

/* system_read.c: one list-sa or list-conn event. 0, or -ENOMEM, or -EBADMSG. */
int system_read_sa(struct system_view *v, const void *body, size_t len);
int system_read_conn(struct system_view *v, const void *body, size_t len);
/* A traffic selector as charon prints it: "10.0.0.1/32[tcp/8000]". False: not understood. */
bool system_read_ts(const char *text, struct system_ts *ts);
bool system_ts_covers(const struct system_ts *ts, size_t n, const struct btns_addr *a,
                      uint8_t protocol, uint16_t port);
void system_view_free(struct system_view *v);

struct system_ops {
    /* The daemon's state, after each change; valid during the call. */
    void (*seen)(void *arg, const struct system_view *v);
    /* The daemon has gone. As long as this returns true, btnsd tries to reach it again. */
    bool (*lost)(void *arg, const char *why);
    void (*back)(void *arg);
    /* An initiation has ended. If it succeeded, the new SAs are seen afterwards. */
    void (*initiated)(void *arg, const char *connection, const char *child, enum ike_result result,
                      const char *why);
};

struct system_ike;
struct system_ike *system_new(struct loop *l, const char *socket, const struct system_ops *ops,
                              void *arg);
void system_free(struct system_ike *s);
/*
 * Reads the daemon's state again (connecting first if needed); ops->seen follows. 0, or -errno with
 * err.
 */
int system_refresh(struct system_ike *s, struct err *err);
bool system_connected(const struct system_ike *s);
/*
 * Like system_refresh(); if the daemon is not there, btnsd goes on looking for it. ops->seen or
 * ops->lost follows.
 */
void system_need(struct system_ike *s);
/* Initiates a child, one at a time for each child; ops->initiated follows. 0 or -errno. */
int system_initiate(struct system_ike *s, const char *connection, const char *child, unsigned ms);
/* Describes the state of the connection to the daemon for a person. */
const char *system_text(const struct system_ike *s, char *buf, size_t size);

#endif
