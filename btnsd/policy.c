/* Rules that users submit for their own processes, kept by handle. */
#include "epoch.h"
#include "log.h"
#include "requests.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

bool view_for(struct btnsd *d, uid_t uid, uint64_t handle, struct view *v)
{
    *v = (struct view){.host = d->rules, .others_blocked = handle != 0};
    if (!handle)
        return true;
    for (struct user_policy *p = d->user_policy; p < d->user_policy + USER_POLICIES; p++)
        if (p->handle == handle && p->uid == uid) {
            p->used = loop_now();
            v->own = p->rules;
            return true;
        }
    return false;
}

/* The SAs of others, and the names that go with them, are the administrator's business. */
static int check_sources(const struct rules *rules, uid_t uid, struct err *err)
{
    for (size_t i = 0; uid && i < rules->n; i++) {
        const struct profile *p = rules->rule[i].profile;
        if (!p || p->source.keys == KEYS_PRIVATE)
            continue;
        err_set(err, "policy:%u: rule \"%s\": keys = %s is for root's policies only",
                rules->rule[i].line, rules->rule[i].name, keys_name(p->source.keys));
        return -EPERM;
    }
    return 0;
}

int user_policy_add(struct btnsd *d, uid_t uid, const char *text, size_t len, uint64_t *handle,
                    struct err *err)
{
    struct user_policy *oldest = d->user_policy;
    struct rules *rules = rules_load_text("policy", text, len, err);
    if (!rules)
        return -EINVAL;
    if (check_sources(rules, uid, err)) {
        rules_free(rules);
        return -EPERM;
    }
    for (struct user_policy *p = d->user_policy; p < d->user_policy + USER_POLICIES; p++)
        if (p->used < oldest->used)
            oldest = p;
    /* Not to be guessed, though only the same user could use it. */
    if (getrandom(handle, sizeof *handle, 0) != sizeof *handle || !*handle) {
        rules_free(rules);
        err_set(err, "no random number");
        return -EAGAIN;
    }
    if (oldest->handle) {
        rules_free(oldest->rules); /* its programs are told to be run again, and fail closed */
        epoch_move(d->epoch);
    }
    *oldest = (struct user_policy){*handle, uid, loop_now(), rules};
    return 0;
}

bool on_policy(struct btnsd *d, struct request *r)
{
    struct err err = {""};
    struct btns_policy_msg m = {.hdr = {BTNS_WIRE_VERSION, BTNS_REP_POLICY, r->hdr->id}};
    size_t len = r->len - sizeof *r->hdr;
    if (len > BTNS_POLICY_MAX) {
        err_set(&err, "a policy may be at most %d octets long", BTNS_POLICY_MAX);
        m.error = E2BIG;
    } else {
        m.error = (uint32_t)-user_policy_add(d, r->from.uid, (const char *)(r->hdr + 1), len,
                                             &m.policy, &err);
    }
    snprintf(m.text, sizeof m.text, "%s", err.text);
    client_send(r->client, &m, sizeof m, -1);
    return true;
}
