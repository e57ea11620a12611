/* When a SYN has been unanswered for so long that the peer may have lost its SAs. TAP. */
#include "btnsd/latch/keying/unanswered.h"
#include "test/unit/check.h"

int main(void)
{
    check(unanswered_wait(0) == 300 && unanswered_wait(40) == 300, "a fast peer has 300 ms");
    check(unanswered_wait(600) == 600, "a slow one as long as its proof took");
    check(unanswered_wait(5000) == 900, "at most until the SYN is sent again");
    check(!unanswered_long(1000, 300) && !unanswered_long(701, 300), "a young SYN may be answered");
    check(unanswered_long(700, 300) && unanswered_long(10, 300), "one that has waited is old");
    check(unanswered_long(1900, 900), "and so is one that was sent again");
    return check_end();
}
