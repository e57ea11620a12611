/* Compiles authors of packages, from /etc/btns/authors.d: their keys, and their scopes. */
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/compile/fields.h"
#include "btnsd/rules/compile/value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct policy_author *open_author(const struct policy_builder *b)
{
    return &b->rules->author[b->rules->authors - 1];
}

int author_open(struct policy_builder *b, const struct policy_record *r)
{
    char quoted[POLICY_QUOTED];
    for (size_t i = 0; i < b->rules->authors; i++)
        if (!strcmp(b->rules->author[i].name, r->text))
            return policy_fault(b->fault, r->line, "author %s is described twice",
                                fault_quote(quoted, r->text));
    struct policy_author *a = &b->rules->author[b->rules->authors++];
    snprintf(a->name, sizeof a->name, "%s", r->text);
    b->open_author = r;
    return 0;
}

int author_close(struct policy_builder *b)
{
    char quoted[POLICY_QUOTED];
    const struct policy_record *where = b->open_author;
    if (!where)
        return 0;
    b->open_author = NULL;
    const struct policy_author *a = open_author(b);
    if (a->has_key && a->programs)
        return 0;
    b->fault->file = where->file;
    return policy_fault(
        b->fault, where->line, "author %s has no %s", fault_quote(quoted, where->text),
        a->has_key ? "programs: say for which it may speak" : "key: write key = \"ed25519:...\"");
}

int author_set_key(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    char quoted[POLICY_QUOTED];
    struct policy_author *a = open_author(b);
    (void)n;
    if (!btns_key_parse(&a->key, v->text))
        return policy_fault(b->fault, v->line, "key %s: write ed25519: and 44 octets of base64",
                            fault_quote(quoted, v->text));
    for (size_t i = 0; i + 1 < b->rules->authors; i++)
        if (btns_key_equal(&b->rules->author[i].key, &a->key))
            return policy_fault(b->fault, v->line, "key %s is author \"%s\"'s already",
                                fault_quote(quoted, v->text), b->rules->author[i].name);
    a->has_key = true;
    return 0;
}

int author_set_programs(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    struct policy_author *a = open_author(b);
    a->program = policy_arena_get(b->arena, n, sizeof *a->program);
    if (!a->program)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        int rc = value_check_glob(v[i].text, v[i].line, b->fault);
        if (rc)
            return rc;
        if (!(a->program[i] = policy_arena_text(b->arena, v[i].text)))
            return -ENOMEM;
    }
    a->programs = n;
    return 0;
}

int author_set_remote(struct policy_builder *b, const struct policy_record *v, size_t n)
{
    struct policy_author *a = open_author(b);
    struct prefix *all = policy_arena_get(b->arena, n, sizeof *all);
    if (!all)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        int rc = policy_prefix(v[i].text, &all[i], v[i].line, b->fault);
        if (rc)
            return rc;
    }
    a->remote = all;
    a->remotes = n;
    return 0;
}
