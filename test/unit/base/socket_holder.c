/*
 * Does any process still hold a socket that a dead program passed to btnsd? Forked children count,
 * and so do processes to which the program has passed the socket (L21). TAP.
 */
#include "btnsd/base/socket_holder.h"
#include "test/unit/check.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct loop *loop;
static int gone;

static void stop_turn(struct timer *t)
{
    loop_stop(t->arg);
}

static void turn(unsigned ms)
{
    struct timer t = {0};
    loop_after(loop, &t, ms, stop_turn, loop);
    loop_run(loop);
}

static void on_gone(void *arg)
{
    holder_end(arg);
    gone++;
}

/* Forks a process that holds this socket, and none of the test's others. */
static pid_t child(const int *fd)
{
    pid_t pid = fork();
    if (pid == 0) {
        for (int i = 3; i < 256; i++)
            if (!fd || i != *fd)
                close(i);
        raise(SIGSTOP);
        pause();
        _exit(0);
    }
    waitpid(pid, NULL, WUNTRACED); /* until it has closed the others */
    kill(pid, SIGCONT);
    return pid;
}

static void kill_it(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static bool becomes_gone(int how_many)
{
    for (int i = 0; i < 4000 && gone < how_many; i++)
        turn(10);
    return gone == how_many;
}

static void test_one(void)
{
    static struct holder h;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pid_t first = child(&fd), second = child(&fd);
    holder_begin(&h, loop, fd, first, on_gone, &h);
    turn(50);
    check(!gone, "its program lives");
    kill_it(first);
    turn(200);
    check(!gone && h.watch.ready, "it died, but a child of its has the socket");
    kill_it(second);
    check(becomes_gone(1), "both died: nobody has it but we");
    close(fd);
}

static void test_dead_before(void)
{
    static struct holder h;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pid_t pid = child(&fd);
    kill_it(pid);
    gone = 0;
    holder_begin(&h, loop, fd, pid, on_gone, &h);
    check(!gone && becomes_gone(1), "it was dead already when we heard of it");
    close(fd);
}

static bool becomes_held(const struct holder *h, pid_t pid)
{
    for (int i = 0; i < 4000 && h->pid != pid; i++)
        turn(10);
    return h->pid == pid;
}

/* The program is alive, but has closed the socket. */
static void test_closed(void)
{
    static struct holder h, other;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int unused = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pid_t with = child(&fd), without = child(&unused);
    gone = 0;
    holder_begin(&h, loop, fd, with, on_gone, &h);
    check(holder_find(&h) == with, "which process has it is found at once");
    holder_check(&h);
    check(becomes_held(&h, with) && !gone, "asked for a look, it finds the same process again");
    holder_begin(&other, loop, fd, without, on_gone, &other);
    holder_check(&other);
    check(becomes_held(&other, with) && !gone, "or another one that has it");
    kill_it(with);
    check(becomes_gone(2) && !holder_find(&h), "and none when none has it");
    holder_end(&h);
    holder_end(&other);
    kill_it(without);
    close(fd);
    close(unused);
}

static void test_end(void)
{
    static struct holder h, i, j;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pid_t pid = child(&fd);
    gone = 0;
    holder_begin(&h, loop, fd, pid, on_gone, &h);
    holder_begin(&i, loop, fd, pid, on_gone, &i);
    holder_end(&h);
    holder_end(&j);
    kill_it(pid);
    turn(1);
    holder_end(&i);
    turn(200);
    check(!gone, "who is no longer interested is not called");
    close(fd);
}

static void test_many(void)
{
    enum { MANY = 200 };
    static struct holder h[MANY];
    int fd[MANY];
    pid_t pid = child(NULL), keeper;
    for (int i = 0; i < MANY; i++)
        fd[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    keeper = child(&fd[7]);
    gone = 0;
    for (int i = 0; i < MANY; i++)
        holder_begin(&h[i], loop, fd[i], pid, on_gone, &h[i]);
    kill_it(pid);
    check(becomes_gone(MANY - 1) && h[7].watch.ready, "of many, all but the one that is kept");
    kill_it(keeper);
    check(becomes_gone(MANY), "and then that");
    for (int i = 0; i < MANY; i++)
        close(fd[i]);
}

/* The datagram socket with its destinations: it is passed once for each. */
static void test_same_socket(void)
{
    enum { MANY = 5 };
    static struct holder h[MANY];
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), held = 0;
    pid_t pid = child(&fd);
    gone = 0;
    for (int i = 0; i < MANY; i++) {
        holder_begin(&h[i], loop, fd, pid, on_gone, &h[i]);
        holder_check(&h[i]);
    }
    for (int i = 0; i < MANY; i++)
        held += becomes_held(&h[i], pid);
    check(held == MANY && !gone, "a socket that was passed %d times is found for each (%d)", MANY,
          held);
    kill_it(pid);
    check(becomes_gone(MANY), "and ends for each (%d)", gone);
    close(fd);
}

int main(void)
{
    loop = loop_new();
    test_one();
    test_dead_before();
    test_closed();
    test_same_socket();
    test_end();
    test_many();
    loop_free(loop);
    return check_end();
}
