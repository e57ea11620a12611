/*
 * Adds the peers of a text, all of them or none: an export of another host to known_peers, or a
 * file of the administrator's to a fleet.
 */
#include "btnsd/ike/peers/peers_merge.h"

#include "btnsd/ike/peers/peers_file.h"
#include "btnsd/ike/peers/peers_store.h"
#include "btnsd/ike/peers/peers_text.h"
#include "btnsd/ike/peers/revoked.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct merging {
    const struct peers_import *how;
    const struct peers *before; /* known_peers before the merge */
    struct peers now;
    struct peers_imported *done;
    const char *file; /* name of the administrator's file, for a fleet */
};

static const char *peer_words(const struct peer *p, char *buf, size_t size)
{
    char key[BTNS_KEY_STR];
    btns_key_str(&p->key, key);
    snprintf(buf, size, p->name[0] ? "%s (%s)" : "%.0s%s", p->name, key);
    return buf;
}

/* Refuses the line because another peer has this address or this name. */
static bool refuse_taken_name(const struct merging *m, const struct peer *holder, const char *what,
                              struct err *why)
{
    char words[128];
    peer_words(holder, words, sizeof words);
    if (holder->file)
        err_set(why, "%s is that of %s in %s:%zu: delete one of the lines", what, words,
                holder->file, holder->line);
    else if (peers_own_key(m->before, &holder->key))
        err_set(why,
                "%s is that of %s, which is known here: delete the line; or, if the peer has this "
                "new key for good, btnsctl peers forget %s, and import again",
                what, words, what);
    else
        err_set(why, "%s is that of %s on a line above: delete one of them", what, words);
    return false;
}

/* Are the line's addresses and name free, as far as the other peers are concerned? */
static bool is_free_in_merge(const struct merging *m, const struct peer *line, uint32_t own,
                             struct err *why)
{
    char ip[BTNS_ADDR_STR];
    for (size_t i = 0; i < line->addrs; i++) {
        uint32_t owner = *peers_addr_slot(&m->now, &line->addr[i]);
        if (owner && owner != own)
            return refuse_taken_name(m, &m->now.list[owner - 1],
                                     btns_addr_ip_str(&line->addr[i], ip), why);
    }
    uint32_t owner = *line->name ? *peers_name_slot(&m->now, line->name) : 0;
    return !owner || owner == own || refuse_taken_name(m, &m->now.list[owner - 1], line->name, why);
}

static bool merge_address(struct peer *p, const struct btns_addr *a)
{
    for (size_t i = 0; i < p->addrs; i++)
        if (btns_addr_ip_equal(&p->addr[i], a))
            return true;
    if (p->addrs == PEER_ADDRS)
        return false;
    p->addr[p->addrs++] = *a;
    return true;
}

/* Adds to p what the line says about p's key. */
static bool merge_join_line(struct peer *p, const struct peer *line, struct err *why)
{
    if (*p->name && *line->name && strcmp(p->name, line->name)) {
        if (p->file)
            err_set(why, "this key is called %s in %s:%zu: delete one of the lines", p->name,
                    p->file, p->line);
        else
            err_set(why, "this key is known as %s: btnsctl peers name %s KEY renames it", p->name,
                    line->name);
        return false;
    }
    for (size_t i = 0; i < line->addrs; i++)
        if (!merge_address(p, &line->addr[i])) {
            err_set(why, "with its known addresses, more than %d addresses", PEER_ADDRS);
            return false;
        }
    if (*line->name)
        memcpy(p->name, line->name, sizeof p->name);
    if (line->trust == BTNS_T_PINNED)
        p->trust = BTNS_T_PINNED;
    p->no_latch |= line->no_latch;
    return true;
}

static bool merge_new_peer(struct merging *m, const struct peer *line, struct err *why)
{
    if (m->now.count == PEERS_MAX || m->now.count == m->now.cap) {
        err_set(why, "with it there are more than %d peers", PEERS_MAX);
        return false;
    }
    struct peer *p = &m->now.list[m->now.count++];
    *p = *line;
    if (m->file)
        p->trust = BTNS_T_PINNED;
    m->done->added++;
    return true;
}

/*
 * Does the line agree with what the administrator says elsewhere about its key, addresses and name?
 */
