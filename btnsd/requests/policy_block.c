/*
 * btnsctl policy block, unblock and list: users block rules of packages and defaults, and list
 * their policies.
 */
#include "btnsd/requests/answer.h"
#include "btnsd/requests/table.h"
#include "btnsd/running/user_changed.h"
#include "btnsd/server/epoch.h"
#include "libapi/wire/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int deny_policy_block(const struct rule *rule, struct err *err)
{
    err_set(err, "rule %s/%s (%s:%u) is mandatory: %s", rule->program, rule->name, rule->file,
            rule->line, rule->reason ? rule->reason : "");
    return -EPERM;
}

/* Is there a rule with this name by another author that may be blocked? */
static int check_policy_block(const struct rules *host, const char *name, struct err *err)
{
    const struct rule *mandatory = NULL;
    for (size_t i = 0; i < host->n; i++) {
        const struct rule *rule = &host->rule[i];
        size_t n = strlen(rule->program);
        if (strncmp(name, rule->program, n) || name[n] != '/' || strcmp(name + n + 1, rule->name))
            continue;
        if (rule->rank != RANK_MANDATORY)
            return 0;
        mandatory = rule;
    }
    if (mandatory)
        return deny_policy_block(mandatory, err);
    err_set(err, "unknown: no rule is called %s (write PROGRAM/RULE, as btnsctl explain does)",
            name);
    return -ENOENT;
}

static char *find_policy_block(struct user *u, const char *name)
{
    for (unsigned i = 0; i < u->blocks; i++)
        if (!strcmp(u->block[i], name))
            return u->block[i];
    return NULL;
}

static int add_policy_block(struct user *u, const struct rules *host, const char *name,
                            struct err *err)
{
    int rc = check_policy_block(host, name, err);
    if (rc || find_policy_block(u, name))
        return rc;
    if (u->blocks == USER_BLOCKS_MAX) {
        err_set(err, "a user can block %d rules (or all)", USER_BLOCKS_MAX);
        return -E2BIG;
    }
    snprintf(u->block[u->blocks++], USER_BLOCK_MAX, "%s", name);
    return 0;
}

static int take_policy_block(struct user *u, const char *name, struct err *err)
{
    char *block = find_policy_block(u, name);
    if (!block) {
        err_set(err, "unknown: this user has not blocked %s", name);
        return -ENOENT;
    }
    char *last = u->block[--u->blocks];
    if (block != last)
        memcpy(block, last, USER_BLOCK_MAX);
    return 0;
}

static int apply_policy_block(struct user *u, const struct rules *host,
                              const struct btns_policy_name *m, struct err *err)
{
    switch (m->what) {
    case BTNS_POLICY_BLOCK:
        return add_policy_block(u, host, m->name, err);
    case BTNS_POLICY_UNBLOCK:
        return take_policy_block(u, m->name, err);
    case BTNS_POLICY_BLOCK_ALL:
    case BTNS_POLICY_UNBLOCK_ALL:
        u->block_all = m->what == BTNS_POLICY_BLOCK_ALL;
        u->blocks = u->block_all ? u->blocks : 0;
        return 0;
    default:
        err_set(err, "no such change");
        return -EINVAL;
    }
}

/* Stores the change before it comes into force; if that fails, undoes the change. */
static int change_users_blocks(struct btnsd *d, struct user *u, const struct btns_policy_name *m,
                               struct err *err)
{
    static char before[USER_BLOCKS_MAX][USER_BLOCK_MAX];
    unsigned blocks = u->blocks;
    bool all = u->block_all;
    memcpy(before, u->block, sizeof before);
    int rc = apply_policy_block(u, d->rules, m, err);
    if (!rc)
        rc = user_write_blocks(&d->users, u, err);
    if (rc) {
        memcpy(u->block, before, sizeof before);
        u->blocks = blocks;
        u->block_all = all;
    }
    if (!user_bind(u, d->rules) && !rc) { /* on failure it blocks no rule, which is stricter */
        err_set(err, "btnsd is out of memory");
        rc = -ENOMEM;
    }
    return rc;
}

bool on_policy_block(struct btnsd *d, struct request *r)
{
    static const char *const words[] = {
        [BTNS_POLICY_BLOCK] = "blocked",
        [BTNS_POLICY_UNBLOCK] = "unblocked",
        [BTNS_POLICY_BLOCK_ALL] = "blocked all",
        [BTNS_POLICY_UNBLOCK_ALL] = "unblocked all",
    };
    struct btns_policy_name m;
    struct err err = {""};
    memcpy(&m, r->hdr, sizeof m);
    m.name[sizeof m.name - 1] = '\0';
    uid_t uid = m.uid == BTNS_UID_OWN ? r->from.uid : m.uid;
    answer_about_service(r->client, m.name);
    int rc = uid != r->from.uid && r->from.uid ? -EPERM : 0;
    if (rc)
        err_set(&err, "only root may change what another user has blocked");
    struct user *u = rc ? NULL : users_get(&d->users, uid);
    if (!rc && !u) {
        err_set(&err, "btnsd is out of memory");
        rc = -ENOMEM;
    }
    if (!rc && u->unread) {
        user_need(&d->users, u);
        rc = u->unread ? -EBUSY : 0;
        err_set(&err, "user %u's stored policies are being read: try again in a moment", uid);
    }
    if (!rc && !user_may_change(u, loop_now())) {
        err_set(&err, "too many changes of this user's: wait a little");
        rc = -EBUSY;
    }
    if (!rc)
        rc = change_users_blocks(d, u, &m, &err);
    if (!rc)
        user_changed_rules(d, r->from.uid, u, words[m.what], m.name);
    answer_end(r->client, r->hdr, -rc, err.text);
    return true;
}

