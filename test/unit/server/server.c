/*
 * btnsd's socket: whole messages with their senders' credentials, clients that leave, and where the
 * socket's file is. TAP.
 */
#include "test/unit/server/server_handler.h"

static void test_messages(void)
{
    int a = dial(), b = dial(), early = dial();
    char big[BTNS_MSG_MAX + 1] = {0};
    ask(early, NOTE, 1);
    handled = 0;
    turn(20);
    check(handled == 1 && last_from.pid == getpid() && last_from.uid == getuid(),
          "a message sent before accept() has its sender's credentials");
    check(echoes(a, 77), "a message is answered");
    say(b, big, sizeof(struct btns_hdr) - 1);
    turn(5);
    check(is_closed(b), "one shorter than a header closes the connection");
    close(b);
    b = dial();
    say(b, big, 0);
    turn(5);
    check(is_closed(b), "an empty one as well");
    close(b);
    b = dial();
    handled = 0;
    say(b, big, sizeof big);
    turn(5);
    check(is_closed(b) && !handled, "one longer than any is refused, not cut");
    close(b);
    b = dial();
    *(struct btns_hdr *)big = header(NOTE, 0);
    say(b, big, BTNS_MSG_MAX);
    turn(5);
    check(handled == 1 && !is_closed(b), "the longest one is taken");
    ask(b, CLOSE, 0);
    turn(5);
    check(is_closed(b), "the handler closes");
    check(echoes(a, 78), "others are not touched");
    close(a);
    close(b);
    close(early);
}

static void test_going(void)
{
    int a = dial();
    gone = 0;
    ask(a, WAIT, 0);
    turn(5);
    bool waits = client_is_waiting(last_client);
    close(a);
    turn(5);
    check(waits && gone == 1, "what waits for a client is told once that it went");
    a = dial();
    ask(a, WAIT, 0);
    turn(5);
    client_on_gone(last_client, NULL, NULL);
    check(!client_is_waiting(last_client), "unless it waits no more");
    close(a);
    turn(5);
    check(gone == 1, "and then it is not");
}

static void test_place(void)
{
    struct err err = {""};
    check(!server_new(loop, socket_path, handler, NULL, &err) && strstr(err.text, "another"),
          "a second server is refused: %s", err.text);
    server_free(server);
    check(access(socket_path, F_OK), "the socket's file goes with it");
    server = server_new(loop, socket_path, handler, NULL, &err);
    int a = dial();
    check(server && echoes(a, 2), "and it may start again");
    close(a);
}

static void tests(void)
{
    test_messages();
    test_going();
    test_place();
}

int main(void)
{
    return server_main(tests);
}
