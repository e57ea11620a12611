/*
 * Receives datagrams at PORT from any sender. For each line on standard input it receives one, and
 * prints its sender: "ed25519:...", "clear" or "unknown".
 */
#include <btns/ipsec.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *sender(struct msghdr *msg)
{
    static char text[200];
    ipsec_channel_info_t *ci = NULL;
    uint32_t len;
    void *id = NULL;
    if (ipsec_get_msg_channel_info(msg, &ci))
        return errno == EAGAIN ? "unknown" : strerrorname_np(errno);
    bool known = !ipsec_get_channel_attr(ci, IPSEC_CHANNEL_PEER_ID, &len, &id);
    snprintf(text, sizeof text, "%s", known ? (char *)id : "clear");
    free(id);
    ipsec_free_channel_info(ci);
    return text;
}

int main(int argc, char **argv)
{
    struct sockaddr_in6 at = {.sin6_family = AF_INET6}, from;
    char data[100], control[IPSEC_MSG_CONTROL], line[10];
    struct iovec in = {data, sizeof data};
    struct msghdr msg = {.msg_iov = &in, .msg_iovlen = 1};
    int fd = socket(AF_INET6, SOCK_DGRAM, 0);
    at.sin6_port = htons((uint16_t)atoi(argv[argc - 1]));
    ipsec_policy_t *any = ipsec_new_policy(IPSEC_DEFAULT_POLICY);
    if (ipsec_prepare_recv(fd) || bind(fd, (struct sockaddr *)&at, sizeof at) ||
        ipsec_set_msg_policy(&msg, any)) {
        perror("senders");
        return 1;
    }
    while (fgets(line, sizeof line, stdin)) {
        msg.msg_name = &from;
        msg.msg_namelen = sizeof from;
        msg.msg_control = control;
        msg.msg_controllen = sizeof control;
        if (recvmsg(fd, &msg, 0) < 0)
            perror("recvmsg");
        else
            puts(sender(&msg));
        fflush(stdout);
    }
    ipsec_free_policy(any);
    return 0;
}
