/*
 * The process at the other end of a client's connection: gets its pidfd, records for which process
 * it speaks, and hangs up on it.
 */
#include "btnsd/server/client.h"

#include "btnsd/server/passed_fds.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5 */
#endif

int client_peer_process(const struct client *c, pid_t pid)
{
    int fd = -1;
    socklen_t len = sizeof fd;
    if (c->speaks.by && pid == c->speaks.whose.pid)
        return fcntl(c->speaks.process, F_DUPFD_CLOEXEC, 3);
    if (pid == c->opener.pid && !getsockopt(c->watch.fd, SOL_SOCKET, SO_PEERPIDFD, &fd, &len))
        return fd;
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

void client_peer_speaks(struct client *c, pid_t by, const struct ucred *speaker, int process)
{
    if (c->speaks.by)
        passed_close(c->speaks.process, c->uid);
    c->speaks.by = by;
    c->speaks.whose = *speaker;
    c->speaks.process = process;
}

void client_peer_give_up(struct client *c)
{
    c->dead = true;
    shutdown(c->watch.fd, SHUT_RDWR);
}
