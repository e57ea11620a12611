/* From rules and a caller's wish to what peers of a listener meet: decides, does nothing. */
#ifndef BTNS_LISTENING_H
#define BTNS_LISTENING_H

#include "btnsd/latch/floor/floor.h"
#include "btnsd/plan/connect_plan.h"

/* A rule for some peers only, which stands before the one for all. */
struct narrower {
    const struct rule *rule;
    enum plan_action action;
};
#define NARROWER_MAX 64

/* What peers of one address family meet. */
struct listening_side {
    int family;
    const struct rule *rule; /* that decides for a peer anywhere; NULL: none does */
    enum plan_action action;
    struct narrower narrower[NARROWER_MAX];
    size_t narrowers;
};

/* Whose segments are signed, and with what. */
struct listening_sign {
    struct prefix peer;
    const struct sign_key *key;
};
#define LISTENING_SIGNS 128 /* more are more than a socket has memory for */

struct listening {
    uint8_t protocol;
    struct spd_entry entry[FLOOR_ENTRIES]; /* the floor, in both directions */
    size_t entries;
    struct floor_term term[FLOOR_ENTRIES / 2]; /* what they mean: one an entry in each direction */
    size_t terms;
    struct listening_side side[2];
    size_t sides;
    struct listening_sign sign[LISTENING_SIGNS]; /* an address is in one of them at most */
    size_t signs;
    bool self; /* only this host reaches it: nothing applies */
};

/*
 * q asks at POINT_ACCEPT, with no remote. both: an IPv6 socket that takes IPv4 as well. flags:
 * BTNS_F_REQUIRE, BTNS_F_PREFER. 0; -E2BIG when there are too many entries; -ENOTSUP when a
 * listener on every address is under a rule that discards or signs and one for some local
 * addresses.
 */
int listening_plan(const struct view *v, const struct question *q, bool both, uint32_t flags,
                   struct listening *l);
/* What its error means. */
const char *listening_error(int error);
/* What is to be put down under a listener there; it points into l. */
struct floor_plan listening_floor(const struct listening *l, const struct btns_addr *local);
/* Is there anything to put down? */
bool listening_blocks(const struct listening *l);
/* Nobody may come in, whoever it is. */
bool listening_refused(const struct listening *l);
/* No rule does more than leave it alone. */
bool listening_untouched(const struct listening *l);
/* The rule that the listener is named after: the first that does more. */
void listening_rule_text(const struct listening *l, char *buf, size_t size);
/* The profile that callers anywhere are asked for; "": none. */
const char *listening_service(const struct listening *l);

/* listening_say.c: for a person. Returns the least that a peer anywhere gets. */
enum plan_action listening_say(const struct listening *l, char *text, size_t size);

#endif
