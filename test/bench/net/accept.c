/* The server's end: accept() and close(), of TCP and of local sockets. */
#include "test/bench/net/net.h"

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/*
 * btnsd, or its stand-in, reads the ring into which the clients' connect() writes before accept()
 * is measured: otherwise the ring would be full after a few batches, at a rate that no real server
 * reaches.
 */
enum { BATCH = 64, READ_US = 3000 };

int listener_at(struct sockaddr *sa, socklen_t len)
{
    int fd = socket(sa->sa_family, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, sa, len) || listen(fd, BATCH) || getsockname(fd, sa, &len))
        err(1, "listen");
    return fd;
}

/* The server's work for connections: accepts and closes them. The clients' work is not counted. */
static struct watch accept_batch(int listener, const struct sockaddr *sa, socklen_t len)
{
    int client[BATCH];
    for (int i = 0; i < BATCH; i++) {
        client[i] = socket(sa->sa_family, SOCK_STREAM, 0);
        if (client[i] < 0 || connect(client[i], sa, len))
            err(1, "connect");
    }
    usleep(READ_US);
    struct watch before = watch_start();
    for (int i = 0; i < BATCH; i++) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            err(1, "accept");
        close(fd);
    }
    struct watch after = watch_start();
    for (int i = 0; i < BATCH; i++)
        close(client[i]);
    return (struct watch){after.wall - before.wall, after.cpu - before.cpu};
}

static void accepts(int listener, const struct sockaddr *sa, socklen_t len, unsigned n)
{
    struct watch least = {UINT64_MAX, UINT64_MAX};
    for (unsigned i = 0; i < n; i += BATCH)
        least = watch_least(least, accept_batch(listener, sa, len));
    watch_print_each(least, BATCH);
}

/* ADDRESS PORT COUNT: listens there; port 7000 belongs to another server, so it is replaced. */
int accept_tcp(char **arg)
{
    struct sockaddr_in sa = address(arg[0], arg[1]);
    sa.sin_port = 0;
    int fd = listener_at((struct sockaddr *)&sa, sizeof sa);
    accepts(fd, (struct sockaddr *)&sa, sizeof sa, number(arg[2]));
    return 0;
}

struct sockaddr_un local_address(void)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    snprintf(sa.sun_path + 1, sizeof sa.sun_path - 1, "btns-bench-%d", getpid());
    return sa;
}

int accept_local(char **arg)
{
    struct sockaddr_un sa = local_address();
    int fd = listener_at((struct sockaddr *)&sa, sizeof sa);
    accepts(fd, (struct sockaddr *)&sa, sizeof sa, number(arg[2]));
    return 0;
}
