/*
 * Clients that do not read their answers: their further requests wait, lists wait, and at last they
 * are disconnected. TAP.
 */
#include "test/unit/server/server_handler.h"

static void test_back_pressure(void)
{
    int a = dial(), b = dial(), taken = 0;
    struct btns_end_msg m;
    handled = 0;
    turn(5);
    for (int round = 0; round < 50; round++) {
        struct btns_hdr h = header(ECHO, 0);
        while (say(a, &h, sizeof h) > 0)
            taken++;
        turn(2);
    }
    check(handled < 2000 && taken >= (int)handled,
          "who reads no answers has no more requests read (%u of %d)", handled, taken);
    check(!is_closed(b) && echoes(b, 5), "and others are served");
    ssize_t n;
    unsigned got = 0;
    for (int quiet = 0; quiet < 5; quiet++)
        for (turn(5); (n = hear(a, &m, sizeof m)) > 0; quiet = 0)
            got += n == sizeof m;
    check(got == (unsigned)taken && handled == got + 1, "every answer comes in the end (%u)", got);
    close(a);
    close(b);
    turn(5);
}

static void test_lists(void)
{
    struct btns_end_msg m;
    int a = dial(), b = dial();
    uint32_t at = 0, wrong = 0;
    lists_freed = 0;
    ask(a, LIST, 0);
    ask(a, ECHO, 4711);
    turn(20);
    check(echoes(b, 1) && !lists_freed, "a list that is not read keeps nobody else waiting");
    for (int rounds = 0; at < ENTRIES + 1 && rounds < 2000; rounds++) {
        for (ssize_t n; (n = hear(a, &m, sizeof m)) > 0; at++)
            wrong += n != sizeof m || m.hdr.id != (at < ENTRIES ? at : 4711);
        turn(1);
    }
    check(at == ENTRIES + 1 && !wrong,
          "%u messages come in order and whole, and then the next answer", at);
    check(lists_freed == 1, "and the list is freed");
    ask(a, LIST, 0);
    ask(b, LIST, 0);
    turn(10);
    close(a);
    turn(10);
    check(lists_freed == 2, "as it is when the client goes away");
    ask(b, LIST, 0);
    ask(b, LIST, 0);
    drain();
    close(b);
    turn(10);
    check(lists_freed == 5, "all of them");
}

/* 10 s: longer than server.h lets a client not read */
static void test_stuck(void)
{
    int a = dial(), b = dial(), c = dial();
    struct btns_end_msg m;
    lists_freed = 0;
    ask(a, LIST, 0);
    ask(b, LIST, 0);
    ask(c, WAIT, 0);
    for (int i = 0; i < 24; i++) {
        turn(500);
        hear(b, &m, sizeof m);
        hear(b, &m, sizeof m);
    }
    check(lists_freed == 1 && is_closed(a), "who reads nothing for 10 s is closed");
    check(!is_closed(c), "who waits for an answer is not");
    while (hear(b, &m, sizeof m) > 0)
        turn(1);
    check(lists_freed == 2 && !is_closed(b), "nor is who reads slowly");
    close(a);
    close(b);
    close(c);
    turn(5);
}

static void tests(void)
{
    test_back_pressure();
    test_lists();
    test_stuck();
}

int main(void)
{
    return server_main(tests);
}
