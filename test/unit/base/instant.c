/* A moment in time, for comparison with packets' time stamps. TAP. */
#include "btnsd/base/instant.h"
#include "test/unit/check.h"

#define S 1000000000LL

int main(void)
{
    /*
     * btnsd has seen the moment at 100 s since the boot, when the clock said 5000 s. The question
     * comes 60 s later.
     */
    const struct instant then = {100 * S, 5000 * S, 1000}, now = {160 * S, 5060 * S, 1000},
                         none = {0, 0, 0};
    struct instant set = now;
    check(instant_surely_before(&then, &now, 5030 * S), "before a packet of 30 s later");
    check(!instant_surely_before(&then, &now, 4999 * S), "not before one of a second earlier");
    check(!instant_surely_before(&then, &now, 5000 * S) &&
              !instant_surely_before(&then, &now, 5000 * S + 1000),
          "nor before one of the same moment");
    check(!instant_surely_before(&then, &now, 0) && !instant_surely_before(&then, &now, -1),
          "nor before one without a stamp");
    check(!instant_surely_before(&then, &now, 5061 * S), "nor before one of the future");
    check(!instant_surely_before(&none, &now, 5030 * S), "nothing is before what is not known");
    check(!instant_surely_before(&now, &then, 5030 * S), "nor with times the wrong way round");
    set.real += 1 * S;
    check(!instant_surely_before(&then, &set, 5030 * S), "nor when the clock was set forward");
    set.real -= 2 * S;
    check(!instant_surely_before(&then, &set, 5030 * S), "or back");
    set = now;
    set.apart = 40 * S;
    check(!instant_surely_before(&then, &set, 5030 * S),
          "nor when the two clocks were not read at once");
    set = now;
    set.real += 2000;
    check(instant_surely_before(&then, &set, 5030 * S) && !instant_clock_was_set(&then, &set),
          "what the readings are apart is no set clock");
    set.real += 1;
    check(!instant_surely_before(&then, &set, 5030 * S) && instant_clock_was_set(&then, &set),
          "a nanosecond more is one");
    check(instant_surely_before(&then, &now, 5000 * S + 2001) &&
              !instant_surely_before(&then, &now, 5000 * S + 2000),
          "a minute later, what came two microseconds after it is told");
    check(instant_surely_after(&then, &now, 4990 * S, 9 * S) &&
              !instant_surely_after(&then, &now, 4990 * S, 10 * S) &&
              !instant_surely_after(&then, &now, 5030 * S, 0) &&
              !instant_surely_after(&then, &now, 0, 0) &&
              !instant_surely_after(&none, &now, 4990 * S, 0) &&
              !instant_surely_after(&then, &set, 4990 * S, 0),
          "after a packet of so long before, and not when the clock was set");
    const struct instant here = instant_now();
    check(here.mono > 0 && here.apart >= 0 && here.real > 1600000000 * S, "now");
    return check_end();
}
