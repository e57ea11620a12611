/* The parts of btnsctl verify, which tries out a rule with real connections. */
#ifndef BTNS_CTL_VERIFY_VERIFY_H
#define BTNS_CTL_VERIFY_VERIFY_H

#include "btnsd/rules/model/rules.h"
#include "libapi/wire/wire.h"

#include <limits.h>

/* ---- subject.c: the rule and the connection to try ---- */

struct subject {
    const struct rule *rule;
    bool accept;
    char program[PATH_MAX]; /* an executable that the rule matches */
    uint8_t protocol;       /* of the connections to make */
    struct btns_addr to;    /* the service: where to connect, or where the program accepts */
};

/* Finds the rule "PROGRAM/RULE", or "RULE" if the name is unique. NULL with err. */
const struct rule *subject_rule(const struct rules *r, const char *name, struct err *err);
/*
 * Fills in program and address. target NULL: takes the rule's address and port, if it has exactly
 * one of each.
 */
int subject_find(struct subject *s, const char *target, struct err *err);

/* ---- capture.c: counts one flow's packets on this host's links ---- */

struct capture;
struct crossed {
    unsigned clear; /* packets of the service itself */
    unsigned esp;   /* ESP packets between the two hosts, also in UDP */
};
struct capture *capture_open(const struct btns_addr *service, uint8_t protocol, struct err *err);
/* Waits a moment for packets on their way, then counts all packets since the last call. */
struct crossed capture_read(struct capture *c);
void capture_close(struct capture *c);

/* ---- flow.c: one connection, or datagram, as a program under btns-run would make it ---- */

struct outcome {
    uint32_t verdict;         /* enum btns_verdict */
    char text[BTNS_TEXT_MAX]; /* btnsd's text */
    int connected;            /* 0, or the errno of connect() or send() */
    uint64_t cookie;
    struct crossed seen;
};
/* The connection stays open in *fd (-1: there is none) until the caller closes it. */
int flow_try(const char *socket, const struct subject *s, struct capture *c, struct outcome *o,
             int *fd, struct err *err);
/* The same connection, made without asking btnsd: 0, or the errno of connect(). */
int flow_plain(const struct subject *s);

/* ---- stranger.c: connects in the clear, like a host without btns ---- */

/*
 * Connects in the clear to `to`, an address of this host, from a new network namespace. 0, or the
 * errno of the stranger's connect(); -errno with err if it could not be tried.
 */
int stranger_calls(const struct btns_addr *to, struct err *err);

#endif
