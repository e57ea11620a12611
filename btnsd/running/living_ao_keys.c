/* Gives living connections that are signed by TCP-AO the new keys of a changed key file. */
#include "btnsd/running/living_ao_keys.h"

#include "btnsd/base/intern.h"
#include "btnsd/base/log.h"
#include "btnsd/plan/facts.h"
#include "btnsd/running/sign_socket.h"
#include "btnsd/server/borrow.h"
#include "btnsd/server/passed_fds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CONNECTIONS_MAX 4096 /* further connections keep the keys that they had at first */

struct living_keys {
    struct living_keys *next;
    struct living_keys_of of;
    const char *file; /* text of intern_set() */
};

static struct living_keys **place_of_keyed_connection(struct btnsd *d, uint64_t cookie)
{
    struct living_keys **p = &d->living_keys;
    while (*p && (*p)->of.cookie != cookie)
        p = &(*p)->next;
    return p;
}

static void drop_keyed_connection(struct btnsd *d, struct living_keys **p)
{
    struct living_keys *c = *p;
    *p = c->next;
    intern_set(&c->file, NULL);
    free(c);
    d->living_key_count--;
}

void living_keys_note(struct btnsd *d, const struct living_keys_of *of, const struct sign_key *key)
{
    if (key->auth != SIGN_AO)
        return;
    living_keys_gone(d, of->cookie);
    struct living_keys *c = d->living_key_count < CONNECTIONS_MAX ? calloc(1, sizeof *c) : NULL;
    if (!c)
        return;
    c->of = *of;
    intern_set(&c->file, key->file);
    c->next = d->living_keys;
    d->living_keys = c;
    d->living_key_count++;
}

void living_keys_gone(struct btnsd *d, uint64_t cookie)
{
    struct living_keys **p = place_of_keyed_connection(d, cookie);
    if (*p)
        drop_keyed_connection(d, p);
}

static const struct sign_key *living_key_of_file(const struct rules *r, const char *file)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->rule[i].sign && r->rule[i].sign->auth == SIGN_AO &&
            !strcmp(r->rule[i].sign->file, file))
            return r->rule[i].sign;
    return NULL;
}

/* Is fd the connection of the record? It was copied from the process that the record names. */
static bool is_keyed_connection(const struct living_keys *c, int fd, int *family)
{
    struct socket_facts f;
    struct btns_addr remote;
    if (facts_socket(fd, &f, NULL) || !facts_peer(fd, &remote))
        return false;
    *family = f.family;
    return btns_addr_equal(&remote, &c->of.remote);
}

/* Sets new keys on one connection. 0, or -errno; -ESRCH: the connection has ended. */
static int change_connection_keys(struct living_keys *c, const struct sign_key *key,
                                  struct err *err)
{
    int family;
    int fd = socket_borrow(c->of.pid, -1, c->of.cookie, c->of.uid, BORROW_SOME);
    if (fd < 0)
        return -ESRCH;
    const struct prefix peer = {.net = c->of.remote, .bits = btns_addr_bits(&c->of.remote)};
    int rc = is_keyed_connection(c, fd, &family) ? sign_living_socket(fd, family, &peer, key, err)
                                                 : -ESRCH;
    passed_close(fd, c->of.uid);
    return rc;
}

void living_keys_review(struct btnsd *d)
{
    size_t changed = 0, failed = 0;
    struct err err = {""};
    for (struct living_keys **p = &d->living_keys; *p;) {
        const struct sign_key *key = living_key_of_file(d->rules, (*p)->file);
        int rc = key ? change_connection_keys(*p, key, &err) : -ENOENT;
        changed += !rc;
        failed += rc && rc != -ESRCH && rc != -ENOENT;
        if (rc == -ESRCH)
            drop_keyed_connection(d, p);
        else
            p = &(*p)->next;
    }
    if (changed)
        log_note("%zu living connections have the TCP-AO keys of the new rules, and ask their "
                 "peers to sign with the next one",
                 changed);
    if (failed)
        log_warning("%zu living connections keep their TCP-AO keys: %s", failed, err.text);
}

void living_keys_end(struct btnsd *d)
{
    while (d->living_keys)
        drop_keyed_connection(d, &d->living_keys);
}
