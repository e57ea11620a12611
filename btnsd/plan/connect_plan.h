/* From a rule and a caller's wish to what is to be done with a connect(): decides, does nothing. */
#ifndef BTNS_PLAN_H
#define BTNS_PLAN_H

#include "btnsd/plan/question.h"
#include "btnsd/rules/ask/view.h"
#include "libapi/wire/wire.h"

/* BYPASS: in the clear even where a guard stands; for the privileged alone. */
enum plan_action {
    PLAN_CLEAR,
    PLAN_PROTECT,
    PLAN_PREFER,
    PLAN_DENY,
    PLAN_BYPASS,
    PLAN_REFUSE,  /* connect alone: protection is asked for and cannot be had, or --bypass is not
                     for this user */
    PLAN_WITHOUT, /* connect alone: it cannot be had, and the rule only prefers it */
};

struct plan {
    enum plan_action action;
    const struct rule *rule;       /* NULL: none matches */
    const struct profile *profile; /* PROTECT, PREFER */
    const struct suite *suite;     /* likewise */
    bool chained;                  /* something is to be set on each such socket */
    bool settled;                  /* the same program's next such question has this answer too */
    int error;                     /* DENY, REFUSE: the errno of connect() */
    enum btns_reason code;         /* REFUSE, WITHOUT: for the latch; BTNS_R_NONE: none is noted */
    char why[BTNS_TEXT_MAX];       /* REFUSE, WITHOUT: why, and by which rule */
    char rule_text[BTNS_TEXT_MAX]; /* `rule "x" (file:line)`, or why no rule was needed */
};

/* Pure: reads nothing but v and q. */
void plan_connect(const struct view *v, const struct connect_question *q, struct plan *p);
/* `rule "x" (file:line)` */
void plan_rule_text(const struct rule *rule, char *buf, size_t size);
/* What a rule (NULL: none) comes to with these flags; bound: view_binds(). */
enum plan_action plan_wish(const struct rule *rule, bool bound, uint32_t flags);
const struct profile *plan_profile(const struct rule *rule);

/* Whom the profile trusts, for a person; returns buf. */
const char *plan_trust(const struct profile *profile, char buf[BTNS_TEXT_MAX]);

#endif
