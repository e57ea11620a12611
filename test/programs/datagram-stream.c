/*
 * datagram-stream receive PORT | send ADDRESS PORT RATE FILE
 *
 * send: sends RATE numbered datagrams a second, or as many as the machine can, until FILE exists.
 * At the end it prints how many it sent, in how many seconds, and how often the kernel had no room
 * for one, which was sent again. receive: counts the datagrams until it is killed, and prints how
 * many came when the last one has come.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SOME = 100, MOST = 1 << 24, TICKS = 100 }; /* datagrams a call; in all; calls a second */

/* n: its number, or MOST in the last one, which says how many were sent. In network order. */
struct datagram {
    uint32_t n, sent;
    char rest[56];
};

static struct datagram data[SOME];
static struct iovec part[SOME];
static struct mmsghdr message[SOME];

static void prepare(struct sockaddr_in *to)
{
    for (int i = 0; i < SOME; i++) {
        part[i] = (struct iovec){&data[i], sizeof data[i]};
        message[i].msg_hdr = (struct msghdr){.msg_iov = &part[i], .msg_iovlen = 1};
        if (to) {
            message[i].msg_hdr.msg_name = to;
            message[i].msg_hdr.msg_namelen = sizeof *to;
        }
    }
}

static int receive(uint16_t port)
{
    static unsigned char came[MOST / 8];
    struct sockaddr_in6 here = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    int room = 1 << 26, fd = socket(AF_INET6, SOCK_DGRAM, 0);
    uint32_t count = 0;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room); /* a slow receiver loses none */
    if (bind(fd, (struct sockaddr *)&here, sizeof here))
        err(1, "bind");
    prepare(NULL);
    puts("bound");
    for (;;) {
        fflush(stdout);
        int got = recvmmsg(fd, message, SOME, MSG_WAITFORONE, NULL);
        for (int i = 0; i < got; i++) {
            uint32_t n = ntohl(data[i].n), bit = 1u << n % 8, sent = ntohl(data[i].sent);
            if (n < MOST && !(came[n / 8] & bit)) {
                came[n / 8] |= (unsigned char)bit;
                count++;
            } else if (n == MOST) {
                printf(sent == count ? "all %u came\n" : "of %u came %u\n", sent, count);
            }
        }
    }
}

static const struct timespec moment = {0, 1000000};

/* Returns how often the kernel had no room, as while there is no SA. */
static unsigned send_some(int fd, int count)
{
    unsigned again = 0;
    for (int done = 0; done < count;) {
        int n = sendmmsg(fd, message + done, (unsigned)(count - done), 0);
        if (n < 0 && errno != EAGAIN)
            err(1, "sendmmsg");
        if (n < 0)
            nanosleep(&moment, NULL);
        again += n < 0;
        done += n < 0 ? 0 : n;
    }
    return again;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void sleep_until(double due)
{
    double left = due - seconds();
    const struct timespec t = {(time_t)left, (long)((left - (double)(time_t)left) * 1e9)};
    if (left > 0)
        nanosleep(&t, NULL);
}

static int send_stream(struct sockaddr_in *to, int rate, const char *path)
{
    int each = rate / TICKS < SOME ? rate / TICKS : SOME, fd = socket(AF_INET, SOCK_DGRAM, 0);
    uint32_t sent = 0;
    unsigned again = 0;
    double begun = seconds(), due = begun;
    prepare(to);
    while (access(path, F_OK) && sent + SOME < MOST) {
        for (int i = 0; i < each; i++)
            data[i].n = htonl(sent++);
        again += send_some(fd, each);
        if (sent == (uint32_t)each)
            puts("begun");
        fflush(stdout);
        double now = seconds();
        due += 1.0 / TICKS;
        due = due < now - 0.1 ? now - 0.1 : due;
        sleep_until(due);
    }
    double took = seconds() - begun;
    printf("%u sent in %.1f s, %.0f a second, %u tries had no room\n", sent, took, sent / took,
           again);
    fflush(stdout);
    data[0].n = htonl(MOST);
    data[0].sent = htonl(sent);
    for (int i = 0; i < 10; i++) {
        send_some(fd, 1);
        sleep_until(seconds() + 0.2);
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    if (argc == 3 && !strcmp(argv[1], "receive"))
        return receive((uint16_t)atoi(argv[2]));
    if (argc != 6 || strcmp(argv[1], "send") || inet_pton(AF_INET, argv[2], &to.sin_addr) != 1)
        errx(2, "usage: datagram-stream receive PORT | send ADDRESS PORT RATE FILE");
    to.sin_port = htons((uint16_t)atoi(argv[3]));
    return send_stream(&to, atoi(argv[4]), argv[5]);
}
