/* For both ends of the benchmarks' connections: clocks and addresses. */
#ifndef BTNS_TEST_BENCH_NET_NET_H
#define BTNS_TEST_BENCH_NET_NET_H

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { WARM_UP = 20, PING = 32, CHUNK = 65536, CONNS = 4096, QUIET_US = 700000 };

static inline uint64_t nanoseconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* A measurement: wall-clock time and CPU time of this process. */
struct watch {
    uint64_t wall, cpu;
};

static inline struct watch watch_start(void)
{
    return (struct watch){nanoseconds(CLOCK_MONOTONIC), nanoseconds(CLOCK_PROCESS_CPUTIME_ID)};
}

/* Reports the fastest of several batches: a busy machine can only make a batch slower. */
static inline struct watch watch_least(struct watch a, struct watch b)
{
    return (struct watch){a.wall < b.wall ? a.wall : b.wall, a.cpu < b.cpu ? a.cpu : b.cpu};
}

static inline void watch_print_each(struct watch w, unsigned n)
{
    printf("%.3f %.3f\n", (double)w.wall / (1000.0 * n), (double)w.cpu / (1000.0 * n));
}

static inline void watch_print(const struct watch *from, unsigned n)
{
    struct watch now = watch_start();
    double each = 1000.0 * n; /* microseconds */
    printf("%.3f %.3f\n", (double)(now.wall - from->wall) / each,
           (double)(now.cpu - from->cpu) / each);
}

static inline unsigned number(const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (!*text || *end || !n || n > 100000000)
        errx(2, "not a number: '%s'", text);
    return (unsigned)n;
}

static inline struct sockaddr_in address(const char *ip, const char *port)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)number(port))};
    if (inet_pton(AF_INET, ip, &sa.sin_addr) != 1)
        errx(2, "not an address: '%s'", ip);
    return sa;
}

/* Runs a command under a filter of system calls: see filters.c. */
int under_filter(char **which);
/* A server of these addresses: see main.c. */
int serve(char **what);

/* Listens at the address; *sa becomes the address that was given. */
int listener_at(struct sockaddr *sa, socklen_t len);
struct sockaddr_un local_address(void);

/* Modes (main.c): ADDRESS PORT COUNT */
int accept_tcp(char **arg);
int accept_local(char **arg);

#endif
