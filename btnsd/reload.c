/* A new generation of the host's rules: whole, or not at all. */
#include "epoch.h"
#include "log.h"
#include "requests.h"
#include "sequences.h"

#include <errno.h>

int btnsd_reload(struct btnsd *d)
{
    struct err err = {""};
    struct rules *rules = rules_load_all(&d->sources, &err);
    if (rules && sequences_accept(d->sequences, rules, &err)) {
        rules_free(rules);
        rules = NULL;
    }
    /* The old ones' users keep what they had blocked until the new ones are in force. */
    if (rules && !users_bind(&d->users, rules)) {
        err_set(&err, "out of memory");
        if (d->rules)
            users_bind(&d->users, d->rules);
        rules_free(rules);
        rules = NULL;
    }
    if (!rules) {
        snprintf(d->refused, sizeof d->refused, "%s", err.text);
        log_note("policy refused%s: %s", d->rules ? ", the old rules stay in force" : "", err.text);
        event_emit(&d->events, &(struct event){.kind = BTNS_E_RULES_REFUSED, .text = err.text});
        return -EINVAL;
    }
    rules->generation = d->rules ? d->rules->generation + 1 : 1;
    rules_free(d->rules);
    d->rules = rules;
    d->refused[0] = '\0';
    epoch_move(d->epoch);
    log_note("%zu rules in force (generation %llu)", rules->n,
             (unsigned long long)rules->generation);
    event_emit(&d->events, &(struct event){.kind = BTNS_E_RULES, .count = rules->generation});
    withdraw_latches(d);
    return 0;
}

bool on_reload(struct btnsd *d, struct request *r)
{
    int rc = btnsd_reload(d);
    answer_end(r->client, r->hdr, -rc, rc ? d->refused : "");
    return true;
}
