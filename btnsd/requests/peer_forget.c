/* btnsctl forget: deletes a peer from known_peers, and ends its latches. */
#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/responder/serve_review.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/table.h"
#include "btnsd/running/forgotten_peers.h"
#include "btnsd/running/plain_host_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct forgetting {
    struct btnsd *d;
    struct client *client;
    struct btns_hdr hdr;
    struct timer again;
    uint64_t mark; /* the mark of ops->settle() */
    bool by_addr;
    struct btns_addr addr; /* valid with by_addr */
    struct btns_key key;   /* the key that was asked for, or the one known at the address */
    bool known, gone;      /* the peer was known; no address of it is known any more */
    struct peer was;
    char file[300]; /* the administrator's file in which the peer stays known; "": none */
    bool silent;    /* btnsd knew that nobody answered there */
    struct forgotten ended;
};

__attribute__((format(printf, 2, 3))) static void add_text(char text[BTNS_TEXT_MAX],
                                                           const char *fmt, ...)
{
    size_t at = strlen(text);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text + at, BTNS_TEXT_MAX - at, fmt, ap);
    va_end(ap);
}

static void add_forgotten_count(char text[BTNS_TEXT_MAX], unsigned n, const char *one,
                                const char *more)
{
    if (n)
        add_text(text, "; %u %s", n, n == 1 ? one : more);
}

/* Describes for a person what was forgotten. */
static void write_forgotten_counts(char text[BTNS_TEXT_MAX], const struct forgetting *f)
{
    char key[BTNS_KEY_STR], ip[BTNS_ADDR_STR];
    const struct peer *p = &f->was;
    strcpy(text, *f->file ? "not forgotten: " : "forgot ");
    if (f->known && !f->gone && f->by_addr)
        add_text(text, "%s of ", btns_addr_ip_str(&f->addr, ip));
    if (f->known && p->name[0])
        add_text(text, "%s, ", p->name);
    if (f->known)
        add_text(text, p->trust == BTNS_T_PINNED ? "%s, pinned" : "%s", btns_key_str(&p->key, key));
    else
        add_text(text, "%s",
                 f->by_addr ? btns_addr_ip_str(&f->addr, ip) : btns_key_str(&f->key, key));
    for (size_t i = 0; f->gone && i < p->addrs; i++)
        add_text(text, i ? ", %s" : ", at %s", btns_addr_ip_str(&p->addr[i], ip));
    if (!f->known && f->silent)
        add_text(text, ", where nobody had answered IKE");
    if (*f->file)
        add_text(text, ": it stays known by %s: delete the line, and run btnsctl reload", f->file);
    add_forgotten_count(text, f->ended.latches, "latch closed", "latches closed");
    add_forgotten_count(text, f->ended.connections, "connection ended", "connections ended");
    add_forgotten_count(text, f->ended.failed,
                        "service is blocked until its connections have ended",
                        "services are blocked until their connections have ended");
    add_text(text, "\n");
}

static void find_forgotten_peer(struct btnsd *d, struct forgetting *f)
{
    const struct peer *known =
        f->by_addr ? peers_by_addr(d->peers, &f->addr) : peers_by_key(d->peers, &f->key);
    f->known = known != NULL;
    if (known)
        f->was = *known;
    if (known)
        f->key = known->key;
}

static void forget_silence(struct btnsd *d, struct forgetting *f)
{
    if (f->by_addr)
        f->silent = plain_hosts_forget(d, &f->addr);
    for (size_t i = 0; f->gone && i < f->was.addrs; i++)
        plain_hosts_forget(d, &f->was.addr[i]);
}

/* Finds the peer's line in a file of the administrator's, which no request deletes. */
static void find_forgotten_file(struct btnsd *d, struct forgetting *f)
{
    const struct peer *p =
        f->by_addr ? peers_by_addr(d->peers, &f->addr) : peers_by_key(d->peers, &f->key);
    if (p && p->file)
        snprintf(f->file, sizeof f->file, "%s:%zu", p->file, p->line);
}

static int forget_peer(struct btnsd *d, struct forgetting *f, struct err *err)
{
    find_forgotten_peer(d, f);
    int rc = peers_forget(d->peers, f->by_addr ? NULL : &f->key, f->by_addr ? &f->addr : NULL, err);
    if (rc && rc != -ENOENT)
        return rc;
    f->gone = f->known && !peers_by_key(d->peers, &f->key);
    find_forgotten_file(d, f);
    forgotten_peer_end(d, f->gone || !f->by_addr ? &f->key : NULL, f->by_addr ? &f->addr : NULL,
                       BTNS_R_RULE, "the peer was forgotten (btnsctl forget)", &f->ended);
    forget_silence(d, f); /* a peer that ends now must not be remembered as silent, either */
    if (f->gone)
        guards_forgot(&d->guards, &f->key);
    if (f->ended.latches || f->ended.connections || f->silent)
        return 0;
    if (rc && *f->file) {
        err_set(err, "the peer is known by %s: delete the line, and run btnsctl reload", f->file);
        return -EEXIST;
    }
    if (rc)
        err_set(err, "no such peer is known");
    return rc;
}

static void on_forgetter_gone(void *arg)
{
    struct forgetting *f = arg;
    loop_cancel(f->d->loop, &f->again);
    free(f);
}

/* Forgets once the requests of every program that relied on the peer have been read. */
static void on_peers_settled(struct timer *t)
{
    struct forgetting *f = t->arg;
    struct btnsd *d = f->d;
    struct err err = {""};
    char text[BTNS_TEXT_MAX] = "";
    client_on_gone(f->client, NULL, NULL);
    int rc = forget_peer(d, f, &err);
    if (!rc)
        write_forgotten_counts(text, f);
    if (!rc)
        serve_review(&d->guards, BTNS_R_IDENTITY);
    answer_end(f->client, &f->hdr, -rc, rc ? err.text : text);
    free(f);
}

static void settle_before_forget(struct timer *t)
{
    struct forgetting *f = t->arg;
    struct guards *gs = &f->d->guards;
    bool settled = gs->ops->settle(gs->arg, &f->mark);
    loop_after(f->d->loop, t, settled ? 0 : SETTLE_AGAIN_MS,
               settled ? on_peers_settled : settle_before_forget, f);
}

bool on_forget(struct btnsd *d, struct request *r)
{
    struct btns_forget m;
    if (client_is_waiting(r->client))
        return false; /* a client may not send a second request before the answer */
    struct forgetting *f = calloc(1, sizeof *f);
    memcpy(&m, r->hdr, sizeof m);
    if (!f) {
        answer_end(r->client, r->hdr, ENOMEM, "btnsd is out of memory");
        return true;
    }
    *f = (struct forgetting){.d = d, .client = r->client, .hdr = m.hdr, .by_addr = m.addr.family};
    f->addr = m.addr;
    f->addr.port = 0;
    f->key = btns_key_of(m.key, false);
    client_on_gone(r->client, on_forgetter_gone, f);
    loop_after(d->loop, &f->again, 0, settle_before_forget, f);
    return true;
}
