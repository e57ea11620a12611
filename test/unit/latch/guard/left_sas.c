/*
 * A guard that stays for SAs of the administrator's, and a request that replaces it: at no moment,
 * and not after a stop of btnsd, may the kernel answer their peer in the clear. In a network
 * namespace of its own; the linker puts a SAD of one SA in the place of the kernel's. TAP.
 */
#include "btnsd/latch/guard/left_sas.h"
#include "btnsd/latch/guard/guards_end.h"
#include "btnsd/latch/guard/life.h"
#include "test/unit/check.h"
#include "test/unit/latch/guard/left_sa.h"

static struct guards gs = {.keying = managers, .ops = &ops};

struct entries {
    enum spd_action action;
    unsigned n;
};

static void count_entry(void *arg, const struct spd_entry *e)
{
    struct entries *s = arg;
    s->n += e->remote.port == 8000 && e->reqid == REQID && e->action == s->action;
}

/* Do the service's entries, one for each direction, do this, and name the SAs' reqid? */
static bool service_is(enum spd_action action)
{
    struct entries s = {.action = action};
    spd_dump(gs.xfrm, count_entry, &s);
    return s.n == 2;
}

static void stay(void)
{
    const struct guard_want w = want_service(IPPROTO_TCP, 1);
    struct guard *g = guard_new(&gs, &w.local, &w.remote, w.service, false);
    guard_leave_sas(g, REQID);
    check(guard_stays_for_sas(g) && service_is(SPD_ESP), "it answers over the SAs");
    guard_only_answers(g);
}

static struct guard *request(bool hold)
{
    struct err err = {""};
    struct guard_want w = want_service(IPPROTO_TCP, 1);
    w.hold = hold;
    w.hold_ms = 60000;
    struct guard *g = guard_want(&gs, &w, &err);
    check(g && g->state == GS_INTRODUCING && gs.count == 1, "a request replaces it: %s", err.text);
    return g;
}

int main(void)
{
    if (!guards_open(&gs))
        return 0;
    gs.hold_ms = 60000;
    has_sa = true;
    stay();
    struct guard *g = request(false);
    check(service_is(SPD_BLOCK), "while the request waits, nothing leaves");
    guard_fail(g, BTNS_R_PEER_GONE, "nobody answers");
    check(gs.count == 1 && service_is(SPD_ESP), "when it has failed, the guard is back");

    g = request(true);
    check(g->holds && g->spd == SPD_ESP, "packets of a program that does not wait are held");
    guards_clear(&gs);
    check(!gs.count && service_is(SPD_ESP), "after a stop without connections, the SAs are used");

    stay();
    request(false);
    has_sa = false;
    guards_clear(&gs);
    check(!service_is(SPD_ESP) && !service_is(SPD_BLOCK), "no entry outlasts the SAs");
    guards_close(&gs);
    return check_end();
}