/* ---- list ---- */

struct items {
    struct list list; /* first */
    struct btns_policy_item *item;
    size_t n, at, room;
    uint32_t id;
    bool failed;
    bool ended;
};

static size_t make_blocks_page(struct list *l, void *buf)
{
    struct items *all = (struct items *)l;
    if (all->at < all->n) {
        memcpy(buf, &all->item[all->at++], sizeof *all->item);
        return sizeof *all->item;
    }
    if (all->ended)
        return 0;
    all->ended = true;
    struct btns_end_msg end = answer_end_message(all->id, 0, "");
    memcpy(buf, &end, sizeof end);
    return sizeof end;
}

static void free_block_items(struct list *l)
{
    struct items *all = (struct items *)l;
    free(all->item);
    free(all);
}

static struct btns_policy_item *add_block_item(struct items *all, const struct user *u,
                                               enum btns_policy_kind kind, const char *name)
{
    static struct btns_policy_item nowhere;
    struct btns_policy_item *more = array_grow(all->item, &all->room, all->n + 1, sizeof *more);
    if (!more) {
        all->failed = true;
        return &nowhere;
    }
    all->item = more;
    struct btns_policy_item *i = &all->item[all->n++];
    *i = (struct btns_policy_item){
        .hdr = {BTNS_WIRE_VERSION, BTNS_REP_POLICY_ITEM, all->id}, .uid = u->uid, .kind = kind};
    snprintf(i->name, sizeof i->name, "%s", name);
    return i;
}

static unsigned count_policy_rules(const struct user *u, const char *policy)
{
    unsigned n = 0;
    for (size_t i = 0; u->own && i < u->own->n; i++)
        n += !strcmp(u->own->rule[i].file, policy);
    return n;
}

static bool has_service_words(const struct profile *p)
{
    return p->vendor || p->description;
}

/*
 * Lists the user's profiles that have a vendor or a description; copies for `prefer` are skipped.
 */
static void add_service_items(struct items *all, const struct user *u)
{
    const struct profile *p = u->own ? u->own->profile : NULL;
    for (size_t i = 0; u->own && i < u->own->profiles; i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again |= !strcmp(p[k].name, p[i].name);
        if (again || !has_service_words(&p[i]))
            continue;
        struct btns_policy_item *item = add_block_item(all, u, BTNS_POLICY_IS_SERVICE, p[i].name);
        snprintf(item->vendor, sizeof item->vendor, "%s", p[i].vendor ? p[i].vendor : "");
        snprintf(item->description, sizeof item->description, "%s",
                 p[i].description ? p[i].description : "");
    }
}

static void add_user_items(struct items *all, const struct user *u)
{
    for (unsigned i = 0; i < u->texts; i++) {
        struct btns_policy_item *item =
            add_block_item(all, u, BTNS_POLICY_IS_TEXT, u->text[i].file);
        item->rules = count_policy_rules(u, u->text[i].file);
        item->octets = (uint32_t)u->text[i].len;
        memcpy(item->hash, u->hash[i], sizeof item->hash);
    }
    add_service_items(all, u);
    if (u->block_all)
        add_block_item(all, u, BTNS_POLICY_IS_BLOCK_ALL, "*");
    for (unsigned i = 0; i < u->blocks; i++)
        add_block_item(all, u, BTNS_POLICY_IS_BLOCK, u->block[i]);
    if (*u->broken)
        add_block_item(all, u, BTNS_POLICY_IS_BROKEN, u->broken);
    if (u->unread)
        add_block_item(all, u, BTNS_POLICY_IS_BROKEN, "not read yet: ask again in a moment");
}

bool on_policy_list(struct btnsd *d, struct request *r)
{
    struct btns_policy_name m;
    memcpy(&m, r->hdr, sizeof m);
    bool everybody = m.what == BTNS_POLICY_EVERYBODY;
    uid_t uid = m.uid == BTNS_UID_OWN ? r->from.uid : m.uid;
    if (r->from.uid && (everybody || uid != r->from.uid)) {
        answer_end(r->client, r->hdr, EPERM, "only root may see other users' policies");
        return true;
    }
    struct items *all = calloc(1, sizeof *all);
    if (!all)
        return answer_list(r->client, r->hdr, NULL, r->from.uid);
    *all = (struct items){.list = {.make = make_blocks_page, .free = free_block_items},
                          .id = r->hdr->id};
    for (struct user *u = d->users.list; u; u = u->next)
        if (everybody || u->uid == uid) {
            user_need(&d->users, u);
            add_user_items(all, u);
        }
    if (all->failed) {
        free_block_items(&all->list);
        all = NULL;
    }
    return answer_list(r->client, r->hdr, all ? &all->list : NULL, r->from.uid);
}
