/* btnsctl policy add and remove: compiles the policy in a child, stores it, puts it into force. */
#include "btnsd/base/log.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/table.h"
#include "btnsd/rules/compile/value.h"
#include "btnsd/rules/files/source.h"
#include "btnsd/running/user_changed.h"
#include "btnsd/server/epoch.h"
#include "btnsd/users/reading_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A change whose text is being compiled. It goes on even if its client disconnects. */
struct change {
    struct btnsd *d;
    struct client *client; /* NULL: disconnected */
    struct btns_hdr hdr;
    uid_t uid, by;
    char name[USER_NAME_MAX];
    char *text; /* NULL: the policy is removed */
    size_t len;
    struct policy_text *all; /* all texts of the user after the change */
    unsigned n;
};

static void on_storing_client_gone(void *arg)
{
    ((struct change *)arg)->client = NULL;
}

static void free_store_change(struct change *c)
{
    if (c->all)
        source_texts_clear(c->all, c->n);
    free(c->all);
    free(c->text);
    free(c);
}

static void answer_store_change(struct change *c, int rc, const struct err *err)
{
    if (!c->client)
        return;
    client_on_gone(c->client, NULL, NULL);
    answer_end(c->client, &c->hdr, -rc, err->text);
}

/* Stores the change before it comes into force, so that a restart cannot undo it. */
static int commit_store_change(struct change *c, struct user *u, struct rules *own, struct err *err)
{
    struct users *us = &c->d->users;
    int rc = c->text ? user_write_text(us, u, c->name, c->text, c->len, err)
                     : user_remove_text(us, u, c->name, err);
    if (rc)
        return rc;
    user_set_texts(us, u, c->all, c->n, own);
    c->n = 0; /* taken over */
    u->broken[0] = '\0';
    user_changed_rules(c->d, c->by, u, c->text ? "added" : "removed", c->name);
    return 0;
}

static void on_stored_policy_read(void *arg, struct rules *own, const struct err *why)
{
    struct change *c = arg;
    struct err err = *why;
    struct user *u = users_find(&c->d->users, c->uid);
    u->changing = false;
    int rc = own ? user_check_rules(own, c->uid, &err) : -EINVAL;
    if (!rc)
        rc = commit_store_change(c, u, own, &err);
    if (rc && own)
        rules_free(own);
    answer_store_change(c, rc, &err);
    free_store_change(c);
}

static int begin_store_change(struct change *c, struct user *u, struct err *err)
{
    struct policy_text *copy;
    bool more = c->text && !user_has_text(u, c->name);
    if (more && !user_may_store(&c->d->users, u, err))
        return -E2BIG;
    int rc = user_texts_with(u, c->name, c->text, c->len, &c->all, &c->n, err);
    if (rc)
        return rc;
    if (user_texts_copy(c->all, c->n, &copy)) {
        err_set(err, "btnsd is out of memory");
        return -ENOMEM;
    }
    if (!reading_start(&c->d->readings, c->uid, "policy", copy, c->n, on_stored_policy_read, c,
                       err))
        return -EBUSY;
    u->changing = true;
    client_on_gone(c->client, on_storing_client_gone, c);
    return 0;
}

static int check_stored_policy_name(const char *name, struct err *err)
{
    struct policy_fault f = {.reason = ""};
    int rc = value_check_name(name, 0, &f);
    if (!rc && name[0] == '.') {
        err_set(err, "a policy's name does not begin with a dot");
        return -EINVAL;
    }
    if (rc)
        err_set(err, "%s", f.reason);
    return rc;
}

/* The stored policies cannot be used: allows only removing one, which may help. */
static int mend_stored_policies(struct btnsd *d, uid_t by, struct user *u, const char *name,
                                bool remove, struct err *err)
{
    if (!remove) {
        err_set(err, "remove what cannot be used first: %.200s", u->broken);
        return -EINVAL;
    }
    int rc = user_remove_text(&d->users, u, name, err);
    if (rc)
        return rc;
    user_read_again(&d->users, u);
    if (!user_bind(u, d->rules))
        snprintf(u->broken, sizeof u->broken, "btnsd is out of memory");
    user_changed_rules(d, by, u, "removed", name);
    return 0;
}

/* text NULL: removes the policy. Answers now, or when the text is compiled. */
static void change_stored_policy(struct btnsd *d, struct request *r, uid_t uid,
                                 const char name[USER_NAME_MAX], const char *text, size_t len)
{
    struct err err = {""};
    struct user *u = users_get(&d->users, uid);
    struct change *c = calloc(1, sizeof *c);
    int rc = u && c ? check_stored_policy_name(name, &err) : -ENOMEM;
    if (!rc && u->unread) {
        user_need(&d->users, u);
        rc = u->unread ? -EBUSY : 0;
        err_set(&err, "user %u's stored policies are being read: try again in a moment", uid);
    }
    if (!rc && (u->changing || !user_may_change(u, loop_now()))) {
        err_set(&err, u->changing ? "another change of this user's policies is under way"
                                  : "too many changes of this user's: wait a little");
        rc = -EBUSY;
    }
    if (!rc && *u->broken) {
        rc = mend_stored_policies(d, r->from.uid, u, name, !text, &err);
    } else if (!rc) {
        *c = (struct change){
            .d = d, .client = r->client, .hdr = *r->hdr, .uid = uid, .by = r->from.uid, .len = len};
        snprintf(c->name, sizeof c->name, "%s", name);
        c->text = text ? malloc(len + 1) : NULL;
        if (c->text)
            memcpy(c->text, text, len);
        rc = text && !c->text ? -ENOMEM : begin_store_change(c, u, &err);
        if (!rc)
            return;
    }
    if (c)
        free_store_change(c);
    answer_end(r->client, r->hdr, -rc, rc && !*err.text ? "btnsd is out of memory" : err.text);
}

bool on_policy_add(struct btnsd *d, struct request *r)
{
    struct btns_policy_add m;
    size_t len = r->len - sizeof m;
    memcpy(&m, r->hdr, sizeof m);
    m.name[sizeof m.name - 1] = '\0';
    if (client_is_waiting(r->client))
        return false;
    answer_about_service(r->client, m.name);
    if (len > BTNS_POLICY_MAX)
        answer_end(r->client, r->hdr, E2BIG, "a policy may be at most 65536 octets long");
    else
        change_stored_policy(d, r, r->from.uid, m.name, (const char *)r->hdr + sizeof m, len);
    return true;
}

bool on_policy_remove(struct btnsd *d, struct request *r)
{
    struct btns_policy_name m;
    memcpy(&m, r->hdr, sizeof m);
    m.name[USER_NAME_MAX - 1] = '\0';
    uid_t uid = m.uid == BTNS_UID_OWN ? r->from.uid : m.uid;
    if (client_is_waiting(r->client))
        return false;
    answer_about_service(r->client, m.name);
    if (uid != r->from.uid && r->from.uid)
        answer_end(r->client, r->hdr, EPERM, "only root may change another user's policies");
    else if (!users_find(&d->users, uid))
        answer_end(r->client, r->hdr, ENOENT, "unknown: this user has no policies");
    else
        change_stored_policy(d, r, uid, m.name, NULL, 0);
    return true;
}
