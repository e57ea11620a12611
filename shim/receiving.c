/* Keeps a datagram socket from receiving while no floor protects its port. */
#include "shim/receiving.h"

#include "shim/raw.h"

#include <linux/filter.h>
#include <sys/socket.h>

#define END_OF_FILTER BPF_STMT(BPF_RET | BPF_K, 0)

bool receiving_block(int fd)
{
    struct sock_filter none = END_OF_FILTER;
    const struct sock_fprog program = {1, &none};
    return RAW(setsockopt, fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

void receiving_unblock(int fd)
{
    int ignored = 0;
    RAW(setsockopt, fd, SOL_SOCKET, SO_DETACH_FILTER, &ignored, sizeof ignored);
}

void receiving_drain(int fd)
{
    char octet;
    while (RAW(recvfrom, fd, &octet, 1, MSG_DONTWAIT | MSG_TRUNC, NULL, NULL) >= 0)
        ;
}
