/* Reads the administrator's files about peers: their names and keys, and which keys are revoked. */
#include "btnsd/running/peers_files.h"

#include "btnsd/base/log.h"
#include "btnsd/ike/peers/peers_file.h"
#include "btnsd/ike/peers/peers_merge.h"
#include "btnsd/ike/peers/revoked.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/rules/files/private_file.h"
#include "btnsd/rules/files/source.h"
#include "btnsd/running/forgotten_peers.h"
#include "btnsd/running/inner_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int read_revoked_file(struct revoked **revoked, struct err *err)
{
    char *text;
    size_t len;
    int rc = private_file_read_roots(REVOKED_DIR, REVOKED_FILE, REVOKED_TEXT_MAX, &text, &len, err);
    if (rc == -ENOENT)
        return 0;
    if (!rc) {
        *revoked = revoked_from_text(REVOKED_DIR "/" REVOKED_FILE, text, len, err);
        rc = *revoked ? 0 : -EINVAL;
    }
    free(text);
    return rc;
}

static int read_peers_files(const struct peers_import *how, struct peers *fleet, struct err *err)
{
    struct policy_text *text = NULL;
    int dir = policy_dir_open(PEERS_DIR, err);
    if (dir < 0)
        return dir == -ENOENT ? 0 : dir;
    int n = source_read_dir(dir, PEERS_DIR, &text, err), rc = n < 0 ? n : 0;
    close(dir);
    for (int i = 0; !rc && i < n; i++)
        rc = peers_add_file(fleet, how, text[i].file, text[i].text, text[i].len, err);
    if (n >= 0)
        source_texts_free(text, (unsigned)n);
    return rc;
}

int peers_files_read(const struct btnsd *d, struct peers_files *f, struct err *err)
{
    *f = (struct peers_files){0};
    if (!d->peers) /* in a unit test */
        return 0;
    int rc = read_revoked_file(&f->revoked, err);
    const struct peers_import how = {.own = &d->host.pub, .revoked = f->revoked};
    if (!rc && !(f->fleet = peers_new(PEERS_DIR, err)))
        rc = -ENOMEM;
    if (!rc)
        rc = read_peers_files(&how, f->fleet, err);
    if (rc)
        peers_files_free(f);
    return rc;
}

void peers_files_swap(struct btnsd *d, struct peers_files *f)
{
    if (!d->peers)
        return;
    f->fleet = peers_set_fleet(d->peers, f->fleet);
    f->revoked = peers_set_revoked(d->peers, f->revoked);
}

void peers_files_free(struct peers_files *f)
{
    peers_free(f->fleet);
    revoked_free(f->revoked);
    *f = (struct peers_files){0};
}

/* ---- in force ---- */

#define SAID_MOST 20 /* contradictions in the log */

static void log_peers_contradictions(const struct peers *p)
{
    const struct peers *fleet = peers_fleet(p);
    unsigned n = 0;
    struct err why;
    for (size_t i = 0; fleet && i < peers_count(fleet); i++)
        if (peers_contradiction(p, i, &why) && n++ < SAID_MOST)
            log_warning("%s", why.text);
    if (n > SAID_MOST)
        log_warning("%u more peers in " PEERS_DIR " contradict known_peers", n - SAID_MOST);
}

static void end_revoked_peers(struct btnsd *d, const struct btns_key *key)
{
    struct forgotten ended = {0};
    char text[BTNS_KEY_STR], where[REVOKED_WHERE], why[BTNS_TEXT_MAX];
    if (!revoked_has(peers_revoked(d->peers), key, where))
        return;
    snprintf(why, sizeof why, "the peer's key %s is revoked (%s)", btns_key_str(key, text), where);
    forgotten_peer_end(d, key, NULL, BTNS_R_REVOKED, why, &ended);
    if (d->ike)
        ike_shut_key(d->ike, key); /* the resets have left under the protection of its SAs */
    if (ended.latches || ended.connections)
        log_note("%s: %u latches closed, and %u connections without a latch ended", why,
                 ended.latches, ended.connections);
}

static void on_peers_files_settled(struct timer *t)
{
    struct btnsd *d = t->arg;
    const struct revoked *revoked = peers_revoked(d->peers);
    for (size_t i = 0; i < revoked_count(revoked); i++) {
        const struct btns_key *key = revoked_at(revoked, i);
        if (guard_with_key(&d->guards, key, NULL) || (d->ike && ike_knows(d->ike, key)))
            end_revoked_peers(d, key);
    }
}

/* Programs may have relied on a revoked peer until now; their messages are read first. */
static void settle_before_peers_files(struct timer *t)
{
    struct btnsd *d = t->arg;
    struct guards *gs = &d->guards;
    bool settled = gs->ops->settle(gs->arg, &d->revocation_mark);
    loop_after(d->loop, t, settled ? 0 : SETTLE_AGAIN_MS,
               settled ? on_peers_files_settled : settle_before_peers_files, d);
}

void peers_files_apply(struct btnsd *d)
{
    if (!d->peers)
        return;
    log_peers_contradictions(d->peers);
    inner_names_changed(d);
    if (revoked_count(peers_revoked(d->peers)) && d->guards.ops)
        loop_after(d->loop, &d->revocation, 0, settle_before_peers_files, d);
}
