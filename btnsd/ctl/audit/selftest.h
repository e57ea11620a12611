/*
 * Theory of operation. A child process enters a user and a network namespace of its own, in which
 * it has every capability; both vanish when it ends. It gives the namespace the settings of the
 * host, makes connections over its loopback link, reads their exact numbers (TCP_REPAIR), sends
 * each attack into a connection of its own and writes the result into shared memory. The parent
 * judges these results; the child judges nothing.
 */
#ifndef BTNS_CTL_AUDIT_SELFTEST_H
#define BTNS_CTL_AUDIT_SELFTEST_H

#include "btnsd/ctl/audit/attacks.h"
#include "btnsd/ctl/audit/measures.h"
#include "btnsd/ctl/audit/tcp_settings.h"
#include "libapi/wire/err.h"

#define ATTACKS_MAX 40

/* One pass: a family, with or without timestamps. */
struct pass {
    int family;
    bool stamps;
    bool done;
    bool left_out;  /* on purpose: there is no such family, or settings must not be changed */
    struct err why; /* why the pass could not be done */
    struct aftermath after[ATTACKS_MAX];
    bool tried[ATTACKS_MAX];
    struct throttle throttle;
};

enum { PASS_4_STAMPS, PASS_4_PLAIN, PASS_6_STAMPS, PASS_6_PLAIN, PASSES };

struct port_runs {
    bool done[2]; /* IPv4, IPv6 */
    struct ports one[2], others[2];
};

struct selftest {
    bool done;
    struct err why;    /* why the self-test could not be done at all */
    struct err unlike; /* a setting of the host that could not be set in the private namespace */
    struct pass pass[PASSES];
    struct port_runs ports;
};

/*
 * here: runs in this network namespace, with its firewall, instead of a private one. This needs
 * CAP_NET_ADMIN and CAP_NET_RAW there, and changes no setting. NULL: no memory. Freed by
 * selftest_free().
 */
const struct selftest *selftest_run(bool here, const struct settings *host);
/* Was everything done except what was left out on purpose? */
bool selftest_whole(const struct selftest *t);
void selftest_free(const struct selftest *t);

/* ---- selftest_pass.c, selftest_ports.c: the child's part ---- */
void selftest_pass(struct pass *p, bool tunable);
void selftest_ports(int family, struct port_runs *runs);

/* ---- private_netns.c ---- */
bool private_netns_enter(struct err *err);
/* Gives this namespace the host's settings; unlike names the first that cannot be set. */
void private_netns_settings(const struct settings *host, struct err *unlike);

#endif
