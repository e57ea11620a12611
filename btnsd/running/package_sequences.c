/* Stores the highest sequence number that each policy package ever had in force, in a text file. */
#include "btnsd/running/package_sequences.h"

#include "btnsd/base/file.h"
#include "btnsd/base/hex.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 4096
#define HEX       65

/*
 * A line is SIGNER NAME SEQUENCE HASH. Lines of removed packages stay, so that their older versions
 * are refused.
 */
struct line {
    char signer[64], name[64], hash[HEX];
    unsigned sequence;
};

struct book {
    struct line *line;
    size_t n;
    bool changed;
};

static int sequence_book_broken(const char *path, size_t n, struct err *err)
{
    err_set(err,
            "%s:%zu: not a line of packages' numbers: packages cannot be told from older ones. "
            "Remove the file to accept what is installed now",
            path, n);
    return -EINVAL;
}

static int read_sequences(FILE *f, const char *path, struct book *b, struct err *err)
{
    char text[300], rest[2];
    while (fgets(text, sizeof text, f)) {
        struct line *l = &b->line[b->n];
        if (b->n == LINES_MAX || !strchr(text, '\n') ||
            sscanf(text, "%63s %63s %u %64s %1s", l->signer, l->name, &l->sequence, l->hash,
                   rest) != 4 ||
            strlen(l->hash) != HEX - 1)
            return sequence_book_broken(path, b->n + 1, err);
        b->n++;
    }
    if (!ferror(f))
        return 0;
    err_set(err, "%s: cannot be read", path);
    return -EIO;
}

static int read_sequence_book(const char *path, struct book *b, struct err *err)
{
    b->line = calloc(LINES_MAX + 1, sizeof *b->line);
    if (!b->line) {
        err_set(err, "out of memory");
        return -ENOMEM;
    }
    FILE *f = fopen(path, "re");
    int rc = f ? 0 : -errno;
    if (rc == -ENOENT)
        return 0;
    if (rc)
        err_set(err, "%s: %s", path, strerror(-rc));
    else
        rc = read_sequences(f, path, b, err);
    if (f)
        fclose(f);
    return rc;
}

static struct line *find_sequence(struct book *b, const struct policy_package *p)
{
    struct line *l = b->line;
    while (l < b->line + b->n && (strcmp(l->signer, p->signer->name) || strcmp(l->name, p->name)))
        l++;
    return l;
}

static int accept_sequence(struct book *b, const struct policy_package *p, struct err *err)
{
    struct line *l = find_sequence(b, p), now = {.sequence = p->sequence};
    bool is_new = l == b->line + b->n;
    snprintf(now.signer, sizeof now.signer, "%s", p->signer->name);
    snprintf(now.name, sizeof now.name, "%s", p->name);
    hex_write(now.hash, p->hash, sizeof p->hash);
    if (!is_new && now.sequence < l->sequence) {
        err_set(err,
                "%s:%u: package \"%s\" is rolled back: its sequence is %u, and %u was in force",
                p->path, p->line, p->name, now.sequence, l->sequence);
        return -EKEYREJECTED;
    }
    if (!is_new && now.sequence == l->sequence && strcmp(now.hash, l->hash)) {
        err_set(err,
                "%s:%u: package \"%s\" is not what was in force under its sequence %u: a changed "
                "package has a higher one",
                p->path, p->line, p->name, now.sequence);
        return -EKEYREJECTED;
    }
    if (is_new && b->n == LINES_MAX) {
        err_set(err, "%s: more than %d packages were ever in force", p->path, LINES_MAX);
        return -E2BIG;
    }
    b->changed |= is_new || now.sequence != l->sequence;
    b->n += is_new;
    *l = now;
    return 0;
}

static int print_sequence_book(FILE *f, void *arg)
{
    const struct book *b = arg;
    for (size_t i = 0; i < b->n; i++)
        fprintf(f, "%s %s %u %s\n", b->line[i].signer, b->line[i].name, b->line[i].sequence,
                b->line[i].hash);
    return 0;
}

static int write_sequence_book(const char *path, struct book *b, struct err *err)
{
    int rc = file_print(path, 0600, print_sequence_book, b);
    if (rc)
        err_set(err, "%s: the packages' numbers cannot be noted: %s", path, strerror(-rc));
    return rc;
}

int sequences_accept(const char *path, const struct rules *r, struct err *err)
{
    struct book b = {0};
    int rc = r->packages ? read_sequence_book(path, &b, err) : 0;
    for (size_t i = 0; !rc && i < r->packages; i++)
        rc = accept_sequence(&b, &r->package[i], err);
    if (!rc && b.changed)
        rc = write_sequence_book(path, &b, err);
    free(b.line);
    return rc;
}
