/* Loads a generation from the administrator's files and the signed packages. */
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/compile/policy_set.h"
#include "btnsd/rules/files/layers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The texts of one directory. */
struct dir {
    int fd;
    struct policy_text *text;
    int n;
};

/* A missing directory counts as empty; any other error fails. */
static int load_dir(const char *path, struct dir *d, struct err *err)
{
    *d = (struct dir){.fd = -1};
    if (!path)
        return 0;
    d->fd = policy_dir_open(path, err);
    if (d->fd == -ENOENT)
        return 0;
    d->n = d->fd < 0 ? d->fd : source_read_dir(d->fd, path, &d->text, err);
    return d->n < 0 ? d->n : 0;
}

/* Frees the directory. Its texts belong to the set by now, or were never read. */
static void free_loaded_dir(struct dir *d)
{
    if (d->fd >= 0)
        close(d->fd);
    if (d->n > 0)
        source_texts_clear(d->text, (unsigned)d->n);
    free(d->text);
}

static bool get_load_room(struct policy_set *set, size_t n)
{
    set->text = calloc(n + 1, sizeof *set->text);
    set->signature = calloc(n + 1, sizeof *set->signature);
    return set->text && set->signature;
}

static unsigned move_loaded_texts(struct policy_set *set, struct dir *d, enum policy_source source)
{
    unsigned at = set->admins + set->packages + set->authors;
    for (int i = 0; i < d->n; i++) {
        set->text[at + (unsigned)i] = d->text[i];
        set->text[at + (unsigned)i].source = source;
    }
    unsigned n = (unsigned)d->n;
    d->n = 0;
    return n;
}

static int read_package_signatures(struct policy_set *set, int fd, struct err *err)
{
    int rc = 0;
    for (unsigned i = set->admins; !rc && i < set->admins + set->packages; i++)
        rc = source_read_signature(fd, set->text[i].file, set->signature[i], err);
    return rc;
}

int policy_set_read(const struct rules_sources *from, struct policy_set *set, struct err *err)
{
    struct dir policy = {.fd = -1}, packages = {.fd = -1}, authors = {.fd = -1};
    *set = (struct policy_set){0};
    policy.n = layers_read(from, &policy.text, err);
    int rc = policy.n < 0 ? policy.n : load_dir(from->packages, &packages, err);
    if (!rc)
        rc = load_dir(from->authors, &authors, err);
    if (!rc && !get_load_room(set, (size_t)policy.n + (size_t)packages.n + (size_t)authors.n)) {
        err_set(err, "out of memory");
        rc = -ENOMEM;
    }
    if (!rc) {
        set->admins = move_loaded_texts(set, &policy, SOURCE_ADMIN);
        set->packages = move_loaded_texts(set, &packages, SOURCE_PACKAGE);
        set->authors = move_loaded_texts(set, &authors, SOURCE_AUTHORS);
        rc = read_package_signatures(set, packages.fd, err);
    }
    free_loaded_dir(&policy);
    free_loaded_dir(&packages);
    free_loaded_dir(&authors);
    return rc;
}

void policy_set_read_some(const struct rules_sources *from, struct policy_set *set)
{
    struct dir d = {.fd = -1};
    *set = (struct policy_set){0};
    d.n = layers_read_some(from, &d.text);
    if (d.n > 0 && get_load_room(set, (size_t)d.n))
        set->admins = move_loaded_texts(set, &d, SOURCE_ADMIN);
    free_loaded_dir(&d);
}

static int find_package_signers(struct policy_set *set, const struct rules *authors,
                                struct err *err)
{
    for (unsigned i = set->admins; i < set->admins + set->packages; i++) {
        struct policy_text *t = &set->text[i];
        t->signer = signature_author(authors, t, set->signature[i]);
        if (t->signer)
            continue;
        err_set(err, "%s: its signature is none of an author's that is known here", t->file);
        return -EKEYREJECTED;
    }
    return 0;
}

struct rules *policy_set_compile(const char *name, struct policy_set *set,
                                 const struct lookup_how *how, struct err *err)
{
    unsigned n = set->admins + set->packages;
    struct rules *known = policy_load_texts("authors", set->text + n, set->authors, err), *r = NULL;
    if (known && !find_package_signers(set, known, err))
        r = policy_load_texts_by(name, set->text, n, how, err);
    if (!r)
        rules_free(known);
    else
        r->signers = known; /* its packages point into it */
    return r;
}

struct rules *policy_set_compile_mandatory(const struct policy_set *set,
                                           const struct lookup_how *how)
{
    struct err ignored;
    struct policy_text *good = calloc(set->admins + 1, sizeof *good);
    struct rules *all = policy_compile_mandatory(NULL, 0, NULL, 0, NULL, &ignored);
    unsigned n = 0;
    for (unsigned i = 0; good && all && i < set->admins; i++) {
        good[n] = set->text[i];
        struct rules *more = policy_load_mandatory(good, n + 1, how, &ignored);
        if (!more)
            continue; /* the file is left out */
        rules_free(all);
        all = more;
        n++;
    }
    free(good);
    return all;
}

void policy_set_free(struct policy_set *set)
{
    source_texts_free(set->text, set->admins + set->packages + set->authors);
    free(set->signature);
    *set = (struct policy_set){0};
}

struct rules *rules_load_all(const struct rules_sources *from, struct err *err)
{
    struct policy_set set;
    struct rules *r = NULL;
    if (!policy_set_read(from, &set, err))
        r = policy_set_compile(from->policy, &set, &(struct lookup_how){.ask = true}, err);
    policy_set_free(&set);
    return r;
}
