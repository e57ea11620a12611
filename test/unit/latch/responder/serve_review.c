/*
 * When charon's connections are reviewed, a revoked peer's entry stays until its connections have
 * been reset. TAP.
 */
#include "btnsd/latch/responder/serve_review.h"
#include "btnsd/ike/peers/peers.h"
#include "btnsd/ike/peers/revoked.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/keying/managers.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static struct hostkey host = {.pub = {.raw = {9}}};
static struct guards gs = {.keying = key_managers, .host = &host};
static const struct btns_key bob = {.raw = {2}};
static char dir[80], file[100];
static struct btns_addr ours, theirs;

static struct guard *mirror_for_bob(void)
{
    struct guard *g = guard_new(&gs, &ours, &theirs, (struct service){IPPROTO_TCP, 8000}, true);
    guard_set_key(g, &bob);
    guard_set_latched(g);
    g->state = GS_UP;
    return g;
}

static void allow_bob(void)
{
    const struct ike_entry e = {.local = ours, .remote = theirs, .key = bob, .reqid = 70000};
    ike_allow(gs.ike, &e);
}

static void revoke_bob(void)
{
    struct err err;
    char line[BTNS_KEY_STR + 2];
    btns_key_str(&bob, line);
    strcat(line, "\n");
    peers_set_revoked(gs.peers, revoked_from_text("revoked_keys", line, strlen(line), &err));
}

int main(void)
{
    static const struct ike_ops none;
    static const struct charon_paths paths = {.binary = "none", .run = "/nowhere"};
    struct err err;
    scratch(dir, sizeof dir);
    snprintf(file, sizeof file, "%s/known_peers", dir);
    ours = host_addr("10.0.0.1");
    theirs = host_addr("10.0.0.2");
    gs.loop = loop_new();
    gs.ike = ike_new(gs.loop, &paths, &host, &none, NULL);
    gs.peers = peers_load(file, &err);
    allow_bob();
    struct guard *g = mirror_for_bob();
    serve_review(&gs, BTNS_R_RULE);
    check(ike_knows(gs.ike, &bob), "a peer that nothing refuses stays");
    revoke_bob();
    serve_review(&gs, BTNS_R_RULE);
    check(ike_knows(gs.ike, &bob), "a revoked one, too, as long as its connections are there");
    g->state = GS_FAILED;
    serve_review(&gs, BTNS_R_RULE);
    check(!ike_knows(gs.ike, &bob), "and not when they have ended, or are blocked");
    allow_bob();
    ike_shut_key(gs.ike, &bob);
    check(!ike_knows(gs.ike, &bob), "a key is shut out wherever it is");
    guard_leave(g);
    free(g);
    ike_free(gs.ike);
    peers_free(gs.peers);
    loop_free(gs.loop);
    scratch_remove(dir);
    return check_end();
}
