/* A recent failure: to which callers it applies, for how long, and what ends it. TAP. */
#include "btnsd/state/recent_failures.h"
#include "btnsd/base/loop.h"
#include "test/unit/check.h"

#include <string.h>
#include <sys/socket.h>

#define ALICE 1000u
#define BOB   1001u

static struct recent_failures f;

static struct btns_addr addr(unsigned n, uint16_t port)
{
    struct btns_addr a = {.family = AF_INET,
                          .port = port,
                          .ip = {10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
    return a;
}

static struct recent_failure *item_of(const struct btns_addr *a)
{
    for (size_t i = 0; i < RECENT_SETS; i++)
        for (size_t j = 0; j < RECENT_WAYS; j++)
            if (f.item[i][j].until && btns_addr_ip_equal(&f.item[i][j].addr, a))
                return &f.item[i][j];
    return NULL;
}

static bool says(const char *text, const char *what)
{
    return text && !strcmp(text, what);
}

static void test_whose(void)
{
    struct btns_addr a = addr(1, 80), b = addr(1, 443), other = addr(2, 80);
    check(!recent_failure_find(&f, &a, ALICE) && !recent_failure_shut(&f, &a, false),
          "nothing failed");
    recent_failure_add(&f, &a, ALICE, "its key is refused");
    check(says(recent_failure_find(&f, &b, ALICE), "its key is refused"), "on every port");
    check(!recent_failure_find(&f, &other, ALICE), "and at no other address");
    check(!recent_failure_find(&f, &a, BOB),
          "what one user's rule refuses weakens nothing of another user's");
    check(!recent_failure_shut(&f, &a, false), "and rules that demand protection try each time");
    recent_failure_silent(&f, &a, "nobody answers");
    check(says(recent_failure_find(&f, &a, BOB), "nobody answers") &&
              says(recent_failure_shut(&f, &b, false), "nobody answers"),
          "that nobody is there counts for all");
    recent_failure_add(&f, &a, BOB, "no time");
    check(says(recent_failure_shut(&f, &a, false), "nobody answers"),
          "and is not forgotten for less");
    check(recent_failure_forget(&f, &a) && !recent_failure_find(&f, &a, BOB) &&
              !recent_failure_shut(&f, &a, false) && !recent_failure_forget(&f, &a),
          "until somebody is");
    char text[400];
    memset(text, 'y', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    recent_failure_silent(&f, &a, text);
    check(strlen(recent_failure_find(&f, &a, BOB)) == sizeof f.item[0][0].why - 1,
          "a long reason is cut");
    recent_failure_forget(&f, &a);
}

static void test_times(void)
{
    struct btns_addr a = addr(3, 0);
    uint64_t ms[6];
    for (int i = 0; i < 6; i++) {
        recent_failure_silent(&f, &a, "x");
        ms[i] = item_of(&a)->shut - loop_now();
        item_of(&a)->shut = loop_now();
    }
    check(ms[0] <= RECENT_SILENCE_MS && ms[0] > RECENT_SILENCE_MS - 1000 &&
              ms[1] > RECENT_SILENCE_MS && ms[5] <= RECENT_FAILURE_MS && ms[5] > ms[1],
          "each silence after another counts for longer, up to a limit");
    check(recent_failure_shut(&f, &a, true), "a known peer has just been asked, too");
    item_of(&a)->shut = loop_now() + RECENT_FAILURE_MS;
    item_of(&a)->until -= RECENT_KNOWN_MS;
    check(recent_failure_shut(&f, &a, false) && !recent_failure_shut(&f, &a, true),
          "and is asked again soon, however often it was silent");
    item_of(&a)->shut = loop_now();
    check(!recent_failure_shut(&f, &a, false) && recent_failure_find(&f, &a, BOB),
          "rules that prefer are patient for longer");
    item_of(&a)->until = loop_now();
    check(!recent_failure_find(&f, &a, BOB), "and ask again after a while");
    item_of(&a)->until = loop_now() - RECENT_FAILURE_MS;
    recent_failure_silent(&f, &a, "x");
    check(item_of(&a)->shut - loop_now() <= RECENT_SILENCE_MS,
          "what is long past counts for nothing");
}

static void test_room(void)
{
    enum { MANY = 100000 };
    struct btns_addr last = addr(MANY - 1, 0);
    for (unsigned i = 0; i < MANY; i++) {
        struct btns_addr a = addr(i, 0);
        recent_failure_silent(&f, &a, "x");
    }
    check(recent_failure_shut(&f, &last, false),
          "%d hosts in %zu places: newer ones displace older ones", MANY,
          sizeof f.item / sizeof f.item[0][0]);
}

int main(void)
{
    test_whose();
    test_times();
    test_room();
    return check_end();
}
