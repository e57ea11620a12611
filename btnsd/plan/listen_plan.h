/* Computes a listener's floor from the rules and the program's flags. Pure. */
#ifndef BTNS_PLAN_LISTEN_PLAN_H
#define BTNS_PLAN_LISTEN_PLAN_H

#include "btnsd/latch/floor/floor.h"
#include "btnsd/plan/connect_plan.h"

/* A rule for some peers only; it comes before the rule for all peers. */
struct narrower {
    const struct rule *rule;
    enum plan_action action;
};
#define NARROWER_MAX 64

/* The rules for peers of one address family. */
struct listening_side {
    int family;
    const struct rule *rule; /* the rule for peers that no narrower rule matches; NULL: none */
    enum plan_action action;
    struct narrower narrower[NARROWER_MAX];
    size_t narrowers;
};

/* Peers whose TCP segments are signed, and the key. */
struct listening_sign {
    struct prefix peer;
    const struct sign_key *key;
};
#define LISTENING_WISHED 16
#define LISTENING_SIGNS  128 /* more do not fit into the kernel's memory for one socket */

struct listening {
    uint8_t protocol;
    struct spd_entry entry[FLOOR_ENTRIES]; /* the floor, in both directions */
    size_t entries;
    struct floor_term term[FLOOR_ENTRIES / 2]; /* one for each two entries (in, out) */
    size_t terms;
    struct listening_side side[2];
    size_t sides;
    struct listening_sign sign[LISTENING_SIGNS]; /* each address is in one entry at most */
    size_t signs;
    bool self; /* on a loopback address: no rule applies */
    /* Profiles that the socket's own policy made stricter, and why that was impossible. */
    struct wished wished[LISTENING_WISHED];
    size_t wishes;
    int refused; /* -errno; 0: the stricter profiles are possible */
    struct err why;
};

/*
 * q: at POINT_ACCEPT, without a remote. both: an IPv6 socket that accepts IPv4, too. flags:
 * BTNS_F_REQUIRE, BTNS_F_PREFER. 0; -E2BIG if there are too many entries; -ENOTSUP if a socket
 * listens on every address, and rules that discard, sign or name an identity differ by local
 * address; what wish_merge() returns, if the view has a wish that a rule excludes.
 */
int listening_plan(const struct view *v, const struct question *q, bool both, uint32_t flags,
                   struct listening *l);
/* The message for an error that listening_plan() returned with l. */
const char *listening_error(const struct listening *l, int error);
/* The floor for a listener at this address; points into l. */
struct floor_plan listening_floor(const struct listening *l, const struct btns_addr *local);
/* Does any entry block, so that the listener needs a floor? */
bool listening_blocks(const struct listening *l);
/* Is every peer denied? */
bool listening_refused(const struct listening *l);
/* Does no rule protect, deny or sign? */
bool listening_untouched(const struct listening *l);
/* The rule to show for the listener: the first that protects, denies or signs. */
void listening_rule_text(const struct listening *l, char *buf, size_t size);
/* The name of the profile for peers that no narrower rule matches; "": none. */
const char *listening_service(const struct listening *l);

/* listen_say.c: describes the plan for a user. Returns the weakest action for any peer. */
enum plan_action listening_say(const struct listening *l, char *text, size_t size);

#endif
