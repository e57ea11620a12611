/* Many new clients whose first requests take long, while the loop has other work. TAP. */
#include "test/unit/server/server_talk.h"

#include <signal.h>
#include <sys/epoll.h>

#define CROWD 40

static int ready[2];
static unsigned done, done_before;

/* The first call makes a descriptor ready. */
static bool work_slowly(void *arg, struct request *r)
{
    (void)arg;
    (void)r;
    if (!done++ && write(ready[1], "x", 1) != 1)
        check(false, "a full pipe");
    for (uint64_t until = loop_now() + 2; loop_now() < until;)
        ;
    return true;
}

static void note_done(struct watch *w, uint32_t events)
{
    char c;
    (void)events;
    if (read(w->fd, &c, 1) == 1)
        done_before = done;
}

/*
 * Root's clients, too: a program that asks about one destination after another connects anew for
 * each.
 */
static void test_crowd(void)
{
    int fd[CROWD];
    struct watch w = {.fd = -1};
    const struct btns_hdr m = header(1, 1);
    loop_watch(loop, &w, ready[0], EPOLLIN, note_done, NULL);
    for (int i = 0; i < CROWD; i++)
        if ((fd[i] = dial()) >= 0)
            say(fd[i], &m, sizeof m);
    for (int i = 0; i < 10000 && done < CROWD; i++)
        turn(1);
    check(done == CROWD && done_before && done_before < CROWD / 2,
          "new clients leave room for others, after %u of %u", done_before, done);
    loop_unwatch(loop, &w);
    for (int i = 0; i < CROWD; i++)
        close(fd[i]);
}

int main(void)
{
    char dir[80];
    struct err err = {""};
    signal(SIGPIPE, SIG_IGN);
    snprintf(socket_path, sizeof socket_path, "%s/s", scratch(dir, sizeof dir));
    loop = loop_new();
    struct server *server = server_new(loop, socket_path, work_slowly, NULL, &err);
    check(server && !pipe(ready), "it listens %s", err.text);
    test_crowd();
    server_free(server);
    loop_free(loop);
    scratch_remove(dir);
    return check_end();
}
