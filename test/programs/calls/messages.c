/* Messages, TCP Fast Open, and rcmd() and rexec(). */
#include "test/programs/calls/calls.h"

#include <netdb.h>
#include <sys/ioctl.h>

/* A server for rcmd() and rexec() that allows everything. */
static int remote_server(int *listening)
{
    *listening = listener();
    int port = port_of(*listening);
    fflush(stdout);
    if (!fork()) {
        int fd = accept(*listening, NULL, NULL);
        if (write(fd, "", 1) != 1 || read(fd, &port, 1) < 0)
            _exit(1);
        while (read(fd, &port, sizeof port) > 0)
            ;
        _exit(0);
    }
    return htons((uint16_t)port);
}

/* For calls that leave errno unspecified. */
#define RC(expression) printf("%s = %ld\n", #expression, (long)(expression))

void remote(void)
{
    int server;
    char *host = "127.0.0.1";
    RC(rcmd(&host, (uint16_t)remote_server(&server), "me", "me", "true", NULL));
    puts(host);
    close(server);
    RC(rcmd_af(&host, (uint16_t)remote_server(&server), "me", "me", "true", NULL, AF_INET));
    close(server);
    host = "localhost";
    RC(rexec(&host, remote_server(&server), "me", "secret", "true", NULL));
    close(server);
    RC(rexec_af(&host, remote_server(&server), "me", "secret", "true", NULL, AF_INET));
    close(server);
}

/*
 * Waits until so many octets have arrived, which on a busy machine may be later than they were
 * sent.
 */
static void await(int fd, int octets)
{
    for (int there = 0; there < octets; usleep(1000))
        if (ioctl(fd, FIONREAD, &there) < 0)
            return;
}

void messages(void)
{
    int server = listener(), fd = tcp(), unconnected = tcp();
    struct sockaddr_in a = v4(port_of(server));
    char data[] = "abcdef", got[16] = "";
    struct iovec iov = {data, 3}, into = {got, sizeof got};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    struct mmsghdr two[2] = {{.msg_hdr = msg}, {.msg_hdr = msg}};
    struct msghdr in = {.msg_iov = &into, .msg_iovlen = 1};
    struct mmsghdr in2[2] = {{.msg_hdr = in}, {.msg_hdr = in}};
    connect(fd, SA(a));
    int peer = accept(server, NULL, NULL);
    TRY(sendmsg(fd, &msg, 0));
    TRY(recvmsg(peer, &in, 0));
    TRY(sendmmsg(fd, two, 2, 0));
    await(peer, 6);
    TRY(recvmmsg(peer, in2, 2, MSG_DONTWAIT, NULL));
    TRY(sendto(fd, data, 6, 0, NULL, 0));
    await(peer, 6);
    TRY(recvmsg(peer, &in, MSG_PEEK));
    TRY(sendto(unconnected, data, 6, MSG_NOSIGNAL, NULL, 0));
    TRY(sendto(unconnected, data, 6, MSG_NOSIGNAL, SA(a)));
    TRY(sendmsg(unconnected, &msg, MSG_NOSIGNAL));
    TRY(sendmmsg(-1, two, 2, 0));
    TRY(recvmsg(unconnected, &in, 0));
    TRY(recvmmsg(-1, in2, 2, 0, NULL));
    TRY(sendmsg(-1, &msg, 0));
    close(fd), close(server), close(unconnected), close(peer);
}

void fast_open(void)
{
    int server = listener(), fd[4] = {tcp(), tcp(), tcp(), tcp()};
    struct sockaddr_in a = v4(port_of(server)), closed;
    int reserved = nothing_listens_at(&closed);
    char data[] = "abcdef";
    struct iovec iov = {data, 3};
    struct msghdr msg = {.msg_name = &a, .msg_namelen = sizeof a, .msg_iov = &iov, .msg_iovlen = 1};
    struct mmsghdr one = {.msg_hdr = msg};
    TRY(sendto(fd[0], data, 6, MSG_FASTOPEN, SA(a)));
    TRY(sendto(fd[0], data, 6, MSG_FASTOPEN, SA(a)));
    TRY(sendmsg(fd[1], &msg, MSG_FASTOPEN));
    TRY(sendmmsg(fd[2], &one, 1, MSG_FASTOPEN));
    TRY(sendto(fd[3], data, 6, MSG_FASTOPEN, SA(closed)));
    TRY(sendto(-1, data, 6, MSG_FASTOPEN, SA(a)));
    for (int i = 0; i < 4; i++)
        close(fd[i]);
    close(server), close(reserved);
}
