/*
 * Measures questions of libbtns, one after another:
 *
 *     library ADDRESS PORT COUNT channel|who|check
 *
 * Prints microseconds a call. The socket is connected to that address, where a server must listen.
 */
#include <btns/ipsec.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int ask_once(int fd, const char *what)
{
    ipsec_channel_info_t *ci;
    char text[256];
    if (!strcmp(what, "who"))
        return ipsec_who(fd, text, sizeof text);
    if (!strcmp(what, "check")) /* 1: the connection is in the clear */
        return ipsec_check_socket(fd, NULL) < 0;
    return ipsec_get_socket_channel_info(fd, &ci) || ipsec_free_channel_info(ci);
}

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (argc != 5 || !inet_aton(argv[1], &to.sin_addr))
        return 2;
    to.sin_port = htons((uint16_t)atoi(argv[2]));
    int count = atoi(argv[3]);
    if (connect(fd, (const struct sockaddr *)&to, sizeof to)) {
        perror("connect");
        return 1;
    }
    double start = now_us();
    for (int i = 0; i < count; i++)
        if (ask_once(fd, argv[4])) {
            perror(argv[4]);
            return 1;
        }
    printf("%.1f\n", (now_us() - start) / count);
    return 0;
}
