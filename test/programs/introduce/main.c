/* An attacker: sends many IKEv2 introductions to a btnsd, with made-up or malformed identities. */
#include "test/programs/introduce/introduce.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <openssl/rand.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "Usage: introduce [OPTION]... ADDRESS\n"
    "  --count N     introductions (1)\n"
    "  --seconds N   begin none after that time\n"
    "  --window N    at a time (16)\n"
    "  --id WHAT     random: 32 octets each (the default); octets:N; hex:DIGITS; text:NAME\n"
    "  --from ADDRESS\n"
    "Prints how many were answered by an identity, refused, and not answered.\n";

static struct {
    const char *address, *from;
    unsigned count, window, seconds;
} options = {.count = 1, .window = 16};

const char *identity_wanted = "random";

static const uint8_t *public_value;
static unsigned introduced, refused, silent;

void __attribute__((noreturn)) die(const char *what)
{
    fprintf(stderr, "introduce: %s\n", what);
    exit(1);
}

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void end_introduction(struct exchange *x, unsigned *counter)
{
    ++*counter;
    x->busy = false;
}

static bool init_answered(struct exchange *x, const uint8_t *m, size_t len)
{
    size_t ke_len, nonce_len, n;
    const uint8_t *ke = find(m, len, PL_KE, &ke_len), *nonce = find(m, len, PL_NONCE, &nonce_len);
    const uint8_t *notify = find(m, len, PL_NOTIFY, &n);
    if (!ke && notify && n > 4 && (notify[2] << 8 | notify[3]) == COOKIE) {
        build_init(x, public_value, notify + 4, n - 4);
        return true;
    }
    if (!ke || ke_len != 4 + PUBLIC || !nonce)
        return false;
    memcpy(x->spi_r, m + 8, 8);
    if (!derive(x, ke + 4, nonce, nonce_len))
        return false;
    build_auth(x, nonce, nonce_len);
    x->authenticating = true;
    return true;
}

/* The answer has an identity, or a notification of the error. */
static void auth_answered(struct exchange *x, uint8_t *m, size_t len)
{
    size_t n;
    uint8_t *sk = (uint8_t *)(uintptr_t)find(m, len, PL_SK, &n);
    bool whole = sk && n > 8 + 16 &&
                 crypt_gcm(x->keys.er, sk, m, (size_t)(sk - m), sk + 8, n - 8 - 16, false);
    end_introduction(x, whole && sk[-4] == PL_IDR ? &introduced : &refused);
}

static void transmit(int fd, struct exchange *x)
{
    ssize_t ignored = send(fd, x->packet, x->len, 0);
    (void)ignored;
    x->due = now_ms() + AGAIN_MS;
}

static void received(int fd, struct exchange *x, uint8_t *m, size_t len)
{
    bool auth = m[18] == IKE_AUTH;
    if (!(m[19] & RESPONSE) || auth != x->authenticating)
        return;
    x->tries = 0;
    if (auth)
        auth_answered(x, m, len);
    else if (init_answered(x, m, len))
        transmit(fd, x);
    else
        end_introduction(x, &refused);
}

static void receive(int fd, struct exchange *all)
{
    uint8_t m[PACKET_MAX];
    ssize_t n;
    while ((n = recv(fd, m, sizeof m, MSG_DONTWAIT)) >= 0 || errno == ECONNREFUSED) {
        if (n < HEADER)
            continue;
        for (unsigned i = 0; i < options.window; i++)
            if (all[i].busy && !memcmp(all[i].spi_i, m, 8)) {
                received(fd, &all[i], m, (size_t)n);
                break;
            }
    }
}

static void begin(int fd, struct exchange *x)
{
    memset(x, 0, sizeof *x);
    x->busy = true;
    if (RAND_bytes(x->spi_i, 8) != 1 || RAND_bytes(x->nonce, NONCE) != 1)
        die("no random numbers");
    build_init(x, public_value, NULL, 0);
    transmit(fd, x);
}

static void look_after(int fd, struct exchange *x)
{
    if (!x->busy || now_ms() < x->due)
        return;
    if (++x->tries == TRIES)
        end_introduction(x, &silent);
    else
        transmit(fd, x);
}

static void run(int fd)
{
    struct exchange *all = calloc(options.window, sizeof *all);
    unsigned begun = 0;
    if (!all)
        die("out of memory");
    uint64_t until = now_ms() + options.seconds * 1000u;
    while (introduced + refused + silent < options.count) {
        if (options.seconds && now_ms() > until)
            options.count = begun;
        struct pollfd p = {.fd = fd, .events = POLLIN};
        for (unsigned i = 0; i < options.window; i++)
            if (!all[i].busy && begun < options.count) {
                begin(fd, &all[i]);
                begun++;
            }
        poll(&p, 1, 100);
        receive(fd, all);
        for (unsigned i = 0; i < options.window; i++)
            look_after(fd, &all[i]);
    }
    free(all);
}

static int open_socket(void)
{
    struct sockaddr_storage to = {0}, from = {0};
    struct sockaddr_in *to4 = (void *)&to, *from4 = (void *)&from;
    struct sockaddr_in6 *to6 = (void *)&to, *from6 = (void *)&from;
    bool v6 = strchr(options.address, ':');
    to.ss_family = from.ss_family = v6 ? AF_INET6 : AF_INET;
    *(v6 ? &to6->sin6_port : &to4->sin_port) = htons(500);
    const char *source = options.from ? options.from : v6 ? "::" : "0.0.0.0";
    if (inet_pton(to.ss_family, options.address, v6 ? (void *)&to6->sin6_addr : &to4->sin_addr) !=
            1 ||
        inet_pton(to.ss_family, source, v6 ? (void *)&from6->sin6_addr : &from4->sin_addr) != 1)
        die("not an address");
    socklen_t len = v6 ? sizeof *to6 : sizeof *to4;
    int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&from, len) ||
        connect(fd, (struct sockaddr *)&to, len))
        die(strerror(errno));
    return fd;
}

static void parse(int argc, char **argv)
{
    static const struct option longs[] = {{"count", 1, NULL, 'c'},   {"window", 1, NULL, 'w'},
                                          {"seconds", 1, NULL, 's'}, {"id", 1, NULL, 'i'},
                                          {"from", 1, NULL, 'f'},    {0}};
    int c;
    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (c == 'c')
            options.count = (unsigned)strtoul(optarg, NULL, 10);
        else if (c == 'w')
            options.window = (unsigned)strtoul(optarg, NULL, 10);
        else if (c == 's')
            options.seconds = (unsigned)strtoul(optarg, NULL, 10);
        else if (c == 'i')
            identity_wanted = optarg;
        else if (c == 'f')
            options.from = optarg;
        else
            exit(100);
    }
    if (optind + 1 != argc || !options.window) {
        fputs(usage, stderr);
        exit(100);
    }
    options.address = argv[optind];
}

int main(int argc, char **argv)
{
    parse(argc, argv);
    public_value = key_pair_make();
    int fd = open_socket();
    uint64_t start = now_ms();
    run(fd);
    printf("introduced %u refused %u silent %u seconds %.1f\n", introduced, refused, silent,
           (double)(now_ms() - start) / 1000);
    return 0;
}
