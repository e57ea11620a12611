/* Rules that users submit for one run of a program (btns-run --policy), kept by handle. */
#include "btnsd/base/log.h"
#include "btnsd/requests/table.h"
#include "btnsd/server/epoch.h"
#include "btnsd/users/reading_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

const char *view_for(struct btnsd *d, uid_t uid, uint64_t handle, struct view *v)
{
    const struct user *u = users_find(&d->users, uid);
    *v = (struct view){.host = d->rules, .others_blocked = handle != 0};
    if (u && *u->broken)
        return "your stored policies cannot be used: see btnsctl policy list";
    if (!handle) {
        if (u)
            user_view(u, v);
        return NULL;
    }
    for (struct user_policy *p = d->user_policy; p < d->user_policy + USER_POLICIES; p++)
        if (p->handle == handle && p->uid == uid) {
            p->used = loop_now();
            v->own = p->rules;
            return NULL;
        }
    return "btnsd no longer has the policy that btns-run --policy gave it: run it again";
}

static unsigned count(const struct btnsd *d, uid_t uid)
{
    unsigned n = 0;
    for (const struct user_policy *p = d->user_policy; p < d->user_policy + USER_POLICIES; p++)
        n += p->handle && p->uid == uid;
    return n;
}

static bool gives_way(const struct user_policy *p, const struct user_policy *to)
{
    return !to || p->used < to->used;
}

/*
 * A free place; else the user's own oldest, when that are many; else one of whoever has most, so
 * that nobody loses any by what one other user does.
 */
static struct user_policy *place_for(struct btnsd *d, uid_t uid)
{
    struct user_policy *own = NULL, *free_one = NULL, *most = NULL;
    unsigned highest = 0;
    for (struct user_policy *p = d->user_policy; p < d->user_policy + USER_POLICIES; p++) {
        unsigned n = p->handle ? count(d, p->uid) : 0;
        if (!p->handle)
            free_one = p;
        else if (p->uid == uid && gives_way(p, own))
            own = p;
        if (n > highest || (n && n == highest && gives_way(p, most))) {
            highest = n;
            most = p;
        }
    }
    if (count(d, uid) >= USER_POLICIES_EACH)
        return own;
    return free_one ? free_one : own ? own : most;
}

/* Takes rules over. */
static int keep(struct btnsd *d, uid_t uid, struct rules *rules, uint64_t *handle, struct err *err)
{
    struct user_policy *oldest = place_for(d, uid);
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

/* One that is being read. */
struct submission {
    struct btnsd *d;
    struct client *client;
    struct btns_hdr hdr;
    uid_t uid;
    struct reading *reading;
};

static void answer(struct client *c, const struct btns_hdr *q, int rc, uint64_t handle,
                   const struct err *err)
{
    struct btns_policy_msg m = {
        .hdr = {BTNS_WIRE_VERSION, BTNS_REP_POLICY, q->id},
        .error = (uint32_t)-rc,
        .policy = rc ? 0 : handle,
    };
    m.about = about_request(c, q, -rc);
    snprintf(m.text, sizeof m.text, "%s", rc ? err->text : "");
    client_send(c, &m, sizeof m, -1);
}

static void on_client_gone(void *arg)
{
    struct submission *s = arg;
    reading_cancel(s->reading);
    free(s);
}

static void on_read(void *arg, struct rules *rules, const struct err *why)
{
    struct submission *s = arg;
    struct err err = *why;
    uint64_t handle = 0;
    if (rules && user_check_rules(rules, s->uid, &err)) {
        rules_free(rules);
        rules = NULL;
    }
    int rc = rules ? keep(s->d, s->uid, rules, &handle, &err) : -EINVAL;
    client_on_gone(s->client, NULL, NULL);
    answer(s->client, &s->hdr, rc, handle, &err);
    free(s);
}

static struct policy_text *text_of(const struct request *r, size_t len)
{
    struct policy_text *text = calloc(1, sizeof *text);
    if (!text)
        return NULL;
    *text = (struct policy_text){.file = "policy", .len = len, .source = SOURCE_USER};
    text->text = malloc(len + 1);
    if (!text->text) {
        free(text);
        return NULL;
    }
    memcpy(text->text, r->hdr + 1, len);
    text->text[len] = '\0';
    return text;
}

static int submit(struct btnsd *d, struct request *r, size_t len, struct err *err)
{
    struct submission *s = calloc(1, sizeof *s);
    struct policy_text *text = s ? text_of(r, len) : NULL;
    if (!text) {
        free(s);
        err_set(err, "btnsd is out of memory");
        return -ENOMEM;
    }
    *s = (struct submission){.d = d, .client = r->client, .hdr = *r->hdr, .uid = r->from.uid};
    s->reading = reading_start(&d->readings, s->uid, "policy", text, 1, on_read, s, err);
    if (!s->reading) {
        free(s);
        return -EBUSY;
    }
    client_on_gone(r->client, on_client_gone, s);
    return 0;
}

bool on_policy(struct btnsd *d, struct request *r)
{
    struct err err = {""};
    size_t len = r->len - sizeof *r->hdr;
    int rc = -E2BIG;
    if (client_is_waiting(r->client))
        return false; /* one at a time on a connection */
    if (len > BTNS_POLICY_MAX)
        err_set(&err, "a policy may be at most %d octets long", BTNS_POLICY_MAX);
    else
        rc = submit(d, r, len, &err);
    if (rc)
        answer(r->client, r->hdr, rc, 0, &err);
    return true;
}

void rules_user_changed(struct btnsd *d, uid_t by, const struct user *u, const char *what,
                        const char *name)
{
    const uint8_t *hash = NULL;
    for (unsigned i = 0; i < u->texts; i++)
        if (!strcmp(u->text[i].file, name))
            hash = u->hash[i];
    epoch_move(d->epoch);
    log_note("user %u %s: %s", u->uid, what, name);
    audit_user(&d->audit, by, u->uid, what, name, hash);
    stale_user(d, u->uid);
}
