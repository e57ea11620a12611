/* Decides from the rule and the program's flags how a connect() is handled. Pure. */
#ifndef BTNS_PLAN_CONNECT_PLAN_H
#define BTNS_PLAN_CONNECT_PLAN_H

#include "btnsd/plan/question.h"
#include "btnsd/rules/ask/view.h"
#include "libapi/wire/wire.h"

/* PLAN_BYPASS sends in the clear even if there is a guard; it needs root or CAP_NET_ADMIN. */
enum plan_action {
    PLAN_CLEAR,
    PLAN_PROTECT,
    PLAN_PREFER,
    PLAN_DENY,
    PLAN_BYPASS,
    /* connect only: protection is required but impossible, or this user may not use --bypass */
    PLAN_REFUSE,
    PLAN_WITHOUT, /* connect only: protection is impossible, and the rule only prefers it */
};

struct plan {
    enum plan_action action;
    const struct rule *rule;       /* NULL: none matches */
    const struct profile *profile; /* PROTECT, PREFER */
    const struct suite *suite;     /* PROTECT, PREFER */
    bool chained;                  /* the rule sets options on the socket (sign, random-port) */
    bool settled;                  /* the answer may be cached for this program */
    int error;                     /* DENY, REFUSE: the errno of connect() */
    enum btns_reason code;   /* REFUSE, WITHOUT: reason for the latch; NONE: no latch is made */
    char why[BTNS_TEXT_MAX]; /* REFUSE, WITHOUT: why, and by which rule */
    struct wished wished;    /* `profile` points here if the socket's own policy made it stricter */
    char rule_text[BTNS_TEXT_MAX]; /* `rule "x" (file:line)`, or why no rule was needed */
};

void plan_connect(const struct view *v, const struct connect_question *q, struct plan *p);
/* `rule "x" (file:line)` */
void plan_rule_text(const struct rule *rule, char *buf, size_t size);
/* The action of this rule (NULL: none) with these flags. bound: see view_binds(). */
enum plan_action plan_wish(const struct rule *rule, bool bound, uint32_t flags);
const struct profile *plan_profile(const struct rule *rule);
/* BTNS_F_REQUIRE, if the socket's own policy (NULL: none) asks for protection. */
uint32_t plan_wish_flags(const struct wish *w);

/* The identities that the profile accepts, for messages; returns buf. */
const char *plan_trust(const struct profile *profile, char buf[BTNS_TEXT_MAX]);

/*
 * How long a rule that prefers protection waits for the first answer of an unknown host: three
 * hundredths of the rule's timeout, but at least 0.3 s.
 */
unsigned plan_first_ms(unsigned timeout_ms);

#endif
