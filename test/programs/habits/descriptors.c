/* Programs that count, close, overwrite or run out of descriptors. */
#include "test/programs/habits/habits.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* The shim adds one descriptor, with a high number, and children do not inherit it. */
void counts(void)
{
    int before = descriptors(0, false);
    printf("%s\n", visit(&server));
    printf("%s\n", visit(&server));
    printf("%d more\n", descriptors(0, false) - before);
    printf("%d below 900\n", descriptors(3, false) - descriptors(900, false));
    fflush(stdout);
    descriptors(900, true);
}

void closes_all(void)
{
    for (int i = 0; i < 3; i++) {
        close_range(3, ~0u, 0);
        printf("%s\n", visit(&server));
    }
    printf("%d open\n", descriptors(3, false));
}

/* Puts a connection of its own over every descriptor of the shim's. */
void dups_over_all(void)
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

void lists(void)
{
    printf("%d open\n", descriptors(3, true));
}

/* The shim must not take the numbers 0, 1 and 2, which the program has closed. */
void closes_standard(void)
{
    int out = fcntl(1, F_DUPFD, 10);
    close_range(0, 2, 0);
    int fd = socket(server.ss.ss_family, SOCK_STREAM, 0); /* gets number 0 */
    int rc = connect_place(fd, &server);
    int next = open("/dev/null", O_RDONLY), after = open("/dev/null", O_RDONLY);
    dprintf(out, "%d %d %d %d\n", fd, rc, next, after);
}

/* Puts another file on descriptor 2, to which the shim must not write. */
void replaces_stderr(void)
{
    int fd = open("stderr-of-its-own", O_RDWR | O_CREAT | O_TRUNC, 0600);
    struct stat st;
    dup2(fd, 2);
    printf("%s\n", visit(&server));
    fstat(fd, &st);
    printf("%ld octets\n", (long)st.st_size);
}

void has_socket_as_stderr(void)
{
    int own[2];
    char octet;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, own) < 0)
        err(1, "socketpair");
    dup2(own[0], 2);
    printf("%s\n", visit(&server));
    printf("it got %s\n", read(own[1], &octet, 1) < 0 ? strerrorname_np(errno) : "something");
}

void breaks_stderr(void)
{
    int ends[2];
    if (pipe(ends) < 0)
        err(1, "pipe");
    dup2(ends[1], 2);
    close(ends[0]);
    printf("%s\n", visit(&server)); /* a full pipe without a reader: no SIGPIPE either */
}

/* After closing 0 to 2, pipe() gets these numbers first. */
void pipes_where_stderr_was(void)
{
    int out = fcntl(1, F_DUPFD, 10), ends[2];
    char got[200];
    close_range(0, 2, 0);
    if (open("/dev/null", O_RDONLY) != 0 || pipe(ends) < 0 || write(ends[1], "HEAD", 4) != 4)
        _exit(1);
    const char *result = visit(&server);
    if (write(ends[1], "TAIL", 4) != 4)
        _exit(1);
    ssize_t n = read(ends[0], got, sizeof got);
    dprintf(out, "%s, %d and %d, %.*s\n", result, ends[0], ends[1], (int)n, got);
}

/*
 * A program at its limit of descriptors cannot ask btnsd; a destination with a cached verdict needs
 * no descriptor.
 */
static void *fill_and_connect(void *arg)
{
    struct rlimit limit = {40, 40};
    setrlimit(RLIMIT_NOFILE, &limit);
    int fd = tcp_socket(&server);
    while (open("/dev/null", O_RDONLY) >= 0)
        ;
    printf("%s\n", connect_place(fd, &server) < 0 ? strerrorname_np(errno) : "ok");
    close(fd);
    return arg;
}

/* A thread with the smallest stack that the system allows. */
void has_none_left(void)
{
    pthread_t thread;
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    if (pthread_attr_setstacksize(&attr, (size_t)sysconf(_SC_THREAD_STACK_MIN)) ||
        pthread_create(&thread, &attr, fill_and_connect, NULL) || pthread_join(thread, NULL))
        errx(1, "a thread");
}

void has_few(void)
{
    struct rlimit limit = {12, 12};
    setrlimit(RLIMIT_NOFILE, &limit);
    printf("%s\n", visit(&server));
    printf("%s\n", visit(&server));
    printf("%d open\n", descriptors(3, false));
}

/* A write beyond this limit ends the process with SIGXFSZ. */
void grows_no_file(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_FSIZE, &none);
    printf("%s\n", visit(&server));
    printf("%s\n", visit(&server));
}
