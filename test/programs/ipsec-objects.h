/* For the tests of the library's functions: objects, sockets, and calls whose allocations fail. */
#ifndef BTNS_TEST_PROGRAMS_IPSEC_OBJECTS_H
#define BTNS_TEST_PROGRAMS_IPSEC_OBJECTS_H

#include "test/programs/failing-allocator.h"
#include "test/programs/pretend-btnsd.h"
#include "test/unit/check.h"

#include <netinet/in.h>

#define FAILS(call, error) (errno = 0, (call) == -1 && errno == (error))

static inline ipsec_policy_t *a_policy(void)
{
    uint32_t on = 1;
    ipsec_policy_t *p = ipsec_new_policy(IPSEC_DEFAULT_POLICY);
    if (p && ipsec_set_policy_attr(p, IPSEC_BTNS_STANDALONE, sizeof on, &on)) {
        ipsec_free_policy(p);
        p = NULL;
    }
    return p;
}

static inline ipsec_channel_info_t *a_channel(int octet)
{
    unsigned char key[32];
    memset(key, octet, sizeof key);
    ipsec_channel_info_t *ci = ipsec_create_channel_info();
    if (ci && ipsec_set_channel_attr(ci, IPSEC_CHANNEL_PEER_KEY, sizeof key, key)) {
        ipsec_free_channel_info(ci);
        ci = NULL;
    }
    return ci;
}

/* A UDP socket on loopback; *at becomes its address. */
static inline int bound(struct sockaddr_in *at)
{
    socklen_t len = sizeof *at;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    *at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(fd, (struct sockaddr *)at, len) || getsockname(fd, (struct sockaddr *)at, &len))
        exit(1);
    return fd;
}

/* A TCP socket that is connected to a listener of this process. */
static inline int connected(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int heard = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(heard, (struct sockaddr *)&at, len) || listen(heard, 1) ||
        getsockname(heard, (struct sockaddr *)&at, &len) ||
        connect(fd, (struct sockaddr *)&at, len))
        exit(1);
    return fd;
}

#ifdef LIBC_ALLOCATOR
static inline void check_no_memory(const char *what, int (*use)(void))
{
    (void)what;
    (void)use;
}
#else
/*
 * Calls `use` again and again, and lets each of its allocations fail in turn. `use` returns 0, or
 * -1 with errno, and frees all that it makes.
 */
static inline void check_no_memory(const char *what, int (*use)(void))
{
    long before, n;
    bool enomem = true, leaks = false;
    use(); /* the first call allocates what the thread keeps */
    before = live;
    for (n = 0; n < 1000; n++) {
        until = n;
        int rc = use();
        int error = errno;
        until = -1;
        leaks |= live != before;
        if (!rc)
            break;
        enomem &= error == ENOMEM;
    }
    check(n > 5 && n < 1000 && enomem, "%s: at each of %ld allocations that fails: ENOMEM", what,
          n);
    check(!leaks, "%s: and nothing is lost", what);
}
#endif

#endif
