#include "shim/supervise/hearing.h"

#include <errno.h>
#include <linux/filter.h>
#include <stddef.h>
#include <sys/socket.h>

static bool has_filter(int fd)
{
    socklen_t instructions = 0;
    int rc = getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &instructions);
    return rc ? errno == EACCES : instructions > 0; /* one of eBPF cannot be read */
}

bool hearing_close(int fd)
{
    struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
    const struct sock_fprog program = {1, &none};
    return !has_filter(fd) &&
           !setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

void hearing_open(int fd)
{
    const int ignored = 0;
    setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &ignored, sizeof ignored);
}

void hearing_drain(int fd)
{
    char octet;
    while (recv(fd, &octet, 1, MSG_DONTWAIT | MSG_TRUNC) >= 0)
        ;
}
