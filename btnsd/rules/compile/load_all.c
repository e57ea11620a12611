/* Loads a generation from the administrator's files and the signed packages. */
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/files/signature.h"
#include "btnsd/rules/files/source.h"

#include <errno.h>
#include <fcntl.h>
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
static int read_dir(const char *path, bool may_be_absent, struct dir *d, struct err *err)
{
    *d = (struct dir){.fd = -1};
    if (!path)
        return 0;
    d->fd = policy_open_dir(path, err);
    if (d->fd == -ENOENT && may_be_absent)
        return 0;
    d->n = d->fd < 0 ? d->fd : policy_read_dir(d->fd, path, &d->text, err);
    return d->n < 0 ? d->n : 0;
}

static void free_dir(struct dir *d)
{
    if (d->fd >= 0)
        close(d->fd);
    if (d->n > 0)
        policy_texts_free(d->text, (unsigned)d->n);
    else
        free(d->text);
}

static void set_source(struct dir *d, enum policy_source source)
{
    for (int i = 0; i < d->n; i++)
        d->text[i].source = source;
}

static int find_signer(const struct dir *packages, struct policy_text *t,
                       const struct rules *authors, struct err *err)
{
    uint8_t signature[SIGNATURE_SIZE];
    int rc = policy_read_signature(packages->fd, t->file, signature, err);
    if (rc)
        return rc;
    t->signer = signature_author(authors, t, signature);
    if (t->signer)
        return 0;
    err_set(err, "%s: its signature is none of an author's that is known here", t->file);
    return -EKEYREJECTED;
}

static int find_signers(const struct dir *packages, const struct rules *authors, struct err *err)
{
    int rc = 0;
    for (int i = 0; !rc && i < packages->n; i++)
        rc = find_signer(packages, &packages->text[i], authors, err);
    return rc;
}

/* All texts in one array, which borrows them. */
static struct rules *compile(const struct rules_sources *from, const struct dir *policy,
                             const struct dir *packages, struct err *err)
{
    size_t n = (size_t)policy->n + (size_t)packages->n;
    struct policy_text *all = calloc(n + 1, sizeof *all);
    struct rules *r = NULL;
    if (!all)
        err_set(err, "out of memory");
    if (all && policy->n)
        memcpy(all, policy->text, (size_t)policy->n * sizeof *all);
    if (all && packages->n)
        memcpy(all + policy->n, packages->text, (size_t)packages->n * sizeof *all);
    if (all)
        r = policy_load_texts(from->policy, all, (unsigned)n, err);
    free(all);
    return r;
}

static struct rules *load_sources(const struct rules_sources *from, const struct dir *policy,
                                  struct dir *packages, struct dir *authors, struct err *err)
{
    set_source(packages, SOURCE_PACKAGE);
    set_source(authors, SOURCE_AUTHORS);
    struct rules *known =
        policy_load_texts(from->authors, authors->text, (unsigned)authors->n, err);
    struct rules *r = NULL;
    if (known && !find_signers(packages, known, err))
        r = compile(from, policy, packages, err);
    if (!r)
        rules_free(known);
    else
        r->signers = known; /* its packages point into it */
    return r;
}

struct rules *rules_load_all(const struct rules_sources *from, struct err *err)
{
    struct dir policy, packages = {.fd = -1}, authors = {.fd = -1};
    struct rules *r = NULL;
    if (!read_dir(from->policy, false, &policy, err) &&
        !read_dir(from->packages, true, &packages, err) &&
        !read_dir(from->authors, true, &authors, err))
        r = load_sources(from, &policy, &packages, &authors, err);
    free_dir(&policy);
    free_dir(&packages);
    free_dir(&authors);
    return r;
}
