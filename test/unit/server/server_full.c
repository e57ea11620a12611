/* A client that sends faster than it is read, until there is no room. TAP. */
#include "test/unit/server/server_talk.h"

#include <signal.h>

static struct server *server;
static unsigned handled, full;

static bool note(void *arg, struct request *r)
{
    (void)arg;
    handled++;
    full += client_was_full(r->client);
    return true;
}

/* Sends `most` messages, or as many as there is room for; returns how many. */
static unsigned flood(int fd, unsigned most)
{
    struct btns_flow f = {.hdr = header(1, 1)};
    unsigned n = 0;
    while (n < most && send(fd, &f, sizeof f, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof f)
        n++;
    return n;
}

static void handle(unsigned n)
{
    handled = full = 0;
    for (int i = 0; i < 1000 && handled < n; i++)
        turn(1);
}

static void tests(void)
{
    int fd = dial();
    unsigned n = flood(fd, 100);
    handle(n);
    check(n == 100 && handled == n && !full, "some messages are read in time (%u)", handled);
    n = flood(fd, 100000);
    handle(n);
    check(n < 100000 && handled == n && full, "a full connection is noticed (%u, %u times)", n,
          full);
    handle(flood(fd, 1));
    check(handled == 1 && !full, "and not for ever");
    flood(fd, 100000);
    handled = full = 0;
    server_read_until(server, server_mark(server));
    check(full, "also when everything is read at once (%u)", handled);
    close(fd);
    turn(1);
}

int main(void)
{
    char dir[80];
    struct err err = {""};
    signal(SIGPIPE, SIG_IGN);
    snprintf(socket_path, sizeof socket_path, "%s/s", scratch(dir, sizeof dir));
    loop = loop_new();
    server = server_new(loop, socket_path, note, NULL, &err);
    check(server, "it listens %s", err.text);
    tests();
    server_free(server);
    loop_free(loop);
    scratch_remove(dir);
    return check_end();
}
