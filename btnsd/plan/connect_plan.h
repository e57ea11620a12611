/* From a rule and a caller's wish to what is to be done with a connect(): decides, does nothing. */
#ifndef BTNS_PLAN_H
#define BTNS_PLAN_H

#include "btnsd/rules/ask/view.h"
#include "libapi/wire/wire.h"

/* BYPASS: in the clear even where a guard stands; for the privileged alone. */
enum plan_action { PLAN_CLEAR, PLAN_PROTECT, PLAN_PREFER, PLAN_DENY, PLAN_BYPASS };

struct plan {
    enum plan_action action;
    const struct rule *rule;       /* NULL: none matches */
    const struct profile *profile; /* PROTECT, PREFER */
    const struct suite *suite;     /* likewise */
    bool chained;                  /* something is to be set on each such socket */
    bool settled;                  /* the same program's next such question has this answer too */
    char rule_text[BTNS_TEXT_MAX]; /* `rule "x" (file:line)`, or why no rule was needed */
};

/* `self`: the packets never leave this host. flags: BTNS_F_REQUIRE, _PREFER, _BYPASS. */
void plan_connect(const struct view *v, const struct question *q, uint32_t flags, bool self,
                  struct plan *p);
/* `rule "x" (file:line)` */
void plan_rule_text(const struct rule *rule, char *buf, size_t size);
/* What a rule (NULL: none) comes to with these flags; bound: view_binds(). */
enum plan_action plan_wish(const struct rule *rule, bool bound, uint32_t flags);
const struct profile *plan_profile(const struct rule *rule);

/* Whom the profile trusts, for a person; returns buf. */
const char *plan_trust(const struct profile *profile, char buf[BTNS_TEXT_MAX]);

#endif
