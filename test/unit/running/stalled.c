/* Which connections end with a peer that has lost the latched key. TAP. */
#include "btnsd/running/stalled.h"
#include "test/unit/check.h"

int main(void)
{
    struct guard g = {.state = GS_FAILED, .lost = true, .stranger = true};
    check(stalled_for_good(&g, 2), "one that has asked again twice");
    check(!stalled_for_good(&g, 1), "not one that has just begun to wait");
    g.lost = false;
    check(!stalled_for_good(&g, 99), "none while the latched peer may be alive");
    g = (struct guard){.state = GS_FAILED, .lost = true};
    check(!stalled_for_good(&g, 99), "none while nobody else is there: the peer may come back");
    g = (struct guard){.state = GS_UP, .lost = true, .stranger = true};
    check(!stalled_for_good(&g, 99), "none of a guard that is up");
    return check_end();
}
