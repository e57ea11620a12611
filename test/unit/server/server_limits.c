/* One user's share of btnsd's socket: connections, messages in a turn, files in flight. TAP. */
#include "test/unit/server/server_handler.h"

#include "btnsd/server/passed_fds.h"

#include <grp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define NOBODY 65534

static struct {
    bool all;            /* set by the child */
    volatile bool count; /* set by the parent */
    unsigned still;      /* the child's open connections */
    unsigned sent;       /* messages whose sending did not fail */
} * dialled;

static void as_nobody(void (*what)(void))
{
    unsigned before = 0, quiet = 0;
    pid_t pid = fork();
    if (pid == 0) {
        if (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY))
            _exit(1);
        what();
        _exit(0);
    }
    for (int i = 0; i < 20000 && waitpid(pid, NULL, WNOHANG) != pid; i++) {
        turn(10);
        quiet = dialled->all && handled == before ? quiet + 1 : 0;
        dialled->count = quiet > 30; /* no more messages are coming */
        before = handled;
    }
    turn(100);
}

static void dial_many(void)
{
    for (int i = 0; i < 3000; i++) {
        int fd = dial();
        if (fd < 0)
            break;
        const struct btns_hdr h = header(NOTE, 0);
        dialled->sent += say(fd, &h, sizeof h) == sizeof h;
    }
    for (dialled->all = true; !dialled->count;)
        usleep(1000);
    for (int fd = 3; fd < 4000; fd++)
        dialled->still += fcntl(fd, F_GETFD) >= 0 && recv(fd, &fd, 0, MSG_PEEK | MSG_DONTWAIT) < 0;
}

static void send_many(void)
{
    int fd[10];
    const struct btns_hdr h = header(NOTE, 0);
    for (int i = 0; i < 10; i++) {
        fd[i] = dial();
        for (int n = 0; n < 200; n++)
            dialled->sent += say(fd[i], &h, sizeof h) == sizeof h;
    }
    for (dialled->all = true; !dialled->count;) /* sends without end */
        for (int i = 0; i < 10; i++)
            say(fd[i], &h, sizeof h);
}

/*
 * A user sends without end: btnsd reads a limited number of messages at a time, but all that were
 * sent before a mark.
 */
static void test_overtime(void)
{
    if (geteuid()) {
        check(true, "overtime # SKIP needs root");
        return;
    }
    *dialled = (typeof(*dialled)){.all = false};
    pid_t pid = fork();
    if (pid == 0) {
        if (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY))
            _exit(1);
        send_many();
        _exit(0);
    }
    while (!dialled->all)
        usleep(1000);
    handled = 0;
    uint64_t mark = server_mark(server);
    bool all = server_read_until(server, mark);
    check(!all && handled == SERVER_OVERTIME, "of a user so many messages are read at once (%u)",
          handled);
    check(!server_read_until(server, mark) && handled == SERVER_OVERTIME,
          "and no more in this round");
    for (int i = 0; i < 100000 && !all; i++) {
        turn(1);
        all = server_read_until(server, mark);
    }
    check(all && handled >= dialled->sent,
          "all that was sent before the mark is read, while more comes (%u of %u)", handled,
          dialled->sent);
    dialled->count = true;
    waitpid(pid, NULL, 0);
    turn(100);
}

static void pass_files(void)
{
    struct btns_hdr h = header(NOTE, 0);
    int null = open("/dev/null", O_RDONLY);
    for (int i = 0; i < 100; i++) {
        int fd = dial();
        say_with(fd, &h, sizeof h, null, 1);
        close(fd);
    }
}

static void reap(void)
{
    for (pid_t pid; (pid = waitpid(-1, NULL, WNOHANG)) > 0;)
        passed_reaped(pid);
}

static void test_limits(void)
{
    struct rlimit files = {8192, 8192};
    if (geteuid() || setrlimit(RLIMIT_NOFILE, &files)) {
        check(true, "limits # SKIP needs root");
        return;
    }
    dialled = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    handled = 0;
    as_nobody(dial_many);
    check(dialled->still >= 2048 && dialled->still < 2060,
          "a user has at most 2048 connections (%u of 3000)", dialled->still);
    for (int i = 0; i < 20000 && handled < dialled->sent;
         i++) /* the last ones were sent while the child ended */
        turn(10);
    check(handled == dialled->sent && handled > 2060,
          "what was sent on the others is read all the same (%u of %u)", handled, dialled->sent);
    int a = dial();
    check(echoes(a, 3), "root is served");
    handled = 0;
    /* earlier connections may not have been closed yet */
    for (int i = 0; i < 2000 && !passed_too_many(NOBODY); i++)
        as_nobody(pass_files);
    check(handled <= 9 && passed_too_many(NOBODY) && !passed_too_many(0),
          "files of a user are not taken without end (%u)", handled);
    reap();
    check(!passed_too_many(NOBODY), "until they are closed");
    close(a);
    turn(5);
}

static void tests(void)
{
    test_limits();
    test_overtime();
}

int main(void)
{
    return server_main(tests);
}
