/* Puts a new generation of the host's rules, and of its files about peers, into force. */
#include "btnsd/running/reload.h"
#include "btnsd/base/account.h"
#include "btnsd/base/log.h"
#include "btnsd/running/good_policy.h"
#include "btnsd/running/install_rules.h"
#include "btnsd/running/names_retry.h"
#include "btnsd/running/peers_files.h"

#include <errno.h>
#include <string.h>

void reload_refuse(struct btnsd *d, const struct err *err)
{
    if (!d->rules && !strcmp(d->refused, err->text))
        return; /* at start, the policy is read twice */
    snprintf(d->refused, sizeof d->refused, "%s", err->text);
    log_error("policy refused%s: %s", d->rules ? ", the old rules stay in force" : "", err->text);
    audit_refused(&d->audit, err->text);
    event_emit(&d->events, &(struct event){.kind = BTNS_E_RULES_REFUSED, .text = err->text});
}

int btnsd_reload(struct btnsd *d)
{
    struct err err = {""};
    accounts_read("/etc/subuid", "/etc/passwd");
    struct policy_set texts;
    const struct lookup_how how = {.ask = true, .remembered = d->rules ? d->rules->names : NULL};
    struct rules *rules = NULL;
    struct peers_files files;
    int rc = peers_files_read(d, &files, &err);
    if (rc) {
        reload_refuse(d, &err);
        return -EINVAL;
    }
    rc = policy_set_read(&d->sources, &texts, &err);
    if (!rc && !(rules = policy_set_compile(d->sources.policy, &texts, &how, &err)))
        rc = -EINVAL;
    peers_files_swap(d, &files);
    if (!rc)
        rc = rules_install(d, rules, &texts, &err);
    if (rc)
        peers_files_swap(d, &files);
    peers_files_free(&files);
    if (rc) {
        rules_free(rules);
        policy_set_free(&texts);
        reload_refuse(d, &err);
        return -EINVAL;
    }
    d->refused[0] = '\0';
    peers_files_apply(d);
    good_policy_write(d);
    names_retry_later(d);
    return 0;
}
