/*
 * The programs of appendix A.1 of draft-komu-btns-api-00, figures 14 and 16. What is not as in the
 * draft is marked "was:".
 *
 *   cc -D_GNU_SOURCE hello.c -o hello $(pkg-config --cflags --libs btns)
 *   hello conn|msg|udp-conn|udp-msg ADDRESS PORT FILE
 *
 * FILE keeps the peer between runs. Prints "hello: sent" or what failed.
 */
#include <btns/ipsec.h>

#include "test/programs/keep-channel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char hello[] = "hello world\n";

static ipsec_policy_t *hello_policy(uint32_t attribute)
{
    uint32_t on = 1; /* was: unint32_t */
    ipsec_policy_t *policy = ipsec_new_policy(IPSEC_DEFAULT_POLICY);
    if (policy && ipsec_set_policy_attr(policy, attribute, sizeof on, &on)) {
        ipsec_free_policy(policy);
        policy = NULL;
    }
    return policy;
}

/* Figure 14. *old_channel is NULL at first contact; later it is the peer that has to be there. */
static int hello_conn_client(int domain, int type, int protocol, const struct sockaddr *addr,
                             socklen_t addr_len, ipsec_channel_info_t **old_channel)
{
    ipsec_policy_t *policy = NULL;
    int err = -1; /* was: 0, so that failures in between were successes */
    int sockfd = socket(domain, type, protocol);
    if (sockfd < 0)
        return -1;
    if (!(policy = hello_policy(IPSEC_BTNS_STANDALONE)) || ipsec_set_socket_policy(sockfd, policy))
        goto out;
    /*
     * If we have contacted the peer before, it has to be the same one: else connect() fails with
     * EPERM.
     */
    if (*old_channel && ipsec_set_socket_channel_info(sockfd, *old_channel))
        goto out;
    if (connect(sockfd, addr, addr_len))
        goto out;
    /* was: a copy of channel_info, which nothing had been put into */
    if (!*old_channel && ipsec_get_socket_channel_info(sockfd, old_channel))
        goto out;
    if (send(sockfd, hello, sizeof hello - 1, MSG_NOSIGNAL) != (ssize_t)sizeof hello - 1)
        goto out;
    err = 0;
out:
    err = err ? errno : 0;
    close(sockfd); /* was: unless it is 0 */
    ipsec_free_policy(policy);
    errno = err;
    return err ? -1 : 0;
}

/*
 * Figure 16, on a connected socket and, as in the draft, on a datagram socket. was: one const
 * msghdr for sending and receiving, to which recvmsg() would write.
 */
static int hello_msg_client(int domain, int type, int protocol, const struct sockaddr *addr,
                            socklen_t addr_len, const struct msghdr *hello_msg,
                            struct msghdr *answer, ipsec_channel_info_t **old_channel)
{
    ipsec_policy_t *policy = NULL;
    ipsec_channel_info_t *channel = NULL;
    int err = -1;
    int sockfd = socket(domain, type, protocol);
    if (sockfd < 0)
        return -1;
    if (ipsec_prepare_recv(sockfd) || !(policy = hello_policy(IPSEC_BTNS_STANDALONE)) ||
        (addr && (ipsec_set_socket_policy(sockfd, policy) || connect(sockfd, addr, addr_len))))
        goto out;
    /* was: only if *old_channel, so that the first message had no policy at all */
    if (ipsec_set_msg_policy(hello_msg, policy) ||
        (*old_channel && ipsec_set_msg_channel_info(hello_msg, *old_channel)))
        goto out;
    if (sendmsg(sockfd, hello_msg, MSG_NOSIGNAL) != (ssize_t)sizeof hello - 1)
        goto out;
    if (!*old_channel && ipsec_get_msg_channel_info(hello_msg, old_channel))
        goto out;
    /*
     * Accepts an answer only from the same peer. was: channel_info, which is NULL from the second
     * time on
     */
    shutdown(sockfd, SHUT_WR);
    if (ipsec_set_msg_policy(answer, policy) || ipsec_set_msg_channel_info(answer, *old_channel) ||
        ipsec_recvmsg(sockfd, answer, 0) < 0)
        goto out;
    if (ipsec_get_msg_channel_info(answer, &channel) ||
        ipsec_cmp_channel_info(channel, *old_channel))
        goto out;
    err = 0;
out:
    err = err ? errno : 0;
    ipsec_free_channel_info(channel);
    close(sockfd);
    ipsec_free_policy(policy);
    errno = err;
    return err ? -1 : 0;
}

/* One of the four clients. */
static int hello_client(const char *kind, const struct sockaddr_in *to, ipsec_channel_info_t **old)
{
    char room[64], control[IPSEC_MSG_CONTROL];
    struct sockaddr_in from;
    struct iovec out = {(void *)(uintptr_t)hello, sizeof hello - 1}, in = {room, sizeof room};
    const struct sockaddr *addr = (const struct sockaddr *)to;
    struct msghdr hello_msg = {.msg_iov = &out, .msg_iovlen = 1};
    struct msghdr answer = {.msg_iov = &in,
                            .msg_iovlen = 1,
                            .msg_name = &from,
                            .msg_namelen = sizeof from,
                            .msg_control = control,
                            .msg_controllen = sizeof control};
    int type = strncmp(kind, "udp-", 4) ? SOCK_STREAM : SOCK_DGRAM;
    if (strstr(kind, "conn"))
        return hello_conn_client(AF_INET, type, 0, addr, sizeof *to, old);
    if (type == SOCK_STREAM)
        return hello_msg_client(AF_INET, type, 0, addr, sizeof *to, &hello_msg, &answer, old);
    hello_msg.msg_name = (void *)(uintptr_t)to;
    hello_msg.msg_namelen = sizeof *to;
    return hello_msg_client(AF_INET, type, 0, NULL, 0, &hello_msg, &answer, old);
}

int main(int argc, char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    char reason[512];
    if (argc < 5 || !inet_aton(argv[2], &to.sin_addr))
        return 2;
    to.sin_port = htons((uint16_t)atoi(argv[3]));
    ipsec_channel_info_t *old = read_channel(argv[4]);
    if (hello_client(argv[1], &to, &old)) {
        int error = errno;
        ipsec_get_reason(reason, sizeof reason);
        printf("hello: %s: %s\n", strerrorname_np(error), reason);
        return 1;
    }
    write_channel(argv[4], old);
    ipsec_free_channel_info(old);
    puts("hello: sent");
    return 0;
}
