/* Connects in the clear from a new network namespace, like a host without btns (a "stranger"). */
#include "btnsd/ctl/verify/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MS 2500
#define LINK      "btns-verify"

/* Addresses reserved for tests of networks: RFC 2544 and RFC 5180. */
static const struct link {
    int family;
    const char *ours, *theirs, *gateway;
} links[] = {
    {AF_INET, "198.18.77.1/30", "198.18.77.2/30", "198.18.77.1"},
    {AF_INET6, "2001:2:0:77::1/64", "2001:2:0:77::2/64", "2001:2:0:77::1"},
};

/* Runs ip(8), which prints its own errors. 0, or its exit status. */
static int run_strangers_ip(const char *const argv[])
{
    pid_t pid;
    int status, rc = posix_spawnp(&pid, "ip", NULL, NULL, (char *const *)(uintptr_t)argv, environ);
    if (rc || waitpid(pid, &status, 0) != pid)
        return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}
#define IP(...) run_strangers_ip((const char *const[]){"ip", __VA_ARGS__, NULL})

static int stranger_calls_subject(const struct btns_addr *to)
{
    struct sockaddr_storage ss;
    int error = 0, fd = socket(to->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t len = btns_addr_to_sa(to, to->family, &ss), size = sizeof error;
    struct pollfd p = {fd, POLLOUT, 0};
    if (fd < 0 || !connect(fd, (struct sockaddr *)&ss, len))
        return fd < 0 ? errno : 0;
    if (errno == EINPROGRESS && poll(&p, 1, ANSWER_MS) == 0)
        return ETIMEDOUT;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) ? errno : error;
}

#define NOT_TRIED 255

/* The child process: its namespace, with the link, is deleted when it ends. */
static void be_the_stranger(const struct link *l, const struct btns_addr *to, int ready, int go)
{
    char c = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* ^C ends parent and child */
    bool ok = !unshare(CLONE_NEWNET) && write(ready, &c, 1) == 1 && read(go, &c, 1) == 1 &&
              !IP("link", "set", "lo", "up") &&
              !IP("address", "add", l->theirs, "dev", LINK "-2", "nodad") &&
              !IP("link", "set", LINK "-2", "up") &&
              !IP("route", "add", "default", "via", l->gateway);
    _exit(ok ? stranger_calls_subject(to) : NOT_TRIED);
}

static bool lay_link_to_stranger(const struct link *l, pid_t pid)
{
    char number[16];
    snprintf(number, sizeof number, "%d", (int)pid);
    return !IP("link", "add", LINK, "type", "veth", "peer", "name", LINK "-2", "netns", number) &&
           !IP("address", "add", l->ours, "dev", LINK, "nodad") && !IP("link", "set", LINK, "up");
}

/* The child's exit status: an errno, or NOT_TRIED. */
static int meet_stranger(const struct link *l, const struct btns_addr *to, int ready[2], int go[2])
{
    char c = 0;
    int status;
    pid_t pid = fork();
    if (!pid)
        be_the_stranger(l, to, ready[1], go[0]);
    close(ready[1]); /* otherwise the parent would not notice the child's end */
    ready[1] = -1;
    bool laid = pid > 0 && read(ready[0], &c, 1) == 1 && lay_link_to_stranger(l, pid);
    if (laid)
        laid = write(go[1], &c, 1) == 1;
    else if (pid > 0)
        kill(pid, SIGKILL);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return NOT_TRIED;
    return laid && WIFEXITED(status) ? WEXITSTATUS(status) : NOT_TRIED;
}

static void close_strangers_pipe(int p[2])
{
    for (int i = 0; i < 2; i++)
        if (p[i] >= 0)
            close(p[i]);
}

int stranger_calls(const struct btns_addr *to, struct err *err)
{
    const struct link *l = to->family == AF_INET ? &links[0] : &links[1];
    int ready[2] = {-1, -1}, go[2] = {-1, -1}, result = NOT_TRIED;
    if (!pipe2(ready, O_CLOEXEC) && !pipe2(go, O_CLOEXEC))
        result = meet_stranger(l, to, ready, go);
    close_strangers_pipe(ready);
    close_strangers_pipe(go);
    if (result != NOT_TRIED)
        return result;
    err_set(err, "no link could be made for a stranger to call from: ip(8) says why above");
    return -EIO;
}
