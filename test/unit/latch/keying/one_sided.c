/* Packets are sent but none arrives: when the peer has to prove its key again. TAP. */
#include "btnsd/latch/keying/one_sided.h"
#include "btnsd/latch/guard/guard.h"
#include "test/unit/check.h"

/*
 * The number of checks, each with one more packet sent, after which the peer is asked; 0: more than
 * `most`.
 */
static unsigned asked_after(struct traffic *t, unsigned most)
{
    for (unsigned n = 1; n <= most; n++)
        if (one_sided_look(t, t->out + 1, t->in))
            return n;
    return 0;
}

/* The evidence that a peer is gone (other_key.h): a peer that is alive must never give it. */
static void test_silence(void)
{
    struct traffic t = {0};
    one_sided_look(&t, 100, 100);
    for (unsigned n = 0; n < 100; n++)
        one_sided_look(&t, t.out, t.in);
    check(!one_sided_silent(&t), "a peer to which nothing is sent is not silent");
    one_sided_look(&t, t.out + 9, t.in);
    check(!one_sided_silent(&t), "nor one that had no time to answer");
    one_sided_look(&t, t.out, t.in);
    one_sided_look(&t, t.out, t.in);
    check(one_sided_silent(&t), "one that does not answer for some seconds is");
    one_sided_look(&t, t.out, t.in + 1);
    check(!one_sided_silent(&t), "a single packet ends that");
    for (unsigned n = 0; n < 9; n++)
        one_sided_look(&t, t.out + (n < 2), t.in);
    check(!one_sided_silent(&t), "two packets may be lost");
    one_sided_look(&t, t.out + 2, t.in);
    check(one_sided_silent(&t), "more are not");
    one_sided_look(&t, 5, t.in);
    check(!one_sided_silent(&t), "new SAs begin anew");
}

static void test_refusals(void)
{
    struct traffic t = {0};
    one_sided_refused(&t);
    check(!one_sided_look(&t, t.out, t.in), "a peer to which nothing is sent is not asked again");
    one_sided_look(&t, t.out + 1, t.in);
    unsigned asked = 0;
    do
        one_sided_refused(&t);
    while (one_sided_look(&t, t.out, t.in) && ++asked < 1000);
    check(asked == 10, "one that refuses is asked each second, not for ever: %u times", asked);
    one_sided_look(&t, t.out, t.in + 1);
    one_sided_look(&t, t.out + 1, t.in);
    one_sided_refused(&t);
    check(one_sided_look(&t, t.out, t.in), "when it was heard meanwhile, that begins anew");
}

int main(void)
{
    test_silence();
    test_refusals();

    struct traffic t = {0};
    for (unsigned n = 1; n < 100; n++)
        if (one_sided_look(&t, n, n))
            t.looks = 1000;
    check(t.looks < 1000, "what is answered is no reason to ask");
    bool asked = false;
    for (unsigned n = 0; n < 100; n++)
        asked |= one_sided_look(&t, t.out, t.in);
    check(!asked, "nor is silence of both");
    check(asked_after(&t, 100) == 2, "two looks with packets out and none in are");
    one_sided_look(&t, t.out + 1, t.in);
    one_sided_look(&t, t.out, t.in);
    check(asked_after(&t, 100) == 1, "not one after the other: TCP sends ever more seldom");
    check(asked_after(&t, 100) == 2, "a peer that has not answered is asked again as soon");

    one_sided_proved(&t);
    check(asked_after(&t, 100) == 8, "one that has, and sends nothing, later");
    unsigned most = 0;
    for (int i = 0; i < 10; i++) {
        one_sided_proved(&t);
        most = asked_after(&t, 10000);
    }
    check(most == 512, "and ever later, up to a limit: %u looks", most);
    check(!one_sided_look(&t, 1, 0) && t.looks == 0 && t.vain, "other SAs count anew");
    one_sided_look(&t, 2, 1);
    check(!asked_after(&t, 500), "that it sends something now and then changes nothing");
    for (unsigned n = 0; n < 300; n++)
        one_sided_look(&t, t.out, t.in + 1);
    check(asked_after(&t, 100) == 2, "when it has answered for minutes, all begins anew");
    return check_end();
}
