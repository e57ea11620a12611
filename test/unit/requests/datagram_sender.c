/* Who sent a datagram that waited in a socket. TAP. */
#include "btnsd/requests/datagram_sender.h"
#include "test/unit/check.h"

#define S 1000000000LL

static const struct instant now = {200 * S, 5200 * S, 0}, long_ago = {100 * S, 5100 * S, 0},
                            lately = {190 * S, 5190 * S, 0};

static enum sent_by by(enum guard_state state, const struct instant *since, int64_t stamp)
{
    static struct guard g;
    g = (struct guard){.state = state, .up_since = *since};
    return datagram_sent_by(&g, &lately, &now, stamp);
}

int main(void)
{
    check(by(GS_UP, &long_ago, 5150 * S) == SENT_BY_PEER &&
              by(GS_CLOSING, &long_ago, 5150 * S) == SENT_BY_PEER,
          "what came while the guard was up is its peer's");
    check(by(GS_UP, &lately, 5150 * S) == SENT_BY_UNKNOWN,
          "what came before it was is nobody's: another may have had the address");
    check(by(GS_UP, &long_ago, 0) == SENT_BY_UNKNOWN, "nor what has no stamp");
    for (enum guard_state s = 0; s < GS_STATES; s++)
        check(s == GS_UP || s == GS_CLOSING || by(s, &long_ago, 5150 * S) == SENT_BY_UNKNOWN,
              "not in the state %s", guard_state_name(s));
    check(datagram_sent_by(NULL, &long_ago, &now, 5150 * S) == SENT_IN_CLEAR,
          "without a guard it came in the clear");
    check(datagram_sent_by(NULL, &lately, &now, 5150 * S) == SENT_BY_UNKNOWN,
          "unless one has ended since");
    return check_end();
}
