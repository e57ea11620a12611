/*
 * The end of a guard takes the SAs and charon's policies of its own service alone. In a network
 * namespace of its own, whose kernel need not have ESP: charon's policies show it. TAP.
 */
#include "btnsd/latch/guard/orphaned_sas.h"
#include "btnsd/xfrm/reqid_range.h"
#include "test/unit/check.h"
#include "test/unit/latch/guard/want_ops.h"

#include <stdlib.h>

static struct guards gs;

static void add_charons(const char *protocol, const char *port)
{
    char command[300];
    snprintf(command, sizeof command,
             "ip xfrm policy add dir out src 10.0.0.1/32 dst 10.1.0.1/32 proto %s %s 8000 "
             "priority %u tmpl proto esp reqid %u mode transport",
             protocol, port, PRIO_CHARON_OUT, REQID_FIRST);
    check(!system(command), "charon's policy for %s, %s", protocol, port);
}

static void count(void *arg, const struct spd_entry *e)
{
    unsigned *n = arg;
    n[0] += e->protocol == IPPROTO_TCP;
    n[1] += e->protocol == IPPROTO_UDP;
}

static bool there_are(unsigned tcp, unsigned udp)
{
    unsigned n[2] = {0};
    return !spd_dump(gs.xfrm, count, n) && n[0] == tcp && n[1] == udp;
}

static void end_guard(uint8_t protocol, bool mirror, uint32_t reqid)
{
    struct guard g = {.all = &gs,
                      .mirror = mirror,
                      .local = {.family = AF_INET, .ip = {10, 0, 0, 1}},
                      .remote = {.family = AF_INET, .ip = {10, 1, 0, 1}},
                      .service = {protocol, 8000},
                      .reqid = reqid};
    guard_drop_sas(&g);
}

int main(void)
{
    if (!guards_open(&gs))
        return 0;
    add_charons("tcp", "dport");
    add_charons("udp", "dport");
    add_charons("udp", "sport");
    check(there_are(1, 2), "three policies");
    end_guard(IPPROTO_TCP, true, REQID_FIRST);
    end_guard(IPPROTO_TCP, false, REQID_FIRST + 1);
    check(there_are(1, 2), "of another service, or another key, nothing goes (L15)");
    end_guard(IPPROTO_TCP, false, REQID_FIRST);
    check(there_are(0, 2), "TCP's at the same port goes alone");
    end_guard(IPPROTO_UDP, true, REQID_FIRST);
    check(there_are(0, 1), "a mirror's own goes");
    end_guard(IPPROTO_UDP, false, REQID_FIRST);
    check(there_are(0, 0), "and the other's");
    guards_close(&gs);
    return check_end();
}
