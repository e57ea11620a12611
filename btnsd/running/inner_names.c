/* Keeps the names of inner addresses in a file that libnss_btns reads. */
#include "btnsd/running/inner_names.h"

#include "btnsd/base/file.h"
#include "btnsd/base/log.h"
#include "btnsd/ike/peers/revoked.h"
#include "btnsd/state/daemon.h"
#include "libapi/wire/inner_address.h"
#include "libapi/wire/key_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define DOMAIN ".btns"

/* ---- the text ---- */

static bool is_inner_name_usable(const struct peers *p, const struct peer *peer)
{
    char where[REVOKED_WHERE];
    return !peers_is_shadowed(p, peer) && !revoked_has(peers_revoked(p), &peer->key, where);
}

static int compare_inner_names(const void *a, const void *b)
{
    const struct peer *const *x = a, *const *y = b;
    return strcasecmp((*x)->name, (*y)->name);
}

/* Is the name of all[i] that of a neighbour in the sorted list, too? */
static bool is_inner_name_ambiguous(const struct peer *const *all, size_t n, size_t i)
{
    return (i && !compare_inner_names(&all[i - 1], &all[i])) ||
           (i + 1 < n && !compare_inner_names(&all[i], &all[i + 1]));
}

static void print_inner_name(FILE *f, const struct btns_key *key, const char *name)
{
    char inner[INNER_ADDRESS_STR];
    fprintf(f, "%s %s" DOMAIN "\n", inner_address_str(key, inner), name);
}

static void print_key_words(FILE *f, const struct btns_key *key)
{
    char words[BTNS_KEY_WORDS];
    print_inner_name(f, key, btns_key_words(key, words));
}

int inner_names_print(FILE *f, const struct peers *p, const struct btns_key *own)
{
    size_t n = 0, count = peers_count(p);
    const struct peer **named = calloc(count + 1, sizeof *named);
    if (!named)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct peer *peer = peers_at(p, i);
        /* A name in the administrator's files overrides the same one in known_peers. */
        if (*peer->name && is_inner_name_usable(p, peer) && peers_by_name(p, peer->name) == peer)
            named[n++] = peer;
    }
    qsort(named, n, sizeof *named, compare_inner_names);
    fputs("# The inner addresses of this host's peers: see nss-btns(8). btnsd writes this file.\n",
          f);
    for (size_t i = 0; i < n; i++)
        if (is_inner_name_ambiguous(named, n, i))
            fprintf(f, "# left out, as another name differs only in case: %s\n", named[i]->name);
        else
            print_inner_name(f, &named[i]->key, named[i]->name);
    free(named);
    print_key_words(f, own); /* below the names, because an address gets its first name */
    for (size_t i = 0; i < count; i++)
        if (is_inner_name_usable(p, peers_at(p, i)))
            print_key_words(f, &peers_at(p, i)->key);
    return 0;
}

/* ---- the file ---- */

static int inner_names_path(const struct btnsd *d, char path[FILE_PATH])
{
    return d->run_dir ? file_path(path, d->run_dir, "hosts") : -ENOENT; /* none in a unit test */
}

static int print_inner_names(FILE *f, void *arg)
{
    const struct btnsd *d = arg;
    return inner_names_print(f, d->peers, &d->host.pub);
}

static void write_inner_names(struct btnsd *d)
{
    char path[FILE_PATH];
    int rc = inner_names_path(d, path);
    if (!rc)
        rc = file_print(path, 0644, print_inner_names, d);
    if (rc)
        log_warning("%s: %s: the names of inner addresses are not written", path, strerror(-rc));
}

static void on_inner_names_time(struct timer *t)
{
    write_inner_names(t->arg);
}

void inner_names_changed(struct btnsd *d)
{
    if (d->inner_names && !d->inner_names_timer.slot)
        loop_after(d->loop, &d->inner_names_timer, 0, on_inner_names_time, d);
}

static void on_inner_names_change(void *arg)
{
    inner_names_changed(arg);
}

void inner_names_begin(struct btnsd *d)
{
    d->inner_names = true;
    peers_on_change(d->peers, on_inner_names_change, d);
    write_inner_names(d);
}

void inner_names_end(struct btnsd *d)
{
    char path[FILE_PATH];
    d->inner_names = false;
    loop_cancel(d->loop, &d->inner_names_timer);
    if (!inner_names_path(d, path))
        unlink(path);
}
