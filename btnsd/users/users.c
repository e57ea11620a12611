/* The users' stored policies and blocks of the host's rules, in memory. */
#include "btnsd/users/users.h"

#include "btnsd/base/count_by_user.h"

#include "btnsd/rules/files/source.h"
#include "btnsd/rules/index/index.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct user *users_find(const struct users *us, uid_t uid)
{
    struct user *u = us->bucket[uid % USER_BUCKETS];
    while (u && u->uid != uid)
        u = u->in_bucket;
    return u;
}

static void free_user(struct user *u)
{
    if (!u)
        return;
    if (u->text)
        source_texts_clear(u->text, u->texts);
    free(u->text);
    free(u->hash);
    free(u->block);
    free(u->blocked);
    rules_free(u->own);
    free(u);
}

struct user *users_get(struct users *us, uid_t uid)
{
    struct user *u = users_find(us, uid);
    if (u)
        return u;
    u = calloc(1, sizeof *u);
    if (!u)
        return NULL;
    u->uid = uid;
    u->unread = us->unlisted[0] != '\0'; /* the user may have files */
    u->text = calloc(USER_POLICIES_MAX, sizeof *u->text);
    u->hash = calloc(USER_POLICIES_MAX, sizeof *u->hash);
    u->block = calloc(USER_BLOCKS_MAX, sizeof *u->block);
    if (!u->text || !u->hash || !u->block) {
        free_user(u);
        return NULL;
    }
    u->next = us->list;
    us->list = u;
    u->in_bucket = us->bucket[uid % USER_BUCKETS];
    us->bucket[uid % USER_BUCKETS] = u;
    return u;
}

void users_free(struct users *us)
{
    while (us->list) {
        struct user *u = us->list;
        us->list = u->next;
        free_user(u);
    }
    memset(us->bucket, 0, sizeof us->bucket);
    count_by_user_free(us->stored);
    us->stored = NULL;
}

static bool user_block_names_rule(const char *block, const struct rule *rule)
{
    size_t n = strlen(rule->program);
    return !strncmp(block, rule->program, n) && block[n] == '/' &&
           !strcmp(block + n + 1, rule->name);
}

static bool is_rule_blocked_by_user(const struct user *u, const struct rule *rule)
{
    bool found = false;
    for (unsigned i = 0; i < u->blocks; i++)
        found |= user_block_names_rule(u->block[i], rule);
    return found && rule->rank != RANK_MANDATORY;
}

bool user_bind(struct user *u, const struct rules *host)
{
    free(u->blocked);
    u->blocked = NULL;
    if (!u->blocks)
        return true;
    u->blocked = calloc(host->n / 64 + 1, sizeof *u->blocked);
    for (size_t i = 0; u->blocked && i < host->n; i++)
        if (is_rule_blocked_by_user(u, &host->rule[i]))
            u->blocked[i / 64] |= (uint64_t)1 << i % 64;
    return u->blocked != NULL;
}

bool users_bind(struct users *us, const struct rules *host)
{
    bool all = true;
    for (struct user *u = us->list; u; u = u->next)
        all &= user_bind(u, host);
    return all;
}

bool user_may_change(struct user *u, uint64_t now)
{
    enum { EACH_MS = 250, AT_ONCE = 80 };
    uint64_t due = u->changes_due > now ? u->changes_due : now;
    if (u->uid && due > now + AT_ONCE * EACH_MS)
        return false;
    u->changes_due = due + EACH_MS;
    return true;
}

void user_view(const struct user *u, struct view *v)
{
    v->own = u->own;
    v->blocked = u->blocked;
    v->others_blocked = u->block_all;
}

static int copy_user_text(struct policy_text *to, const char *name, const char *text, size_t len)
{
    memset(to, 0, sizeof *to);
    snprintf(to->file, sizeof to->file, "%s", name);
    to->source = SOURCE_USER;
    to->text = malloc(len + 1);
    if (!to->text)
        return -ENOMEM;
    memcpy(to->text, text, len);
    to->text[len] = '\0';
    to->len = len;
    return 0;
}

static int compare_user_policy_names(const void *a, const void *b)
{
    return strcmp(((const struct policy_text *)a)->file, ((const struct policy_text *)b)->file);
}

