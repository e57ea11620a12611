/* When the neighbour table shows that a host is away, and when it does not. TAP. */
#include "btnsd/latch/keying/neighbour_watch.h"
#include "test/unit/check.h"

int main(void)
{
    bool asked = false;
    check(!neighbour_is_away(NEIGHBOUR_FAILED, &asked), "a failure from before means nothing");
    check(!neighbour_is_away(NEIGHBOUR_UNKNOWN, &asked), "nothing is known");
    check(!neighbour_is_away(NEIGHBOUR_ASKED, &asked), "the link is being asked");
    check(!neighbour_is_away(NEIGHBOUR_UNKNOWN, &asked), "the entry is gone");
    check(neighbour_is_away(NEIGHBOUR_FAILED, &asked), "nobody answered");
    return check_end();
}
