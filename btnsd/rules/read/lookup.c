/* Names in policies: collects them, has a confined child look them up, and finds the answers. */
#include "btnsd/rules/read/lookup.h"

#include "btnsd/rules/read/reader.h"

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

static int compare_looked_up(const void *a, const void *b)
{
    const struct lookup *x = a, *y = b;
    return x->kind != y->kind ? (x->kind > y->kind) - (x->kind < y->kind)
                              : strcmp(x->name, y->name);
}

/* Copies the names, because the records are freed first. */
static int copy_asked_names(struct lookups *l)
{
    size_t size = 1, at = 0;
    for (size_t i = 0; i < l->n; i++)
        size += strlen(l->item[i].name) + 1;
    l->text = malloc(size);
    if (!l->text)
        return -ENOMEM;
    for (size_t i = 0; i < l->n; i++) {
        size_t len = strlen(l->item[i].name) + 1;
        memcpy(l->text + at, l->item[i].name, len);
        l->item[i].name = l->text + at;
        at += len;
    }
    return 0;
}

/* Collects the names among the records, each once. */
static int collect_names(const struct policy_text *text, const struct policy_record *record,
                         size_t n, struct lookups *l)
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
    qsort(l->item, all, sizeof *l->item, compare_looked_up);
    for (size_t i = 0; i < all; i++)
        if (!i || compare_looked_up(&l->item[l->n - 1], &l->item[i]))
            l->item[l->n++] = l->item[i];
    return copy_asked_names(l);
}

/* Asks a child to look up the names. If the child fails, none of its names has an answer. */
static int ask_lookup_child(struct lookups *l)
{
    struct policy_stream answer = {0};
    struct err ignored;
    int rc = reader_look_up(l, &answer, &ignored);
    if (!rc)
        rc = lookup_take(l, &answer);
    for (size_t i = 0; rc && i < l->n; i++) {
        l->item[i].found = 0;
        l->item[i].error = l->item[i].kind == LOOKUP_HOST ? EAI_AGAIN : -rc;
    }
    record_stream_free(&answer);
    return rc == -ENOMEM ? rc : 0;
}

/*
 * Looks up hosts in a child of their own, so that users and groups are found even if no name server
 * answers.
 */
static int look_up_kinds(struct lookups *l)
{
    size_t accounts = 0;
    while (accounts < l->n && l->item[accounts].kind != LOOKUP_HOST)
        accounts++;
    struct lookups first = {.item = l->item, .n = accounts},
                   hosts = {.item = l->item + accounts, .n = l->n - accounts};
    int rc = first.n ? ask_lookup_child(&first) : 0;
    free(first.address); /* the first name has no address */
    if (!rc && hosts.n)
        rc = ask_lookup_child(&hosts);
    l->address = hosts.address;
    return rc;
}

static void look_nothing_up(struct lookups *l)
{
    for (size_t i = 0; i < l->n; i++)
        l->item[i].error = l->item[i].kind == LOOKUP_HOST ? EAI_AGAIN : EAGAIN;
}

/* Uses earlier answers. The addresses belong to `known`, which must live as long as l. */
static void remember_looked_up(struct lookups *l, const struct lookups *known, bool as_is)
{
    for (size_t i = 0; i < l->n; i++) {
        struct lookup *item = &l->item[i];
        const struct lookup *old = lookup_find(known, item->kind, item->name);
        if (item->found || !old || !old->found || !lookup_may_come(item))
            continue;
        item->found = old->found;
        item->number = old->number;
        item->address = old->address;
        item->remembered = !as_is || old->remembered;
        item->error = as_is ? old->error : item->error;
    }
}

/* Copies all addresses into one array. */
static int copy_found_addresses(struct lookups *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++)
        n += l->item[i].kind == LOOKUP_HOST ? l->item[i].found : 0;
    struct btns_addr *all = calloc(n + 1, sizeof *all), *to = all;
    for (size_t i = 0; all && i < l->n; i++) {
        struct lookup *item = &l->item[i];
        if (item->kind != LOOKUP_HOST || !item->found)
            continue;
        memcpy(to, item->address, item->found * sizeof *to);
        item->address = to;
        to += item->found;
    }
    if (!all)
        return -ENOMEM;
    free(l->address);
    l->address = all;
    return 0;
}

int lookup_all(const struct policy_text *text, const struct policy_record *record, size_t n,
               const struct lookup_how *how, struct lookups *l, struct err *err)
{
    *l = (struct lookups){0};
    int rc = collect_names(text, record, n, l);
    if (!rc && l->n > LOOKUP_NAMES_MAX) {
        err_set(err, "more than %u names of users, groups and hosts", LOOKUP_NAMES_MAX);
        return -E2BIG;
    }
    if (!rc && l->n && how->ask)
        rc = look_up_kinds(l);
    else if (!rc)
        look_nothing_up(l);
    if (!rc) {
        remember_looked_up(l, how->remembered, how->as_is);
        rc = copy_found_addresses(l);
    }
    if (rc)
        err_set(err, "out of memory");
    return rc;
}

bool lookup_may_come(const struct lookup *l)
{
    return l->kind == LOOKUP_HOST || l->error;
}

bool lookup_is_open(const struct lookup *l)
{
    return (!l->found || l->remembered) && lookup_may_come(l);
}

const struct lookup *lookup_find(const struct lookups *l, enum lookup_kind kind, const char *name)
{
    const struct lookup key = {.kind = kind, .name = name};
    return l && l->n ? bsearch(&key, l->item, l->n, sizeof key, compare_looked_up) : NULL;
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
    free(l->text);
    *l = (struct lookups){0};
}
