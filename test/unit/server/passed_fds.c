/*
 * Descriptors that come with messages to btnsd's socket: btnsd accepts or refuses them, closes
 * them, and never waits for them. TAP.
 */
#include "test/unit/server/server_handler.h"

#include "btnsd/server/passed_fds.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/wait.h>

static void test_descriptors(void)
{
    static const size_t counts[] = {2, 3, 5, 250};
    struct btns_hdr h = header(NOTE, 0), keep = header(KEEP, 0);
    int a = dial(), null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    turn(5);
    int before = open_descriptors();
    with_fd = 0;
    say_with(a, &h, sizeof h, a, 1);
    turn(5);
    check(with_fd == 1 && open_descriptors() == before, "a passed socket comes, and is closed");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        int b = dial();
        turn(5);
        handled = 0;
        say_with(b, &h, sizeof h, b, counts[i]);
        turn(5);
        check(!handled && is_closed(b), "%zu of them: refused", counts[i]);
        close(b);
        turn(5);
        check(open_descriptors() == before, "and none stays open");
    }
    say_with(a, &h, sizeof h, null, 1);
    turn(5);
    pid_t pid = waitpid(-1, NULL, __WALL);
    check(pid > 0 && passed_reaped(pid) && open_descriptors() == before,
          "a file is closed in a process of its own");
    check(!passed_reaped(pid), "that is reaped once");
    say_with(a, &keep, sizeof keep, a, 1);
    turn(5);
    check(open_descriptors() == before + 1, "what the handler takes stays open");
    close(before); /* leaves the lowest number free for it */
    close(null);
    close(a);
    turn(5);
}

/* A TCP socket whose last close() would wait for a peer that does not read */
static int lingering_socket(int peer[2])
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct linger linger = {1, 3600};
    socklen_t len = sizeof in;
    char data[65536] = {0};
    int listener = peer[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bind(listener, (struct sockaddr *)&in, sizeof in);
    listen(listener, 1);
    getsockname(listener, (struct sockaddr *)&in, &len);
    if (connect(fd, (struct sockaddr *)&in, sizeof in))
        return -1;
    peer[1] = accept(listener, NULL, NULL);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    for (int idle = 0; idle < 50; usleep(2000))
        idle = send(fd, data, sizeof data, MSG_NOSIGNAL) < 0 ? idle + 1 : 0;
    return fd;
}

static void test_lingering(void)
{
    static const struct {
        size_t n;
        const char *what;
    } ways[] = {{1, "as one descriptor"},
                {2, "as the second"},
                {250, "among too many"},
                {0, "in a message never read"}};
    struct btns_hdr h = header(NOTE, 0);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        int peer[2], a = dial(), fd = lingering_socket(peer);
        turn(5);
        if (!ways[i].n)
            ask(a, CLOSE, 0);
        say_with(a, &h, sizeof h, fd, ways[i].n ? ways[i].n : 1);
        close(fd);
        uint64_t start = loop_now();
        alarm(300); /* a hanging test is killed */
        turn(10);
        alarm(0);
        check(loop_now() - start < 100000, "a lingering socket is not waited for (%s)",
              ways[i].what);
        close(a);
        close(peer[0]);
        close(peer[1]);
        turn(5);
    }
}

static void tests(void)
{
    test_descriptors();
    test_lingering();
}

int main(void)
{
    return server_main(tests);
}