static bool merge_line_agrees(const struct merging *m, const struct peer *line, struct err *why)
{
    char where[REVOKED_WHERE], words[128], ip[BTNS_ADDR_STR];
    const struct peers *fleet = m->before->fleet;
    const struct peer *other = peers_own_name(fleet, line->name);
    const char *what = line->name;
    if (revoked_has(m->how->revoked, &line->key, where)) {
        err_set(why, "this key is revoked (%s): delete the line", where);
        return false;
    }
    for (size_t i = 0; i < line->addrs && (!other || btns_key_equal(&other->key, &line->key));
         i++) {
        other = peers_own_addr(fleet, &line->addr[i]);
        what = btns_addr_ip_str(&line->addr[i], ip);
    }
    if (!other || btns_key_equal(&other->key, &line->key))
        return true;
    err_set(why, "%s is that of %s in %s:%zu: delete one of the lines", what,
            peer_words(other, words, sizeof words), other->file, other->line);
    return false;
}

static bool merge_line(void *arg, const struct peer *line, size_t number, struct err *why)
{
    struct merging *m = arg;
    uint32_t slot = *peers_key_slot(&m->now, &line->key);
    if (btns_key_equal(&line->key, m->how->own)) {
        m->done->own = true;
        return true;
    }
    if (!merge_line_agrees(m, line, why) || !is_free_in_merge(m, line, slot, why) ||
        (m->how->check && !m->how->check(m->how->arg, line, why)))
        return false;
    if (!slot && !merge_new_peer(m, line, why))
        return false;
    struct peer *p = &m->now.list[slot ? slot - 1 : m->now.count - 1];
    const struct peer before = *p;
    if (!slot && m->file) {
        p->file = m->file;
        p->line = number;
    }
    if (slot && !merge_join_line(p, line, why))
        return false;
    bool changed = p->addrs != before.addrs || p->trust != before.trust ||
                   p->no_latch != before.no_latch || strcmp(p->name, before.name);
    m->done->changed += slot && changed;
    m->done->same += slot && !changed;
    return peers_enter(&m->now, (size_t)(p - m->now.list));
}

static size_t count_merged_lines(const char *text, size_t len)
{
    size_t n = 1;
    for (size_t i = 0; i < len; i++)
        n += text[i] == '\n';
    return n;
}

/* Merges the text into a copy, m->now. */
static int merge_text(struct merging *m, const char *name, char *text, size_t len, struct err *err)
{
    size_t room = m->before->count + count_merged_lines(text, len);
    *m->done = (struct peers_imported){0};
    if (!peers_copy(&m->now, m->before, room < PEERS_MAX ? room : PEERS_MAX)) {
        err_set(err, "%s: %s", name, strerror(ENOMEM));
        return -ENOMEM;
    }
    peers_reindex(&m->now);
    return peers_each_line(name, text, len, merge_line, m, err) ? 0 : -EINVAL;
}

int peers_import(struct peers *p, const struct peers_import *how, const char *name, char *text,
                 size_t len, struct peers_imported *done, struct err *err)
{
    struct merging m = {.how = how, .before = p, .done = done};
    int rc = merge_text(&m, name, text, len, err);
    if (!rc && done->added + done->changed) {
        m.now.written = how->now;
        return peers_commit(p, &m.now, err);
    }
    if (rc != -ENOMEM)
        peers_drop(&m.now);
    return rc;
}

int peers_add_file(struct peers *fleet, const struct peers_import *how, const char *name,
                   char *text, size_t len, struct err *err)
{
    struct peers_imported done;
    struct merging m = {.how = how, .before = fleet, .done = &done};
    char *file = fleet->names < PEERS_FILES ? strdup(name) : NULL;
    if (!file) {
        err_set(err, "%s: %s", name,
                fleet->names < PEERS_FILES ? strerror(ENOMEM) : "too many files of peers");
        return -ENOMEM;
    }
    fleet->name[fleet->names++] = file;
    m.file = file;
    int rc = merge_text(&m, name, text, len, err);
    if (rc) {
        if (rc != -ENOMEM)
            peers_drop(&m.now);
        return rc;
    }
    peers_drop(fleet);
    *fleet = m.now;
    return 0;
}
