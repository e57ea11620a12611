/*
 * tls ADDRESS PORT: microseconds from connect() to the first octet back through TLS (openssl
 * s_server -rev).
 */
#include <arpa/inet.h>
#include <err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double microseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
    struct sockaddr_in sa = {.sin_family = AF_INET};
    char reply[16];
    if (argc != 3 || inet_pton(AF_INET, argv[1], &sa.sin_addr) != 1)
        errx(2, "usage: tls ADDRESS PORT");
    sa.sin_port = htons((uint16_t)atoi(argv[2]));
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *tls = SSL_new(context);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    double start = microseconds();
    if (connect(fd, (struct sockaddr *)&sa, sizeof sa))
        err(1, "connect");
    if (!SSL_set_fd(tls, fd) || SSL_connect(tls) != 1 || SSL_write(tls, "x\n", 2) != 2 ||
        SSL_read(tls, reply, sizeof reply) <= 0)
        errx(1, "TLS failed");
    printf("%.1f\n", microseconds() - start);
    SSL_shutdown(tls);
    SSL_free(tls);
    SSL_CTX_free(context);
    return 0;
}
