/*
 * What btnsd does when an exchange has failed: every result in both phases, the limits that decide,
 * and the pauses. TAP.
 */
#include "btnsd/latch/keying/exchange_decide.h"
#include "test/unit/check.h"

#include <string.h>

#define NOW 1000000

/*
 * Facts: i introducing, p proving without an introduction, P after one; c certified, a another
 * certificate, l latched.
 */
static const struct test_case {
    enum ike_result result;
    const char *facts;
    unsigned tries, age; /* age: ms since the first failure */
    long limit;          /* ms until the last waiting connection gives up; 0: none waits */
    enum exchange_next next;
    const char *what;
} cases[] = {
    /* Each result of an exchange. */
    {IKE_AGAIN, "i", 0, 0, 10000, ATTEMPT_AGAIN, "introducing, its daemon restarts"},
    {IKE_AGAIN, "P", 0, 0, 10000, ATTEMPT_AGAIN, "proving, its daemon restarts"},
    {IKE_BROKEN, "i", 0, 0, 10000, ATTEMPT_LATER, "introducing without charon"},
    {IKE_BROKEN, "P", 40, 50000, -1, ATTEMPT_LATER, "proving without charon, late"},
    {IKE_SILENT, "i", 0, 0, 10000, ATTEMPT_ENDS, "introducing, nobody there"},
    {IKE_SILENT, "P", 0, 0, 10000, ATTEMPT_ENDS, "proving, nobody there"},
    {IKE_OK, "i", 0, 0, 10000, ATTEMPT_ENDS, "an introduction without a key"},
    {IKE_REFUSED, "i", 0, 0, 10000, ATTEMPT_ENDS, "introducing, refused"},
    {IKE_DECLINED, "i", 0, 0, 10000, ATTEMPT_ENDS, "introducing, declined"},
    {IKE_WRONG_PEER, "i", 0, 0, 10000, ATTEMPT_ENDS, "introducing, a certificate refused"},
    {IKE_WRONG_PEER, "ia", 0, 0, 10000, ATTEMPT_ENDS, "introducing, another certificate"},
    {IKE_REFUSED, "p", 0, 0, 10000, ATTEMPT_INTRODUCE, "a known peer refuses"},
    {IKE_DECLINED, "p", 0, 0, 10000, ATTEMPT_AGAIN, "a known peer declines: its listener may come"},
    {IKE_DECLINED, "p", 5, 310, 10000, ATTEMPT_AGAIN, "and declines again"},
    {IKE_DECLINED, "p", 6, 630, 10000, ATTEMPT_INTRODUCE, "and does not stop"},
    {IKE_DECLINED, "pc", 0, 0, 10000, ATTEMPT_INTRODUCE, "it may not have read our certificate"},
    {IKE_WRONG_PEER, "p", 0, 0, 10000, ATTEMPT_INTRODUCE, "a known peer has another key"},
    {IKE_REFUSED, "p", 9, 9000, 10, ATTEMPT_INTRODUCE, "a known peer refuses, late"},
    {IKE_REFUSED, "P", 0, 0, 10000, ATTEMPT_AGAIN, "refused after an introduction"},
    {IKE_DECLINED, "P", 0, 0, 10000, ATTEMPT_AGAIN, "declined after an introduction"},
    {IKE_WRONG_PEER, "P", 0, 0, 10000, ATTEMPT_ENDS, "a wrong key ends at once"},
    {IKE_WRONG_PEER, "Pc", 0, 0, 10000, ATTEMPT_ENDS, "a wrong certificate ends at once"},
    {IKE_WRONG_PEER, "Pca", 0, 0, 10000, ATTEMPT_ANOTHER, "another certificate is there"},
    /* The time limit of the waiting connections decides, however many attempts there were. */
    {IKE_REFUSED, "P", 9, 3000, 10000, ATTEMPT_AGAIN, "the tenth try"},
    {IKE_REFUSED, "Pc", 17, 8000, 10000, ATTEMPT_AGAIN, "the eighteenth, with a certificate"},
    {IKE_REFUSED, "P", 60, 55000, 3000, ATTEMPT_AGAIN, "the sixty-first, within a limit of 60 s"},
    {IKE_AGAIN, "i", 60, 55000, 3000, ATTEMPT_AGAIN, "introducing, within a limit of 60 s"},
    {IKE_REFUSED, "P", 3, 500, 161, ATTEMPT_AGAIN, "one more fits within the limit"},
    {IKE_REFUSED, "P", 3, 500, 160, ATTEMPT_ENDS, "none fits within the limit"},
    {IKE_AGAIN, "i", 3, 500, 160, ATTEMPT_ENDS, "introducing, none fits within the limit"},
    {IKE_REFUSED, "P", 0, 0, -1, ATTEMPT_ENDS, "the limit has passed"},
    /* No connection waits, or a new one waits for less time than the latched ones can bear. */
    {IKE_REFUSED, "P", 12, 8999, 0, ATTEMPT_AGAIN, "nobody waits, 9 s"},
    {IKE_REFUSED, "P", 12, 9000, 0, ATTEMPT_ENDS, "nobody waits, 10 s"},
    {IKE_AGAIN, "P", 12, 9000, 0, ATTEMPT_ENDS, "nobody waits for a restart, 10 s"},
    {IKE_REFUSED, "Pl", 5, 900, 100, ATTEMPT_AGAIN, "latched, and somebody waits for 1 s"},
    {IKE_REFUSED, "Pl", 12, 9000, 100, ATTEMPT_ENDS, "latched, and 10 s have passed"},
    {IKE_REFUSED, "Pl", 12, 9000, 40000, ATTEMPT_AGAIN, "latched, and somebody waits for longer"},
    /* A peer that knows this host and declines. */
    {IKE_DECLINED, "P", 9, 3000, 50000, ATTEMPT_AGAIN, "declined for 3 s"},
    {IKE_DECLINED, "P", 10, 4500, 50000, ATTEMPT_ENDS, "declined for 5 s"},
    {IKE_DECLINED, "P", 3, 500, 160, ATTEMPT_ENDS, "declined, and the limit is over before"},
    {IKE_DECLINED, "P", 10, 4500, 0, ATTEMPT_ENDS, "declined for 5 s, and nobody waits"},
    {IKE_DECLINED, "Pc", 10, 4500, 50000, ATTEMPT_AGAIN, "it may not have read our certificate"},
    /* A peer that has had time to read our certificate and rejects it. */
    {IKE_REFUSED, "Pc", 20, 13500, 46000, ATTEMPT_AGAIN, "our certificate refused for 13 s"},
    {IKE_REFUSED, "Pc", 22, 14500, 45000, ATTEMPT_ENDS, "our certificate refused for 15 s"},
    {IKE_DECLINED, "Pc", 22, 14500, 45000, ATTEMPT_ENDS, "the service declined for 15 s"},
    {IKE_REFUSED, "Pcl", 22, 14500, 0, ATTEMPT_ENDS, "latched, and refused for 15 s"},
    {IKE_AGAIN, "Pc", 22, 14500, 45000, ATTEMPT_AGAIN, "it is silent: that is no refusal"},
    {IKE_REFUSED, "Pc", 3, 500, 160, ATTEMPT_ENDS, "refused, and the limit is over before"},
};