static int check_user_bounds(const struct policy_text *all, unsigned n, struct err *err)
{
    size_t total = 0;
    for (unsigned i = 0; i < n; i++)
        total += all[i].len;
    if (n > USER_POLICIES_MAX)
        err_set(err, "a user can have %d policies", USER_POLICIES_MAX);
    else if (total > USER_OCTETS_MAX)
        err_set(err, "a user's policies can have %d octets together", USER_OCTETS_MAX);
    else
        return 0;
    return -E2BIG;
}

int user_texts_with(const struct user *u, const char *name, const char *text, size_t len,
                    struct policy_text **out, unsigned *n, struct err *err)
{
    struct policy_text *all = calloc(USER_POLICIES_MAX + 1, sizeof *all);
    bool found = false;
    int rc = all ? 0 : -ENOMEM;
    *n = 0;
    for (unsigned i = 0; !rc && i < u->texts; i++) {
        if (!strcmp(u->text[i].file, name))
            found = true;
        else
            rc = copy_user_text(&all[(*n)++], u->text[i].file, u->text[i].text, u->text[i].len);
    }
    if (!rc && text)
        rc = copy_user_text(&all[(*n)++], name, text, len);
    if (rc) {
        err_set(err, "btnsd is out of memory");
    } else if (!text && !found) {
        err_set(err, "unknown: this user has no policy %s", name);
        rc = -ENOENT;
    } else {
        rc = check_user_bounds(all, *n, err);
    }
    if (!rc) {
        qsort(all, *n, sizeof *all, compare_user_policy_names);
        *out = all;
        return 0;
    }
    if (all)
        source_texts_clear(all, *n);
    free(all);
    return rc;
}

static int check_user_patterns(const struct rules *own, struct err *err)
{
    size_t parts = index_parts(own->index);
    if (parts <= USER_PARTS_MAX)
        return 0;
    err_set(err,
            "the patterns of these programs have some %zu parts, and a user's policies may have "
            "%d: a decision would take too long. Use fewer or shorter patterns",
            parts, USER_PARTS_MAX);
    return -E2BIG;
}

int user_check_rules(const struct rules *own, uid_t uid, struct err *err)
{
    if (uid && check_user_patterns(own, err))
        return -E2BIG;
    for (size_t i = 0; uid && i < own->n; i++) {
        const struct profile *p = own->rule[i].profile;
        if (!p || p->source.keys == KEYS_PRIVATE)
            continue;
        err_set(err, "%s:%u: rule \"%s\": keys = %s is for root's policies only", own->rule[i].file,
                own->rule[i].line, own->rule[i].name, keys_name(p->source.keys));
        return -EPERM;
    }
    return 0;
}

/* Policies that are stored already stay, even if they exceed the present limit. */
static void count_user_policies(struct users *us, struct user *u, unsigned n)
{
    if (!us->stored)
        us->stored = count_by_user_new(LIMIT_POLICIES);
    while (u->counted < n && count_by_user_add(us->stored, u->uid, NULL))
        u->counted++;
    for (; u->counted > n; u->counted--)
        count_by_user_sub(us->stored, u->uid);
}

bool user_has_text(const struct user *u, const char *name)
{
    bool found = false;
    for (unsigned i = 0; i < u->texts; i++)
        found |= !strcmp(u->text[i].file, name);
    return found;
}

bool user_may_store(struct users *us, const struct user *u, struct err *err)
{
    return !us->stored || count_by_user_room(us->stored, u->uid, err);
}

int user_texts_copy(const struct policy_text *text, unsigned n, struct policy_text **copy)
{
    *copy = calloc(n + 1, sizeof **copy);
    for (unsigned i = 0; *copy && i < n; i++) {
        (*copy)[i] = text[i];
        (*copy)[i].text = malloc(text[i].len + 1);
        if (!(*copy)[i].text) {
            source_texts_free(*copy, i);
            *copy = NULL;
            break;
        }
        memcpy((*copy)[i].text, text[i].text, text[i].len + 1);
    }
    return *copy ? 0 : -ENOMEM;
}

void user_set_texts(struct users *us, struct user *u, const struct policy_text *text, unsigned n,
                    struct rules *own)
{
    count_user_policies(us, u, n);
    source_texts_clear(u->text, u->texts);
    u->texts = n;
    for (unsigned i = 0; i < n; i++) {
        u->text[i] = text[i];
        memcpy(u->hash[i], own->origin[i].hash, sizeof u->hash[i]);
    }
    rules_free(u->own);
    u->own = n ? own : NULL;
    if (!n)
        rules_free(own);
}
