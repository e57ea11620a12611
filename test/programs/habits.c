/*
 * Programs' habits with descriptors and processes, one a name. Each prints what came of it.
 *
 *     habits NAME HOST PORT
 */
#include "test/shim/tool.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct place server;
static char **arguments;

static int highest(void)
{
    int top = -1;
    for (int fd = 3; fd < 1100; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            top = fd;
    return top;
}

/* Nothing new below the shim's own number, and that one is not for children. */
static void counts(void)
{
    int before = descriptors(0, false);
    printf("%s\n", visit(&server));
    printf("%s\n", visit(&server));
    printf("%d more\n", descriptors(0, false) - before);
    printf("%d below 900\n", descriptors(3, false) - descriptors(900, false));
    fflush(stdout);
    descriptors(900, true);
}

static void closes_all(void)
{
    for (int i = 0; i < 3; i++) {
        close_range(3, ~0u, 0);
        printf("%s\n", visit(&server));
    }
    printf("%d open\n", descriptors(3, false));
}

/* Puts a connection of its own wherever the shim has put something. */
static void dups_over_all(void)
{
    int own[2], top;
    char octet;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, own) < 0)
        err(1, "socketpair");
    printf("%s\n", visit(&server));
    top = highest();
    printf("%s\n", top > own[1] ? "there is a link" : "there is no link");
    if (dup2(own[0], top) < 0)
        err(1, "dup2");
    printf("%s\n", visit(&server));
    printf("%s\n", visit(&server));
    printf("it got %s\n", read(own[1], &octet, 1) < 0 ? strerrorname_np(errno) : "something");
    printf("%s\n", write(top, "x", 1) == 1 && read(own[1], &octet, 1) == 1 ? "still its own"
                                                                           : "not its own");
}

static void wait_for(pid_t pid)
{
    int status;
    if (waitpid(pid, &status, 0) != pid || status)
        printf("child: %d\n", status);
}

static void forks(void)
{
    printf("%s\n", visit(&server));
    fflush(stdout);
    for (int i = 0; i < 3; i++) {
        pid_t pid = fork();
        if (!pid) {
            printf("%s\n", visit(&server));
            fflush(stdout);
            _exit(0);
        }
        wait_for(pid);
    }
    printf("%s\n", visit(&server));
}

/* The child shares the parent's memory, but not its descriptors. */
static void vforks(void)
{
    printf("%s\n", visit(&server));
    fflush(stdout);
    pid_t pid = vfork();
    if (!pid) {
        close_range(3, ~0u, 0);
        execl("/proc/self/exe", "habits", "counts", arguments[2], arguments[3], NULL);
        _exit(99);
    }
    wait_for(pid);
    printf("%s\n", visit(&server));
}

static void connects_in_vfork(void)
{
    printf("%s\n", visit(&server));
    fflush(stdout);
    pid_t pid = vfork();
    if (!pid) {
        int fd = tcp_socket(&server);
        close_range((unsigned)fd + 1, ~0u, 0);
        _exit(connect_place(fd, &server) < 0);
    }
    wait_for(pid);
    printf("%s\n", visit(&server));
    printf("%s\n", visit(&server));
}

static void execs(void)
{
    printf("%s\n", visit(&server));
    fflush(stdout);
    execl("/proc/self/exe", "habits", "lists", arguments[2], arguments[3], NULL);
}

static void lists(void)
{
    printf("%d open\n", descriptors(3, true));
}

static void clears_environment(void)
{
    clearenv();
    printf("%s\n", visit(&server));
}

/* 0, 1 and 2 stay the program's to give away. */
static void closes_standard(void)
{
    int out = fcntl(1, F_DUPFD, 10);
    close_range(0, 2, 0);
    int fd = socket(server.ss.ss_family, SOCK_STREAM, 0); /* takes 0 */
    int rc = connect_place(fd, &server);
    int next = open("/dev/null", O_RDONLY), after = open("/dev/null", O_RDONLY);
    dprintf(out, "%d %d %d %d\n", fd, rc, next, after);
}

/* What is on descriptor 2 now is not where messages went at the start. */
static void replaces_stderr(void)
{
    int fd = open("stderr-of-its-own", O_RDWR | O_CREAT | O_TRUNC, 0600);
    struct stat st;
    dup2(fd, 2);
    printf("%s\n", visit(&server));
    fstat(fd, &st);
    printf("%ld octets\n", (long)st.st_size);
}

static void has_socket_as_stderr(void)
{
    int own[2];
    char octet;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, own) < 0)
        err(1, "socketpair");
    dup2(own[0], 2);
    printf("%s\n", visit(&server));
    printf("it got %s\n", read(own[1], &octet, 1) < 0 ? strerrorname_np(errno) : "something");
}

static void breaks_stderr(void)
{
    int ends[2];
    if (pipe(ends) < 0)
        err(1, "pipe");
    dup2(ends[1], 2);
    close(ends[0]);
    printf("%s\n", visit(&server)); /* and no SIGPIPE */
}

/* A program at its limit cannot be asked for; but what is known needs no descriptor. */
static void has_none_left(void)
{
    struct rlimit limit = {40, 40};
    setrlimit(RLIMIT_NOFILE, &limit);
    int fd = tcp_socket(&server);
    while (open("/dev/null", O_RDONLY) >= 0)
        ;
    printf("%s\n", connect_place(fd, &server) < 0 ? strerrorname_np(errno) : "ok");
    close(fd);
}

static void has_few(void)
{
    struct rlimit limit = {12, 12};
    setrlimit(RLIMIT_NOFILE, &limit);
    printf("%s\n", visit(&server));
    printf("%s\n", visit(&server));
    printf("%d open\n", descriptors(3, false));
}

/* A loopback interface that is down is no way to anywhere. */
static void leaves_its_network(void)
{
    printf("%s\n", visit(&server));
    printf("%s\n", visit(&server));
    int old = tcp_socket(&server);
    if (unshare(CLONE_NEWNET))
        err(1, "unshare");
    printf("%s\n", visit(&server));
    printf("%s\n", connect_place(old, &server) ? strerrorname_np(errno) : "its old socket: ok");
}

static const struct {
    const char *name;
    void (*run)(void);
} habits[] = {
    {"counts", counts},
    {"closes-all", closes_all},
    {"dups-over-all", dups_over_all},
    {"forks", forks},
    {"vforks", vforks},
    {"connects-in-vfork", connects_in_vfork},
    {"execs", execs},
    {"lists", lists},
    {"clears-environment", clears_environment},
    {"closes-standard", closes_standard},
    {"replaces-stderr", replaces_stderr},
    {"has-socket-as-stderr", has_socket_as_stderr},
    {"breaks-stderr", breaks_stderr},
    {"has-none-left", has_none_left},
    {"has-few", has_few},
    {"leaves-its-network", leaves_its_network},
};

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc != 4)
        errx(2, "usage: habits NAME HOST PORT");
    arguments = argv;
    server = place_of(argv[2], argv[3]);
    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
        if (!strcmp(argv[1], habits[i].name)) {
            habits[i].run();
            return 0;
        }
    errx(2, "what is %s?", argv[1]);
}
