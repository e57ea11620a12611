/* A user's time in one round of the loop. TAP. */
#include "btnsd/server/turn.h"
#include "test/unit/check.h"

int main(void)
{
    static struct turns t = {.seed = 1}; /* otherwise random: now and then two share a place */
    turn_spend(&t, 1000, 1, TURN_NS - 1);
    check(turn_left(&t, 1000, 1), "a user has time");
    turn_spend(&t, 1000, 1, 1);
    check(!turn_left(&t, 1000, 1), "until it is spent, with whatever connection");
    unsigned others = 0;
    for (uid_t uid = 2000; uid < 2100; uid++)
        others += turn_left(&t, uid, 1);
    check(others == 100, "other users have theirs");
    check(turn_left(&t, 1000, 2), "and the user again in the next round");
    turn_spend(&t, 0, 1, 100 * TURN_NS);
    check(turn_left(&t, 0, 1), "root has no limit");
    check(turn_clock() <= turn_clock(), "the clock does not go back");
    return check_end();
}
