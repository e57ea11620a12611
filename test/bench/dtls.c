/*
 * dtls serve PORT | dtls ADDRESS PORT COUNT: prints the microseconds that 32 octets take there and
 * back over OpenSSL's DTLS 1.2, as in a program that protects its datagrams itself. Uses a shared
 * secret, because a certificate costs time only in the handshake.
 */
#include <arpa/inet.h>
#include <err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PING = 32, WARM_UP = 32 };
static const unsigned char secret[32] = {1};

static unsigned on_server_psk(SSL *tls, const char *who, unsigned char *psk, unsigned room)
{
    (void)tls, (void)who;
    if (room < sizeof secret)
        return 0;
    memcpy(psk, secret, sizeof secret);
    return sizeof secret;
}

static unsigned on_client_psk(SSL *tls, const char *hint, char *who, unsigned who_room,
                              unsigned char *psk, unsigned room)
{
    (void)hint;
    snprintf(who, who_room, "bench");
    return on_server_psk(tls, who, psk, room);
}

static SSL *session(const SSL_METHOD *method, int fd)
{
    SSL_CTX *context = SSL_CTX_new(method);
    SSL_CTX_set_psk_client_callback(context, on_client_psk);
    SSL_CTX_set_psk_server_callback(context, on_server_psk);
    if (!SSL_CTX_set_cipher_list(context, "PSK-AES256-GCM-SHA384"))
        errx(1, "no such suite");
    SSL *tls = SSL_new(context);
    SSL_CTX_free(context);
    BIO *bio = BIO_new_dgram(fd, BIO_CLOSE);
    SSL_set_bio(tls, bio, bio);
    return tls;
}

static struct sockaddr_in address(const char *ip, const char *port)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    if (inet_pton(AF_INET, ip, &sa.sin_addr) != 1)
        errx(2, "no IPv4 address: '%s'", ip);
    return sa;
}

static void reach(SSL *tls, int fd, const struct sockaddr_in *peer)
{
    if (connect(fd, (const struct sockaddr *)peer, sizeof *peer))
        err(1, "connect");
    BIO_ctrl(SSL_get_rbio(tls), BIO_CTRL_DGRAM_SET_CONNECTED, 0, (void *)(uintptr_t)peer);
}

/* Serves one client after another; a client's first datagram tells its address. */
static int serve(const char *port)
{
    struct sockaddr_in here = address("0.0.0.0", port), peer;
    char octets[PING];
    for (;;) {
        int on = 1, n, fd = socket(AF_INET, SOCK_DGRAM, 0);
        socklen_t len = sizeof peer;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (bind(fd, (struct sockaddr *)&here, sizeof here))
            err(1, "bind");
        puts("ready");
        fflush(stdout);
        if (recvfrom(fd, octets, 1, MSG_PEEK, (struct sockaddr *)&peer, &len) < 0)
            err(1, "recvfrom");
        SSL *tls = session(DTLS_server_method(), fd);
        reach(tls, fd, &peer);
        if (SSL_accept(tls) == 1)
            while ((n = SSL_read(tls, octets, PING)) > 0)
                SSL_write(tls, octets, n);
        SSL_free(tls);
    }
}

static void ping(SSL *tls)
{
    char octets[PING] = {0};
    if (SSL_write(tls, octets, PING) != PING || SSL_read(tls, octets, PING) != PING)
        errx(1, "DTLS failed");
}

static double microseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
    struct timeval patience = {.tv_sec = 2}; /* if a datagram is lost, so is the measurement */
    if (argc == 3 && !strcmp(argv[1], "serve"))
        return serve(argv[2]);
    if (argc != 4)
        errx(2, "usage: dtls serve PORT | dtls ADDRESS PORT COUNT");
    struct sockaddr_in peer = address(argv[1], argv[2]);
    int fd = socket(AF_INET, SOCK_DGRAM, 0), count = atoi(argv[3]);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    SSL *tls = session(DTLS_client_method(), fd);
    reach(tls, fd, &peer);
    if (SSL_connect(tls) != 1)
        errx(1, "no DTLS session");
    for (int i = 0; i < WARM_UP; i++)
        ping(tls);
    double start = microseconds();
    for (int i = 0; i < count; i++)
        ping(tls);
    printf("%.2f\n", (microseconds() - start) / count);
    SSL_shutdown(tls);
    SSL_free(tls);
    return 0;
}
