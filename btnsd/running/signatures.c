/*
 * Notices when two hosts disagree about TCP signatures. The receiving host's kernel drops the
 * segments and counts them, without saying whose they were; the sending host gets no answer at all.
 * So the receiver's btnsd reports the counters, with the ports of its signing listeners, and the
 * sender's btnsd reports the peer that does not answer, and the key's file.
 */
#include "btnsd/running/signatures.h"

#include "btnsd/base/log_rate.h"

#include <stdio.h>
#include <string.h>

#define EVERY_MS  2000
#define SILENT_MS 5000 /* the SYN has been sent three times by then */
#define SYN_SENT  2

static void note_waiting_connect(void *arg, const struct sock_entry *e)
{
    *(bool *)arg |= e->state == SYN_SENT;
}

/* True: it is too early to tell whether the peer answers. */
static bool check_signed_connect(struct btnsd *d, struct signed_connect *c)
{
    char to[BTNS_ADDR_STR];
    const struct btns_addr any = {.family = 0};
    bool waits = false;
    if (loop_now() - c->began < SILENT_MS)
        return true;
    if (sockdiag_connections(d->sockets, &any, &c->remote, note_waiting_connect, &waits) || !waits)
        return false;
    snprintf(
        d->signatures.silent, sizeof d->signatures.silent,
        "%s does not answer segments signed with the key in %s (action sign): is its key "
        "another, or does it not sign? There, `nstat -az TcpExtTCPMD5* TcpExtTCPAO*' counts what "
        "is dropped",
        btns_addr_str(&c->remote, to), c->key_file);
    log_warning("%s", d->signatures.silent);
    return false;
}

struct port_list {
    char text[80];
    size_t n;
};

static void list_signed_port(void *arg, struct latch *l)
{
    struct port_list *p = arg;
    if (l->state == BTNS_S_LISTENER && l->keyed && p->n < sizeof p->text - 8)
        p->n += (size_t)snprintf(p->text + p->n, sizeof p->text - p->n, "%s%u", p->n ? ", " : "",
                                 l->local.port);
}

static void check_signature_counters(struct btnsd *d)
{
    struct sign_counters now;
    struct port_list ports = {.text = "none"};
    char words[SIGN_WORDS];
    if (!sign_counters_read(&now) || !memcmp(&now, &d->signatures.seen, sizeof now))
        return;
    d->signatures.seen = now;
    if (!*sign_counters_words(&d->signatures.first, &now, words))
        return;
    registry_each(d->latches, list_signed_port, &ports);
    snprintf(d->signatures.dropped, sizeof d->signatures.dropped,
             "TCP segments were dropped for their signature: %s; listeners with keys are on ports "
             "%s: the keys or the rules of the two hosts differ",
             words, ports.text);
    log_rated(log_warning, "segments that were dropped for their signature", "%s",
              d->signatures.dropped);
}

static void on_signatures(struct timer *t)
{
    struct btnsd *d = t->arg;
    struct signatures *s = &d->signatures;
    check_signature_counters(d);
    for (size_t i = 0; i < SIGNED_CONNECTS; i++)
        if (s->connect[i].began && !check_signed_connect(d, &s->connect[i]))
            s->connect[i].began = 0;
    loop_after(d->loop, t, EVERY_MS, on_signatures, d);
}

void signatures_listen(struct btnsd *d)
{
    if (d->signatures.timer.slot)
        return;
    sign_counters_read(&d->signatures.first);
    d->signatures.seen = d->signatures.first;
    loop_after(d->loop, &d->signatures.timer, EVERY_MS, on_signatures, d);
}

void signatures_connect(struct btnsd *d, const struct btns_addr *remote, const char *key_file)
{
    struct signatures *s = &d->signatures;
    struct signed_connect *c = &s->connect[0];
    signatures_listen(d);
    for (size_t i = 0; i < SIGNED_CONNECTS; i++) { /* the same one, a free one, or the oldest */
        if (s->connect[i].began && btns_addr_equal(&s->connect[i].remote, remote))
            return;
        if (s->connect[i].began < c->began)
            c = &s->connect[i];
    }
    c->began = loop_now();
    c->remote = *remote;
    snprintf(c->key_file, sizeof c->key_file, "%s", key_file);
}

void signatures_end(struct btnsd *d)
{
    loop_cancel(d->loop, &d->signatures.timer);
}
