/* When another key that answers at a latched peer's address counts as the peer's. TAP. */
#include "btnsd/latch/keying/other_key.h"
#include "btnsd/latch/guard/guard.h"
#include "test/unit/check.h"

static const struct btns_key mallory = {.raw = {1}}, eve = {.raw = {2}};

/* After how many seconds of answers, one each second, does the key count as the peer's? */
static unsigned seconds_until(bool lost)
{
    struct meetings m = {0};
    for (unsigned s = 0; s < 60; s++)
        if (other_key_stays(&m, &mallory, lost, 1000 * (s + 1)))
            return s;
    return 0;
}

int main(void)
{
    struct meetings m = {0};
    check(!other_key_stays(&m, &mallory, true, 1000), "one answer: the peer may just be restarted");
    for (uint64_t ms = 1001; ms < 1400; ms++)
        if (other_key_stays(&m, &mallory, true, ms))
            m.n = 99;
    check(m.n == 1, "many answers of one moment are one");
    check(!other_key_stays(&m, &eve, true, 9000), "somebody else's later answer is a first one");
    check(!other_key_stays(&m, &mallory, true, 12000), "and so is the first one's again");
    check(other_key_stays(&m, &mallory, true, 15000), "the same key's again, after some time");
    m.n = 0;
    check(!other_key_stays(&m, &mallory, true, 18000), "once the peer was heard, that begins anew");

    const unsigned lost = seconds_until(true), unknown = seconds_until(false);
    check(lost == 2, "a peer that has lost its SAs is given 2 s: %u", lost);
    check(unknown == 6, "and where no SA can tell, as after a restart of btnsd, 6 s: %u", unknown);
    return check_end();
}
