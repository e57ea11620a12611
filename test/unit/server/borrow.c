/*
 * Finds a program's socket at the number it had, or among its other descriptors, of which only a
 * limited number is examined. TAP.
 */
#include "btnsd/server/borrow.h"
#include "btnsd/server/passed_fds.h"
#include "test/unit/check.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST = 100, LAST = 7000, MOVED = 8000, NOBODY = 65534 };

static uint64_t cookie_of(int fd)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;
    getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
    return cookie;
}

/* Hides the socket behind thousands of copies of another one. */
static void hide_socket(int fd)
{
    const struct rlimit room = {MOVED + 1, MOVED + 1};
    int other = socket(AF_INET, SOCK_STREAM, 0);
    bool ok = !setrlimit(RLIMIT_NOFILE, &room) && dup2(fd, MOVED) == MOVED;
    close(fd);
    for (int i = FIRST; ok && i < LAST; i++)
        ok = dup2(other, i) == i;
    raise(SIGSTOP);
    pause();
    _exit(!ok);
}

static bool is_found(pid_t pid, int number, uint64_t cookie, int most)
{
    int fd = socket_borrow(pid, number, cookie, geteuid(), most);
    bool found = fd >= 0 && cookie_of(fd) == cookie;
    if (fd >= 0)
        close(fd);
    return found;
}

/* A socket of another network namespace: 0 where there can be none. */
static int elsewhere(void)
{
    int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), fd = 0;
    if (here >= 0 && !unshare(CLONE_NEWNET))
        fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd > 0 && setns(here, CLONE_NEWNET))
        abort();
    close(here);
    return fd;
}

/* Searches until a search finds nothing, although an earlier one did: this may take seconds. */
static bool are_spent(pid_t pid, uint64_t cookie)
{
    for (int i = 0; i < 1000; i++) {
        int fd = socket_borrow(pid, -1, cookie, NOBODY, BORROW_MANY);
        if (fd < 0)
            return i > 0;
        close(fd);
    }
    return false;
}

int main(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), status = 0;
    uint64_t cookie = cookie_of(fd);
    passed_init();
    check(is_found(getpid(), fd, cookie, 0), "where it is said to be, nothing is looked through");
    check(is_found(getpid(), -1, cookie, BORROW_SOME), "it is looked for where it is not said");
    check(!is_found(getpid(), -1, cookie, 0), "but not further than allowed");
    check(!is_found(getpid(), fd, cookie + 1, BORROW_SOME),
          "another socket of that number is not it");
    int strange = elsewhere();
    check(!strange || !is_found(getpid(), strange, cookie_of(strange), BORROW_SOME),
          "nor is one of another network namespace");
    pid_t pid = fork();
    if (!pid)
        hide_socket(fd);
    waitpid(pid, &status, WUNTRACED);
    check(WIFSTOPPED(status), "a program with thousands of descriptors");
    check(is_found(pid, MOVED, cookie, BORROW_SOME),
          "where it is said to be, it is found there, too");
    check(!is_found(pid, fd, cookie, BORROW_SOME), "behind thousands it is not looked for");
    check(is_found(pid, fd, cookie, BORROW_MANY), "unless more are looked through");
    check(are_spent(pid, cookie), "what is looked through for a user in a second has an end");
    check(is_found(pid, MOVED, cookie, BORROW_MANY),
          "where it is said to be, it is found all the same");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return check_end();
}
