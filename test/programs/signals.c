/*
 * Makes blocking connections while signals arrive, some of whose handlers jump out of connect().
 *
 *     signals restart|interrupt|jump|once HOST PORT COUNT
 *
 * Prints how many connections were made, and whether any was interrupted. once: connects to an
 * address that does not answer until a signal arrives, then prints the result of a second
 * connect().
 */
#include "test/shim/tool.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>

static sigjmp_buf away;
static bool jumping;
static volatile sig_atomic_t handled;

static void on_alarm(int number)
{
    (void)number;
    handled++;
    if (jumping)
        siglongjmp(away, 1);
}

static void every(int milliseconds)
{
    struct timeval t = {0, milliseconds * 1000L};
    struct itimerval timer = {t, t};
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* connect(2): an interrupted connection goes on in the background; poll() tells its end. */
static int finish(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    int error = 0, rc;
    socklen_t len = sizeof error;
    while ((rc = poll(&p, 1, 120000)) < 0 && errno == EINTR)
        ;
    if (rc != 1 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
        return -1;
    errno = error;
    return error ? -1 : 0;
}

static bool greeted(int fd)
{
    char got[8];
    ssize_t n;
    while ((n = read(fd, got, sizeof got)) < 0 && errno == EINTR)
        ;
    return n == 6;
}

static void storm(const struct place *p, int count)
{
    int connected = 0, interrupted = 0, changed = 0;
    for (int i = 0; i < count; i++) {
        int fd = tcp_socket(p), flags = fcntl(fd, F_GETFL);
        int rc = connect_place(fd, p);
        if (rc < 0 && errno == EINTR) {
            interrupted++;
            rc = finish(fd);
        }
        if (rc < 0)
            perror("connect");
        connected += !rc && greeted(fd);
        changed += fcntl(fd, F_GETFL) != flags;
        close(fd);
    }
    printf("connected %d changed %d interrupted %s handled %s\n", connected, changed,
           interrupted ? "yes" : "no", handled ? "yes" : "no");
}

/* wget does this for its time limits. */
static void jump(const struct place *p, int count)
{
    volatile int jumps = 0;
    int before = descriptors(0, false);
    jumping = true;
    for (volatile int i = 0; i < count; i++) {
        volatile int fd = tcp_socket(p);
        if (sigsetjmp(away, 1)) {
            jumps++;
        } else {
            every(100); /* not while the shim opens its link, even on a slow machine */
            connect_place(fd, p);
            every(0);
        }
        close(fd);
    }
    every(0);
    printf("jumped %d left %d\n", jumps, descriptors(0, false) - before);
}

static void once(void)
{
    struct place p = full_listener();
    int fd = tcp_socket(&p);
    every(200);
    for (int i = 0; i < 2; i++)
        printf("%s\n", connect_place(fd, &p) < 0 ? strerrorname_np(errno) : "ok");
}

int main(int argc, char **argv)
{
    if (argc != 5)
        errx(2, "usage: signals restart|interrupt|jump|once HOST PORT COUNT");
    struct sigaction a = {.sa_handler = on_alarm,
                          .sa_flags = strcmp(argv[1], "restart") ? 0 : SA_RESTART};
    struct place p = place_of(argv[2], argv[3]);
    sigaction(SIGALRM, &a, NULL);
    if (!strcmp(argv[1], "jump")) {
        jump(&p, atoi(argv[4]));
        return 0;
    }
    if (!strcmp(argv[1], "once")) {
        once();
        return 0;
    }
    every(3);
    storm(&p, atoi(argv[4]));
    return 0;
}
