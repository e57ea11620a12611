/* Functions that the small programs of the shim's tests share. */
#ifndef BTNS_TEST_SHIM_TOOL_H
#define BTNS_TEST_SHIM_TOOL_H

#include <arpa/inet.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct place {
    struct sockaddr_storage ss;
    socklen_t len;
};

static inline struct place place_of(const char *host, const char *port)
{
    struct place p = {0};
    struct sockaddr_in *in = (struct sockaddr_in *)&p.ss;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&p.ss;
    uint16_t number = htons((uint16_t)atoi(port));
    if (inet_pton(AF_INET, host, &in->sin_addr) == 1) {
        in->sin_family = AF_INET;
        in->sin_port = number;
        p.len = sizeof *in;
    } else if (inet_pton(AF_INET6, host, &in6->sin6_addr) == 1) {
        in6->sin6_family = AF_INET6;
        in6->sin6_port = number;
        p.len = sizeof *in6;
    } else {
        errx(2, "what is %s?", host);
    }
    return p;
}

static inline int tcp_socket(const struct place *p)
{
    int fd = socket(p->ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        err(1, "socket");
    return fd;
}

static inline int connect_place(int fd, const struct place *p)
{
    return connect(fd, (const struct sockaddr *)&p->ss, p->len);
}

static inline void begin(const struct place *p)
{
    int fd = socket(p->ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || (connect_place(fd, p) < 0 && errno != EINPROGRESS))
        err(1, "connect");
}

/* A listener whose queue is full: connections to it stay unanswered. */
static inline struct place full_listener(void)
{
    struct place p = place_of("127.0.0.1", "0");
    int listener = tcp_socket(&p);
    if (bind(listener, (struct sockaddr *)&p.ss, p.len) < 0 || listen(listener, 0) < 0)
        err(1, "listen");
    getsockname(listener, (struct sockaddr *)&p.ss, &p.len);
    for (int i = 0; i < 2; i++)
        begin(&p);
    return p;
}

/* Connects, reads the server's greeting and closes. Returns the line to print. */
static inline const char *visit(const struct place *p)
{
    char got[8] = "";
    int fd = tcp_socket(p);
    const char *result = "ok";
    if (connect_place(fd, p) < 0)
        result = strerrorname_np(errno);
    else if (read(fd, got, sizeof got) != 6 || memcmp(got, "hello\n", 6) != 0)
        result = "no greeting";
    close(fd);
    return result;
}

/* How many descriptors from `from` on are open; with `print`, prints each. */
static inline int descriptors(int from, bool print)
{
    DIR *d = opendir("/proc/self/fd");
    int count = 0;
    if (!d)
        err(1, "/proc/self/fd");
    for (struct dirent *e; (e = readdir(d));) {
        int fd = atoi(e->d_name);
        if (*e->d_name == '.' || fd < from || fd == dirfd(d))
            continue;
        count++;
        if (print)
            printf("%d%s\n", fd, fcntl(fd, F_GETFD) & FD_CLOEXEC ? " close-on-exec" : "");
    }
    closedir(d);
    return count;
}

/* The process id of btnsd, or of its stand-in. */
static inline pid_t daemon_pid(void)
{
    char path[256];
    int pid = 0;
    snprintf(path, sizeof path, "%s.pid", getenv("BTNS_SOCKET_PATH"));
    FILE *f = fopen(path, "re");
    if (!f || fscanf(f, "%d", &pid) != 1)
        errx(1, "%s", path);
    fclose(f);
    return pid;
}

#endif
