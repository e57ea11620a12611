/* Reads the administrator's list of revoked keys, and looks keys up in it. */
#include "btnsd/ike/peers/revoked.h"

#include "btnsd/ike/peers/text_lines.h"
#include "libapi/wire/array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct line {
    struct btns_key key;
    size_t number;
};

struct revoked {
    char file[256];
    struct line *line; /* sorted by key */
    size_t n, room;
};

static int compare_revoked(const void *a, const void *b)
{
    const struct btns_key *one = &((const struct line *)a)->key,
                          *two = &((const struct line *)b)->key;
    return one->hashed != two->hashed ? one->hashed - two->hashed
                                      : memcmp(one->raw, two->raw, sizeof one->raw);
}

static bool add_revoked(struct revoked *r, const struct btns_key *key, size_t number,
                        struct err *why)
{
    struct line *more;
    if (r->n == REVOKED_MAX)
        err_set(why, "more than %d keys", REVOKED_MAX);
    else if (!(more = array_grow(r->line, &r->room, r->n + 1, sizeof *more)))
        err_set(why, "out of memory");
    else {
        r->line = more;
        r->line[r->n++] = (struct line){*key, number};
        return true;
    }
    return false;
}

static bool take_revoked_line(void *arg, char *text, size_t number, struct err *why)
{
    struct btns_key key;
    size_t len = strcspn(text, " \t#");
    const char *rest = text + len + strspn(text + len, " \t");
    bool alone = !*rest || *rest == '#';
    text[len] = '\0';
    if (!alone)
        err_set(why, "one key a line, and after it nothing but a comment (#)");
    else if (!btns_key_reread(&key, text))
        err_set(why,
                "not a key (ed25519: or, of a certificate, sha256:, and 44 characters of base64)");
    else
        return add_revoked(arg, &key, number, why);
    return false;
}

struct revoked *revoked_from_text(const char *file, char *text, size_t len, struct err *err)
{
    struct revoked *r = calloc(1, sizeof *r);
    if (!r) {
        err_set(err, "%s: out of memory", file);
        return NULL;
    }
    snprintf(r->file, sizeof r->file, "%s", file);
    if (!lines_each(file, text, len, take_revoked_line, r, err)) {
        revoked_free(r);
        return NULL;
    }
    if (r->n)
        qsort(r->line, r->n, sizeof *r->line, compare_revoked);
    return r;
}

void revoked_free(struct revoked *r)
{
    if (r)
        free(r->line);
    free(r);
}

size_t revoked_count(const struct revoked *r)
{
    return r ? r->n : 0;
}

const struct btns_key *revoked_at(const struct revoked *r, size_t i)
{
    return &r->line[i].key;
}

bool revoked_has(const struct revoked *r, const struct btns_key *k, char where[REVOKED_WHERE])
{
    const struct line asked = {.key = *k};
    const struct line *found =
        r && r->n ? bsearch(&asked, r->line, r->n, sizeof *r->line, compare_revoked) : NULL;
    if (found)
        snprintf(where, REVOKED_WHERE, "%s:%zu", r->file, found->number);
    return found != NULL;
}