static void decide_case(const struct test_case *c)
{
    const struct attempt a = {
        .result = c->result,
        .proving = !strchr(c->facts, 'i'),
        .introduced = strchr(c->facts, 'P') != NULL,
        .certified = strchr(c->facts, 'c') != NULL,
        .another = strchr(c->facts, 'a') != NULL,
        .latched = strchr(c->facts, 'l') != NULL,
        .tries = c->tries,
        .now = NOW,
        .since = NOW - c->age,
        .limit = c->limit ? (uint64_t)(NOW + c->limit) : 0,
    };
    enum exchange_next next = exchange_next(&a);
    check(next == c->next, "%s: %d", c->what, next);
}

static void walk_pauses(void)
{
    unsigned sum = 0, last = 0, tries = 1;
    bool grows = true;
    for (; sum < 60000; tries++) {
        unsigned ms = exchange_pause(tries);
        grows &= ms >= last && ms > 0;
        sum += last = ms;
    }
    check(grows && last <= 1000, "pauses become longer, up to 1 s");
    check(tries > 20, "so a slow peer is asked often within 60 s: %u times", tries);
    sum = 0;
    for (tries = 1; sum < 2000; tries++)
        sum += exchange_pause(tries);
    check(tries >= 9, "and a restarted one within 2 s: %u times", tries);
}

int main(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        decide_case(cases + i);
    walk_pauses();
    return check_end();
}
