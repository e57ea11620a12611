/*
 * Everything that was sent to btnsd's socket before a mark is read before the daemon goes on. TAP.
 */
#include "test/unit/server/server_handler.h"

static void test_drain(void)
{
    int fd[20];
    for (int i = 0; i < 20; i++) {
        fd[i] = dial();
        if (i % 2)
            turn(2);
        for (int n = 0; n < 100; n++)
            ask(fd[i], NOTE, (unsigned)n);
    }
    int reader = dial();
    ask(reader, LIST, 0);
    turn(0);
    handled = 0;
    ask(reader, NOTE, 0);
    for (int i = 0; i < 20; i++)
        ask(fd[i], NOTE, 0);
    drain();
    check(handled >= 20, "drained");
    turn(20);
    handled = 0;
    for (int i = 0; i < 20; i++)
        for (int n = 0; n < 100; n++)
            ask(fd[i], NOTE, 0);
    ask(reader, NOTE, 4);
    int late = dial();
    for (int n = 0; n < 100; n++)
        ask(late, NOTE, 5);
    drain();
    check(handled == 2101,
          "a drain reads all that was sent: long queues, unread answers, not accepted yet (%u)",
          handled);
    handled = 0;
    ask(fd[0], DRAIN, 0);
    ask(fd[1], NOTE, 0);
    turn(5);
    check(handled == 2, "a handler may drain");
    handled = 0;
    ask(fd[0], CLOSE, 0);
    ask(fd[0], NOTE, 0);
    drain();
    turn(5);
    check(handled == 1 && is_closed(fd[0]), "a drained client may be closed");
    for (int i = 0; i < 20; i++)
        close(fd[i]);
    close(late);
    close(reader);
    turn(10);
}

static void tests(void)
{
    test_drain();
}

int main(void)
{
    return server_main(tests);
}
