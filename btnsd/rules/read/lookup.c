/* Names in policies: collecting them, having them looked up by a confined child, finding them. */
#include "btnsd/rules/read/lookup.h"

#include "btnsd/rules/read/child.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

bool lookup_is_name(enum lookup_kind kind, const char *text)
{
    if (kind == LOOKUP_NONE || text[0] == '@' || !text[0] || strlen(text) > LOOKUP_NAME_MAX)
        return false;
    if (kind != LOOKUP_HOST)
        return text[strspn(text, "0123456789")];
    return !text[strspn(text,
                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")] &&
           text[strspn(text, "0123456789.")];
}

static int compare(const void *a, const void *b)
{
    const struct lookup *x = a, *y = b;
    return x->kind != y->kind ? (x->kind > y->kind) - (x->kind < y->kind)
                              : strcmp(x->name, y->name);
}

/* The names among the records, each once. */
static int collect(const struct policy_text *text, const struct policy_record *record, size_t n,
                   struct lookups *l)
{
    size_t all = 0;
    l->item = calloc(n + 1, sizeof *l->item);
    if (!l->item)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        if (record[i].kind != RECORD_VALUE || text[record[i].file].source != SOURCE_ADMIN)
            continue;
        enum lookup_kind kind = policy_schema[record[i].section].field[record[i].field].names;
        if (lookup_is_name(kind, record[i].text))
            l->item[all++] = (struct lookup){.kind = kind, .name = record[i].text};
    }
    qsort(l->item, all, sizeof *l->item, compare);
    for (size_t i = 0; i < all; i++)
        if (!i || compare(&l->item[l->n - 1], &l->item[i]))
            l->item[l->n++] = l->item[i];
    return 0;
}

static int ask(struct lookups *l, struct err *err)
{
    struct policy_stream answer = {0};
    int rc = policy_lookup_child(lookup_in_child, l, &answer, err);
    if (!rc) {
        rc = lookup_take(l, &answer);
        if (rc)
            err_set(err, "%s",
                    rc == -ENOMEM ? "out of memory" : "the answer for names makes no sense");
    }
    policy_stream_free(&answer);
    return rc;
}

int lookup_all(const struct policy_text *text, const struct policy_record *record, size_t n,
               struct lookups *l, struct err *err)
{
    *l = (struct lookups){0};
    if (collect(text, record, n, l)) {
        err_set(err, "out of memory");
        return -ENOMEM;
    }
    if (l->n > LOOKUP_NAMES_MAX) {
        err_set(err, "more than %u names of users, groups and hosts", LOOKUP_NAMES_MAX);
        return -E2BIG;
    }
    return l->n ? ask(l, err) : 0;
}

const struct lookup *lookup_find(const struct lookups *l, enum lookup_kind kind, const char *name)
{
    const struct lookup key = {.kind = kind, .name = name};
    return l && l->n ? bsearch(&key, l->item, l->n, sizeof key, compare) : NULL;
}

const char *lookup_why(const struct lookup *l)
{
    static const char *const none[] = {
        [LOOKUP_USER] = "there is no user of that name",
        [LOOKUP_GROUP] = "there is no group of that name",
        [LOOKUP_HOST] = "the name has no address",
    };
    if (!l->error || (l->kind == LOOKUP_HOST && l->error == EAI_NONAME))
        return none[l->kind];
    return l->kind == LOOKUP_HOST ? gai_strerror(l->error) : strerror(l->error);
}

void lookups_free(struct lookups *l)
{
    free(l->item);
    free(l->address);
    *l = (struct lookups){0};
}
