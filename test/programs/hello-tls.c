/*
 * The program of figure 15 in appendix A.1 of draft-komu-btns-api-00, and a server for it. What is
 * not as in the draft is marked "was:".
 *
 *   cc -D_GNU_SOURCE hello-tls.c -o hello-tls $(pkg-config --cflags --libs btns-openssl openssl)
 *   hello-tls [--offer] [--plain] [--tls1.2] client ADDRESS PORT NAME CA.pem FILE
 *   hello-tls [--offer] [--tls1.2] server PORT CERT.pem KEY.pem HEARD
 *
 * FILE keeps the peer between runs; HEARD gets what clients say. --offer: ipsec_tls_offer().
 * --plain: a policy that does not ask for the binding. Prints "hello: sent", or what failed.
 */
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <btns/ipsec.h>

#include "test/programs/keep-channel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

static const char hello[] = "hello world\n";
static bool offer, plain, tls12;

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

/*
 * Figure 15. The certificate is verified by OpenSSL itself (was: a function that the draft does not
 * show).
 */
static int hello_tls_conn_client(const char *hostname, int domain, int type, int protocol,
                                 const struct sockaddr *addr, socklen_t addr_len, SSL_CTX *ctx,
                                 ipsec_channel_info_t **old_channel)
{
    ipsec_policy_t *policy = NULL;
    ipsec_channel_info_t *channel = NULL;
    SSL *ssl = NULL;
    int err = -1;
    int sockfd = socket(domain, type, protocol);
    if (sockfd < 0)
        return -1;
    if (!(policy = hello_policy(plain ? IPSEC_BTNS_STANDALONE : IPSEC_BTNS_CHANNEL_BINDING)) ||
        ipsec_set_socket_policy(sockfd, policy))
        goto out;
    if (*old_channel && ipsec_set_socket_channel_info(sockfd, *old_channel))
        goto out;
    if (connect(sockfd, addr, addr_len))
        goto out;
    if (!(ssl = SSL_new(ctx)) || !SSL_set_fd(ssl, sockfd) || !SSL_set1_host(ssl, hostname) ||
        !SSL_set_tlsext_host_name(ssl, hostname))
        goto out;
    SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
    if (SSL_connect(ssl) <= 0) /* with ipsec_tls_offer(ctx): fails here if somebody is in between */
        goto out;
    /* The figure does this at first contact only, and misses another certificate on the channel. */
    if (ipsec_openssl_to_channel_info(ssl, policy, &channel))
        goto out;
    if (*old_channel && ipsec_cmp_channel_info(channel, *old_channel)) {
        errno = ENOKEY;
        goto out;
    }
    if (!*old_channel && ipsec_dup_channel_info(channel, old_channel))
        goto out;
    if (SSL_write(ssl, hello, sizeof hello - 1) != (int)sizeof hello - 1)
        goto out;
    /* The server confirms what it has received. Not in the draft. */
    char answer[8];
    if (SSL_read(ssl, answer, sizeof answer) <= 0)
        goto out;
    err = 0;
out:
    err = !err ? 0 : errno ? errno : EPROTO; /* OpenSSL may set it to 0 */
    ipsec_free_channel_info(channel);
    SSL_free(ssl);
    close(sockfd);
    ipsec_free_policy(policy);
    errno = err;
    return err ? -1 : 0;
}

static SSL_CTX *context(const SSL_METHOD *method)
{
    SSL_CTX *ctx = SSL_CTX_new(method);
    if (tls12)
        SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
    else
        SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
    if (offer && ipsec_tls_offer(ctx)) {
        perror("ipsec_tls_offer");
        exit(1);
    }
    return ctx;
}

static int be_client(char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    const char *name = argv[2], *file = argv[4];
    SSL_CTX *ctx = context(TLS_client_method());
    ipsec_channel_info_t *old = read_channel(file);
    char why[512] = "";
    inet_pton(AF_INET, argv[0], &to.sin_addr);
    SSL_CTX_load_verify_locations(ctx, argv[3], NULL);
    if (hello_tls_conn_client(name, AF_INET, SOCK_STREAM, 0, (struct sockaddr *)&to, sizeof to, ctx,
                              &old)) {
        int error = errno;
        ipsec_get_reason(why, sizeof why);
        printf("hello: %s: %s\n", strerrorname_np(error), why);
        ERR_print_errors_fp(stdout);
        return 1;
    }
    write_channel(file, old);
    ipsec_free_channel_info(old);
    SSL_CTX_free(ctx);
    puts("hello: sent");
    return 0;
}

static void serve_one(SSL_CTX *ctx, int fd, FILE *heard)
{
    char data[100], why[512];
    SSL *ssl = SSL_new(ctx);
    SSL_set_fd(ssl, fd);
    int n = SSL_accept(ssl) == 1 ? SSL_read(ssl, data, sizeof data) : -1;
    if (n > 0) {
        fwrite(data, 1, (size_t)n, heard);
        fflush(heard);
        SSL_write(ssl, "ok", 2);
        puts("served");
    } else {
        ipsec_get_reason(why, sizeof why);
        printf("not served: %s\n", why);
        ERR_print_errors_fp(stdout);
    }
    fflush(stdout);
    SSL_free(ssl);
    close(fd);
}

/* The policy is set on the listener and applies to what it accepts: nobody gets in in the clear. */
static int be_server(char **argv)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[0]))};
    SSL_CTX *ctx = context(TLS_server_method());
    ipsec_policy_t *policy = hello_policy(IPSEC_BTNS_STANDALONE);
    FILE *heard = fopen(argv[3], "ae");
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (!heard || SSL_CTX_use_certificate_file(ctx, argv[1], SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_use_PrivateKey_file(ctx, argv[2], SSL_FILETYPE_PEM) != 1 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
        bind(fd, (struct sockaddr *)&at, sizeof at) || ipsec_set_socket_policy(fd, policy) ||
        listen(fd, 5)) {
        perror("hello-tls server");
        return 1;
    }
    for (;;)
        serve_one(ctx, accept(fd, NULL, NULL), heard);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"offer", 0, NULL, 'o'},
                                            {"plain", 0, NULL, 'p'},
                                            {"tls1.2", 0, NULL, '2'},
                                            {NULL, 0, NULL, 0}};
    for (int c; (c = getopt_long(argc, argv, "+", options, NULL)) != -1;) {
        offer |= c == 'o';
        plain |= c == 'p';
        tls12 |= c == '2';
    }
    signal(SIGPIPE, SIG_IGN);
    argv += optind;
    argc -= optind;
    if (argc == 6 && !strcmp(*argv, "client"))
        return be_client(argv + 1);
    if (argc == 5 && !strcmp(*argv, "server"))
        return be_server(argv + 1);
    fputs("usage: see the source\n", stderr);
    return 2;
}
