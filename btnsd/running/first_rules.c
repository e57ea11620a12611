/*
 * Loads the rules at start: from the files; or those that were last in force; or the mandatory ones
 * alone.
 */
#include "btnsd/running/first_rules.h"

#include "btnsd/base/account.h"
#include "btnsd/base/log.h"
#include "btnsd/running/good_policy.h"
#include "btnsd/running/install_rules.h"
#include "btnsd/running/names_retry.h"
#include "btnsd/running/reload.h"

#include <errno.h>
#include <string.h>

/* The policies that a start can choose from. */
struct choice {
    struct policy_set good;
    struct lookups names;
    int no_good; /* 0, or why there is no good policy */
    struct err why_no_good;
};

static struct rules *load_first_files(struct btnsd *d, const struct lookup_how *how,
                                      struct policy_set *texts, struct err *err)
{
    if (policy_set_read(&d->sources, texts, err))
        return NULL;
    return policy_set_compile(d->sources.policy, texts, how, err);
}

static struct rules *load_good_rules_first(struct choice *c, const struct lookup_how *how,
                                           struct policy_set *texts, struct err *err)
{
    if (c->no_good) {
        *err = c->why_no_good;
        return NULL;
    }
    *texts = c->good;
    c->good = (struct policy_set){0};
    struct rules *r = policy_set_compile("the policy that was last in force", texts, how, err);
    if (!r) {
        c->no_good = -EINVAL;
        c->why_no_good = *err;
    }
    return r;
}

/* Loads mandatory rules, even from files that have faults elsewhere. NULL: no memory. */
static struct rules *load_mandatory_first(struct btnsd *d, const struct lookup_how *how,
                                          struct policy_set *texts)
{
    policy_set_read_some(&d->sources, texts);
    return policy_set_compile_mandatory(texts, how);
}

static struct rules *load_first_rules(struct btnsd *d, struct choice *c, enum first_rules which,
                                      bool ask, struct policy_set *texts, struct err *err)
{
    const struct lookup_how how = {.ask = ask, .remembered = &c->names};
    *texts = (struct policy_set){0};
    if (which == FIRST_FILES)
        return load_first_files(d, &how, texts, err);
    return which == FIRST_GOOD ? load_good_rules_first(c, &how, texts, err)
                               : load_mandatory_first(d, &how, texts);
}

static void first_choice_begin(const struct btnsd *d, struct choice *c)
{
    *c = (struct choice){.no_good = 0};
    c->no_good = good_policy_read(d, &c->good, &c->names, &c->why_no_good);
    if (c->no_good == -ENOENT)
        err_set(&c->why_no_good, "none was in force before");
}

static void first_choice_end(struct choice *c)
{
    policy_set_free(&c->good);
    lookups_free(&c->names);
}

int first_rules_entries(struct btnsd *d, enum first_rules *which, struct err *err)
{
    struct choice c;
    int rc = mandatory_adopt(d->xfrm, &d->mandatory);
    if (rc) {
        err_set(err, "the SPD cannot be read: %s", strerror(-rc));
        return rc;
    }
    first_choice_begin(d, &c);
    for (*which = FIRST_FILES; *which <= FIRST_MANDATORY; ++*which) {
        struct policy_set texts;
        struct rules *rules = load_first_rules(d, &c, *which, false, &texts, err);
        rc = rules ? install_rules_entries(d, rules, err) : -EINVAL;
        rules_free(rules);
        policy_set_free(&texts);
        if (!rc)
            break;
        if (*which == FIRST_FILES)
            reload_refuse(d, err);
    }
    first_choice_end(&c);
    return rc;
}

static void log_first_rules(struct btnsd *d, const struct choice *c, enum first_rules which)
{
    if (which == FIRST_FILES)
        return;
    if (which == FIRST_GOOD)
        snprintf(d->in_force, sizeof d->in_force,
                 "the policy that was last in force, as the files are refused");
    else
        snprintf(d->in_force, sizeof d->in_force,
                 "only the mandatory rules that could be read: the files are refused, and there is "
                 "no policy that was last in force (%.200s)",
                 c->why_no_good.text);
    if (which == FIRST_MANDATORY)
        snprintf(d->no_rules, sizeof d->no_rules,
                 "btnsd has no policy, so it lets no program connect or listen (see btnsctl "
                 "status): mend it and run btnsctl reload");
    log_note("in force: %s", d->in_force);
}

int first_rules(struct btnsd *d, enum first_rules which, struct err *err)
{
    struct choice c;
    int rc = -EINVAL;
    accounts_read("/etc/subuid", "/etc/passwd");
    first_choice_begin(d, &c);
    for (; rc && which <= FIRST_MANDATORY; which++) {
        struct policy_set texts;
        struct rules *rules = load_first_rules(d, &c, which, true, &texts, err);
        rc = rules ? rules_install(d, rules, &texts, err) : -EINVAL;
        if (!rc)
            break;
        rules_free(rules);
        policy_set_free(&texts);
        if (which == FIRST_FILES)
            reload_refuse(d, err);
    }
    if (!rc) {
        log_first_rules(d, &c, which);
        names_retry_later(d);
    }
    if (!rc && which == FIRST_FILES) {
        d->refused[0] = '\0';
        good_policy_write(d);
    }
    first_choice_end(&c);
    return rc;
}
