/*
 * Keeps datagrams from a socket of the program, by a socket filter, until btnsd was asked about its
 * port.
 */
#include "shim/supervise/incoming.h"

#include <errno.h>
#include <linux/filter.h>
#include <stddef.h>
#include <sys/socket.h>

static bool has_incoming_filter(int fd)
{
    socklen_t instructions = 0;
    int rc = getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &instructions);
    return rc ? errno == EACCES : instructions > 0; /* an eBPF filter cannot be read */
}

bool incoming_block(int fd)
{
    struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
    const struct sock_fprog program = {1, &none};
    return !setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

bool incoming_close(int fd)
{
    return !has_incoming_filter(fd) && incoming_block(fd);
}

bool incoming_is_closed(int fd)
{
    struct sock_filter step[1] = {{0}};
    socklen_t steps = 1; /* a longer filter is not given out: ENOSPC, EINVAL */
    return !getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, step, &steps) && steps == 1 &&
           step[0].code == (BPF_RET | BPF_K) && !step[0].k;
}

void incoming_open(int fd)
{
    const int ignored = 0;
    setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &ignored, sizeof ignored);
}

void incoming_drain(int fd)
{
    char octet;
    while (recv(fd, &octet, 1, MSG_DONTWAIT | MSG_TRUNC) >= 0)
        ;
}
