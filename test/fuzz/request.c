/*
 * Fuzzes btnsd behind its socket: clients' messages, and between them possible reports of IKE and
 * the kernel. Rules, requests, guards, floors and latches are btnsd's own; the files of
 * test/fuzz/request stand in for the socket, the kernel and charon. Every question must be answered
 * or its client closed, and at the end nothing may be left in the SPD. An input is a sequence of
 * steps: one octet for its kind, then its data (see step()).
 */
#include "btnsd/base/count_by_user.h"
#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/admission/callers.h"
#include "btnsd/latch/guard/entries.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/keying/managers.h"
#include "btnsd/latch/registry/latch_events.h"
#include "btnsd/latch/responder/callers_find.h"
#include "btnsd/running/early_floors.h"
#include "btnsd/running/shut_sockets.h"
#include "btnsd/server/epoch.h"
#include "btnsd/users/socket_wishes.h"
#include "test/fuzz/request/played.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct btnsd d;

static bool settle(void *arg, uint64_t *mark)
{
    (void)arg;
    *mark = 0;
    return true;
}

static void changed(void *arg, struct guard *g)
{
    (void)arg;
    demand(g->state != GS_NEW);
    guard_report(g);
}

static void freed(void *arg, struct guard *g)
{
    (void)arg;
    guard_report_end(g);
    registry_guard_freed(d.latches, g);
}

static bool wanted(void *arg, const struct guard *g)
{
    (void)arg;
    return callers_want(g);
}

static void gone(void *arg)
{
    (void)arg;
    callers_find_later(&d.guards, 1000);
}

static const struct guards_ops ops = {
    .settle = settle, .changed = changed, .freed = freed, .wanted = wanted, .gone = gone};

static void start(void)
{
    struct err err;
    d.loop = loop_new();
    d.epoch = epoch_new();
    d.waiting = count_by_user_new(LIMIT_WAITS);
    d.sources.policy = "/nonexistent";
    d.guards.loop = d.loop;
    d.guards.ops = &ops;
    d.guards.keying = key_managers;
    d.guards.host = &d.host;
    d.guards.rules = (const struct rules *const *)&d.rules;
    d.guards.floors = &d.floors;
    d.rules = policy_in_force(&err);
    sockets_make();
    demand(d.loop && d.epoch && d.waiting && d.rules);
}

/* Takes one step from the input; returns its length, 0: the end. */
static size_t step(const uint8_t *data, size_t size)
{
    unsigned how = size > 1 ? data[1] : 0;
    if (size < 2)
        return 0;
    switch (data[0] & 7) {
    case 0:
        exchange_end(how);
        return 2;
    case 1:
        sa_event(how);
        return 2;
    case 2:
        hang_up(&client[how % CLIENTS]);
        return 2;
    case 3:
        registry_socket_gone(d.latches, how & 16 ? cookie_of(sockets[how & 3]) : how);
        socket_wish_drop(d.wishes, cookie_of(sockets[how & 3]));
        return 2;
    case 4:
        if (d.guards.list)
            guard_fail(d.guards.list, BTNS_R_PEER_GONE, "the fuzzer says so");
        return 2;
    case 5:
        mirror_event(how);
        return 2;
    default:
        break;
    }
    size_t len = size > 3 ? (size_t)(data[2] | data[3] << 8) : 0;
    if (size < 4 || len > size - 4)
        return 0;
    message_step(&client[(data[0] >> 3 & 7) % CLIENTS], how, data + 4, len);
    return 4 + len;
}

static void drop_wish(void *arg, struct socket_wish *w)
{
    socket_wish_drop(arg, w->cookie);
}

/* All clients leave, and nothing of theirs may remain. */
static void finish(void)
{
    for (struct client *c = client; c < client + CLIENTS; c++)
        hang_up(c);
    while (d.guards.list) {
        struct guard *g = d.guards.list;
        guard_fail(g, BTNS_R_PEER_GONE, "the end");
        if (d.guards.list == g) {
            demand(!g->waiters);
            guard_spd(g, SPD_ALLOW, 0);
            guard_free(g);
        }
    }
    early_floors_stop(&d);
    loop_cancel(d.loop, &d.floor_checks);
    loop_cancel(d.loop, &d.guards.resets);
    socket_wishes_each(d.wishes, drop_wish, d.wishes);
    shut_sockets_end(&d);
    registry_free(d.latches);
    socket_wishes_free(d.wishes);
    demand(!spd_size());
    demand(!d.floors.list && exchanges_none() && !d.guards.count);
    for (uid_t uid = 0; uid < 2; uid++)
        demand(!count_by_user_of(d.waiting, uid * 1000));
    for (struct run_policy *p = d.run_policies.item; p < d.run_policies.item + RUN_POLICIES; p++) {
        rules_free(p->rules);
        memset(p, 0, sizeof *p);
    }
    users_free(&d.users);
    loop_cancel(d.loop, &d.sweep);
    pairs_free(&d.guards.pairs);
    memset(&d.guards.pairs, 0, sizeof d.guards.pairs);
    memset(&d.recent_failures, 0, sizeof d.recent_failures);
    known_peers_clear();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!d.loop)
        start();
    d.latches = registry_new();
    d.wishes = socket_wishes_new();
    pairs_init(&d.guards.pairs, 0);
    for (int i = 0; i < CLIENTS; i++)
        client[i] = (struct client){.uid = i < 2 || i == 5 ? 0 : 1000,
                                    .opener = i < 2 ? 0 : 1000,
                                    .netns = i == 4 ? NETNS_OTHER : NETNS_OURS};
    for (size_t n; (n = step(data, size)) > 0; data += n, size -= n)
        send_lists();
    finish();
    return 0;
}
