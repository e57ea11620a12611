/* Which connections end with a peer that has lost the latched key. TAP. */
#include "btnsd/running/stalled.h"
#include "test/unit/check.h"

static void test_pause(void)
{
    check(stalled_may_probe(0, 5), "the first time at once");
    check(!stalled_may_probe(5, 1004),
          "not twice in a second, however often the peer brings new SAs");
    check(stalled_may_probe(5, 1005), "again after a second");
}

int main(void)
{
    test_pause();
    struct guard g = {.state = GS_FAILED, .replaced = true};
    check(stalled_for_good(&g, 2), "one that has asked again twice");
    check(!stalled_for_good(&g, 1), "not one that has just begun to wait");
    g.mirror = true;
    check(stalled_for_good(&g, 0), "but a server's, which may have nothing to send");
    g = (struct guard){.state = GS_FAILED, .met = {.n = 1}};
    check(!stalled_for_good(&g, 99), "none while the latched peer may come back");
    g = (struct guard){.state = GS_UP, .replaced = true};
    check(!stalled_for_good(&g, 99), "none of a guard that is up");
    return check_end();
}
