/* Puts a new generation of the host's rules into force, as a whole or not at all. */
#include "btnsd/running/reload.h"
#include "btnsd/base/account.h"
#include "btnsd/base/log.h"
#include "btnsd/latch/responder/review.h"
#include "btnsd/running/own_certificate.h"
#include "btnsd/running/package_sequences.h"
#include "btnsd/running/review.h"
#include "btnsd/server/epoch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Does everything that can fail, in an order in which nothing has to be undone. */
static int prepare_rules(struct btnsd *d, const struct rules *rules, struct err *err)
{
    struct mandatory now;
    int rc = mandatory_plan(rules, &now, err);
    if (rc)
        return rc;
    if (!users_bind(&d->users, rules)) {
        err_set(err, "out of memory");
        rc = -ENOMEM;
    }
    if (!rc)
        rc = sequences_accept(d->sequences, rules, err);
    if (!rc && d->xfrm)
        return mandatory_put(d->xfrm, &d->mandatory, &now, err);
    free(now.entry);
    return rc;
}

static int refuse(struct btnsd *d, const struct err *err)
{
    snprintf(d->refused, sizeof d->refused, "%s", err->text);
    log_note("policy refused%s: %s", d->rules ? ", the old rules stay in force" : "", err->text);
    audit_refused(&d->audit, err->text);
    event_emit(&d->events, &(struct event){.kind = BTNS_E_RULES_REFUSED, .text = err->text});
    return -EINVAL;
}

int btnsd_reload(struct btnsd *d)
{
    struct err err = {""};
    accounts_read("/etc/subuid", "/etc/passwd");
    struct rules *rules = rules_load_all(&d->sources, &err);
    if (!rules || prepare_rules(d, rules, &err)) {
        if (d->rules)
            users_bind(&d->users, d->rules); /* restore the blocks that users_bind() changed */
        rules_free(rules);
        return refuse(d, &err);
    }
    rules->generation = d->rules ? d->rules->generation + 1 : 1;
    audit_rules(&d->audit, d->rules, rules);
    rules_free(d->rules);
    d->rules = rules;
    d->refused[0] = '\0';
    epoch_move(d->epoch);
    if (d->ike)
        btnsd_load_certificate(d);
    log_note("%zu rules in force (generation %llu)", rules->n,
             (unsigned long long)rules->generation);
    event_emit(&d->events, &(struct event){.kind = BTNS_E_RULES, .count = rules->generation});
    latches_review(d);
    serve_review(&d->guards, BTNS_R_RULE);
    return 0;
}

int rules_into_kernel(struct btnsd *d, struct err *err)
{
    struct mandatory now;
    int rc = mandatory_adopt(d->xfrm, &d->mandatory);
    if (rc)
        err_set(err, "the SPD cannot be read: %s", strerror(-rc));
    if (!rc)
        rc = mandatory_plan(d->rules, &now, err);
    return rc ? rc : mandatory_put(d->xfrm, &d->mandatory, &now, err);
}
