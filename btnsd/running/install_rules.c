/* Puts a new generation of rules into force, completely or not at all. */
#include "btnsd/running/install_rules.h"
#include "btnsd/base/log.h"
#include "btnsd/latch/responder/serve_review.h"
#include "btnsd/running/ao_rules.h"
#include "btnsd/running/inner_host.h"
#include "btnsd/running/living_ao_keys.h"
#include "btnsd/running/own_certificate.h"
#include "btnsd/running/package_sequences.h"
#include "btnsd/running/review_latches.h"
#include "btnsd/server/epoch.h"

#include <errno.h>
#include <stdlib.h>

int install_rules_entries(struct btnsd *d, const struct rules *rules, struct err *err)
{
    struct mandatory now;
    int rc = mandatory_plan(rules, &now, err);
    if (!rc && rules->partial) /* an incomplete set of rules must not delete entries that stand */
        rc = mandatory_join(&now, &d->mandatory, err);
    if (!rc && !d->xfrm) { /* in a unit test */
        free(now.entry);
        return 0;
    }
    return rc ? rc : mandatory_put(d->xfrm, &d->mandatory, &now, err);
}

/* Does everything that can fail, in an order in which nothing has to be undone. */
static int prepare_rules(struct btnsd *d, const struct rules *rules, struct err *err)
{
    if (!users_bind(&d->users, rules)) {
        err_set(err, "out of memory");
        return -ENOMEM;
    }
    int rc = sequences_accept(d->sequences, rules, err);
    return rc ? rc : install_rules_entries(d, rules, err);
}

int rules_install(struct btnsd *d, struct rules *rules, struct policy_set *texts, struct err *err)
{
    char refused[600];
    int rc = prepare_rules(d, rules, err);
    if (rc) {
        if (d->rules)
            users_bind(&d->users, d->rules); /* finds the rules that users have blocked */
        return rc;
    }
    rules->generation = d->rules ? d->rules->generation + 1 : 1;
    audit_rules(&d->audit, d->rules, rules);
    rules_free(d->rules);
    d->rules = rules;
    if (texts != &d->texts) {
        policy_set_free(&d->texts);
        d->texts = *texts;
        d->in_force[0] = d->no_rules[0] = '\0';
    }
    epoch_move(d->epoch);
    if (d->ike)
        own_certificate_load(d);
    log_note("%zu rules in force (generation %llu)", rules->n,
             (unsigned long long)rules->generation);
    if (ao_rules_refused(rules, refused, sizeof refused))
        log_warning("%s", refused);
    event_emit(&d->events, &(struct event){.kind = BTNS_E_RULES, .count = rules->generation});
    latches_review(d);
    living_keys_review(d);
    inner_host_follow(d);
    serve_review(&d->guards, BTNS_R_RULE);
    return 0;
}
