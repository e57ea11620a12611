/* Lists what a person should mend although btnsd goes on, one line each, for btnsctl status. */
#include "btnsd/requests/troubles.h"

#include "btnsd/ike/peers/peers.h"
#include "btnsd/ike/peers/revoked.h"
#include "btnsd/running/ao_rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LAST_LINE 64 /* octets kept for "and N more" */

struct list {
    char *buf;
    size_t size, len;
    unsigned left_out;
};

__attribute__((format(printf, 2, 3))) static void add_line(struct list *l, const char *form, ...)
{
    char line[768];
    va_list ap;
    va_start(ap, form);
    vsnprintf(line, sizeof line, form, ap);
    va_end(ap);
    size_t len = strlen(line) + 1;
    if (l->left_out || l->len + len + LAST_LINE > l->size) {
        l->left_out++;
        return;
    }
    l->len += (size_t)snprintf(l->buf + l->len, l->size - l->len, "%s%s", l->len ? "\n" : "", line);
}

static void list_name_troubles(const struct rules *r, struct list *l)
{
    const struct lookups *names = r->names;
    for (size_t i = 0; i < r->n; i++)
        if (r->rule[i].unresolved)
            add_line(l, "%s:%u: rule \"%s\" fails closed: %s", r->rule[i].file, r->rule[i].line,
                     r->rule[i].name, r->rule[i].unresolved);
    for (size_t i = 0; names && i < names->n; i++)
        if (names->item[i].remembered)
            add_line(l, "%s: %s; rules go by what it was before", names->item[i].name,
                     lookup_why(&names->item[i]));
}

/*
 * Adds known peers that are revoked, and contradictions between the administrator's files and
 * known_peers.
 */
static void list_peer_troubles(const struct peers *p, const struct btns_key *own, struct list *l)
{
    struct err why;
    char where[REVOKED_WHERE], key[BTNS_KEY_STR];
    const struct peers *fleet = p ? peers_fleet(p) : NULL;
    const struct revoked *revoked = p ? peers_revoked(p) : NULL;
    if (revoked_has(revoked, own, where))
        add_line(l,
                 "%s: this host's own key: its peers with that list refuse it. For a new key: stop "
                 "btnsd, delete /var/lib/btns/host.*, and start btnsd",
                 where);
    for (size_t i = 0; i < revoked_count(revoked); i++) {
        const struct peer *peer = peers_by_key(p, revoked_at(revoked, i));
        if (peer && revoked_has(revoked, &peer->key, where))
            add_line(l, "%s: the key of a known peer, %s%s%s: btnsctl peers forget %s", where,
                     peer->name, *peer->name ? ", " : "", btns_key_str(&peer->key, key), key);
    }
    for (size_t i = 0; fleet && i < peers_count(fleet); i++)
        if (peers_contradiction(p, i, &why))
            add_line(l, "%s", why.text);
}

void troubles_list(const struct btnsd *d, char *buf, size_t size)
{
    char refused[600];
    struct list l = {.buf = buf, .size = size};
    buf[0] = '\0';
    if (*d->no_rules)
        add_line(&l, "no program may connect or listen until the policy is mended");
    if (*d->not_kept)
        add_line(&l, "%s", d->not_kept);
    if (*d->users.unlisted)
        add_line(&l, "%s", d->users.unlisted);
    if (*d->signatures.silent)
        add_line(&l, "%s", d->signatures.silent);
    if (*d->signatures.dropped)
        add_line(&l, "%s", d->signatures.dropped);
    if (d->guards.away[0])
        add_line(&l, "%.400s", d->guards.away);
    if (ao_rules_refused(d->rules, refused, sizeof refused))
        add_line(&l, "%s", refused);
    list_name_troubles(d->rules, &l);
    list_peer_troubles(d->peers, &d->host.pub, &l);
    if (l.left_out)
        snprintf(buf + l.len, size - l.len, "\nand %u more", l.left_out);
}
