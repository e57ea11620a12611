/*
 * For the tests of btnsd's socket, in addition to server_talk.h: a server whose handler does what a
 * message's type says, and counts.
 */
#ifndef BTNS_TEST_UNIT_SERVER_SERVER_HANDLER_H
#define BTNS_TEST_UNIT_SERVER_SERVER_HANDLER_H

#include "test/unit/server/server_talk.h"

#include <signal.h>
#include <sys/stat.h>

static struct server *server;

/* What the handler does is in the message's type. */
enum { NOTE = 1, ECHO, CLOSE, WAIT, LIST, KEEP, DRAIN };

static unsigned handled, gone, with_fd, lists_freed;
static struct ucred last_from;
static struct client *last_client;
static struct btns_hdr last_hdr;

static inline void on_gone(void *arg)
{
    gone++;
    *(int *)arg += 1;
}

#define ENTRIES 5000u
struct numbers {
    struct list list;
    uint32_t at;
};

static inline size_t next_number(struct list *l, void *buf)
{
    struct numbers *n = (struct numbers *)l;
    struct btns_end_msg m = {.hdr = header(BTNS_REP_END, n->at)};
    if (n->at++ >= ENTRIES)
        return 0;
    memcpy(buf, &m, sizeof m);
    return sizeof m;
}

static inline void numbers_free(struct list *l)
{
    lists_freed++;
    free(l);
}

static inline bool handler(void *arg, struct request *r)
{
    static int waiting;
    struct btns_end_msg m = {.hdr = *r->hdr};
    struct numbers *n;
    (void)arg;
    handled++;
    last_from = r->from;
    last_client = r->client;
    last_hdr = *r->hdr;
    with_fd += r->fd >= 0;
    switch (r->hdr->type) {
    case ECHO:
        client_send(r->client, &m, sizeof m, -1);
        break;
    case CLOSE:
        return false;
    case WAIT:
        client_on_gone(r->client, on_gone, &waiting);
        break;
    case LIST:
        n = calloc(1, sizeof *n);
        n->list = (struct list){.make = next_number, .free = numbers_free};
        client_list(r->client, &n->list, r->from.uid);
        break;
    case KEEP:
        r->fd = -1;
        break;
    case DRAIN:
        server_read_until(server, server_mark(server));
        break;
    }
    return true;
}

static inline void ask(int fd, unsigned type, unsigned id)
{
    struct btns_hdr h = header(type, id);
    say(fd, &h, sizeof h);
}

static inline bool echoes(int fd, unsigned id)
{
    struct btns_end_msg m;
    ssize_t n = -1;
    ask(fd, ECHO, id);
    for (int i = 0; i < 1000 && n < 0; i++) {
        turn(5);
        n = hear(fd, &m, sizeof m);
    }
    return n == sizeof m && m.hdr.id == id;
}

/* Handles everything that was sent so far. */
static inline void drain(void)
{
    uint64_t mark = server_mark(server);
    while (!server_read_until(server, mark))
        turn(1);
}

/* Runs the tests with a server that listens. */
static inline int server_main(void (*tests)(void))
{
    char dir[80];
    struct err err = {""};
    signal(SIGPIPE, SIG_IGN);
    snprintf(socket_path, sizeof socket_path, "%s/s", scratch(dir, sizeof dir));
    chmod(dir, 0755);
    loop = loop_new();
    server = server_new(loop, socket_path, handler, NULL, &err);
    check(server != NULL, "it listens %s", err.text);
    tests();
    server_free(server);
    loop_free(loop);
    scratch_remove(dir);
    return check_end();
}

#endif
