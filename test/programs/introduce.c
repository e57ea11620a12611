/* A stranger: introduces itself to a btnsd by IKEv2, under made-up or malformed identities, many
 * times. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* RFC 7296, and RFC 6023 for an exchange without a child SA. */
enum { HEADER = 28, ID_MAX = 8000, PACKET_MAX = ID_MAX + 600, NONCE = 32, PUBLIC = 32 };
enum {
    PL_SA = 33,
    PL_KE = 34,
    PL_IDI = 35,
    PL_IDR = 36,
    PL_AUTH = 39,
    PL_NONCE = 40,
    PL_NOTIFY = 41,
    PL_SK = 46
};
enum { SA_INIT = 34, IKE_AUTH = 35, INITIATOR = 0x08, RESPONSE = 0x20, COOKIE = 16390 };
enum { ID_FQDN = 2, ID_KEY_ID = 11, TRIES = 20, AGAIN_MS = 2000 };

static const char usage[] =
    "Usage: introduce [OPTION]... ADDRESS\n"
    "  --count N     introductions (1)\n"
    "  --seconds N   begin none after that time\n"
    "  --window N    at a time (16)\n"
    "  --id WHAT     random: 32 octets each (the default); octets:N; hex:DIGITS; text:NAME\n"
    "  --from ADDRESS\n"
    "Prints how many were answered by an identity, refused, and not answered.\n";

struct keys {
    uint8_t d[32], ei[36], er[36], pi[32], pr[32];
};

/* One introduction under way. */
struct exchange {
    bool busy, authenticating;
    uint8_t spi_i[8], spi_r[8], nonce[NONCE];
    uint8_t init[PACKET_MAX], packet[PACKET_MAX]; /* the first request; the one to send again */
    size_t init_len, len;
    struct keys keys;
    unsigned tries;
    uint64_t due;
};

static struct {
    const char *id, *address, *from;
    unsigned count, window, seconds;
} options = {.id = "random", .count = 1, .window = 16};

static EVP_PKEY *own;
static uint8_t public_value[PUBLIC];
static unsigned introduced, refused, silent;

static void __attribute__((noreturn)) die(const char *what)
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

/* ---- writing ---- */

static uint8_t *put16(uint8_t *p, size_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
    return p + 2;
}

static uint8_t *put32(uint8_t *p, size_t v)
{
    return put16(put16(p, v >> 16), v & 0xffff);
}

static uint8_t *put(uint8_t *p, const void *data, size_t len)
{
    memcpy(p, data, len);
    return p + len;
}

static uint8_t *payload(uint8_t *p, uint8_t next, size_t len)
{
    *p++ = next;
    *p++ = 0;
    return put16(p, len + 4);
}

static void header(const struct exchange *x, uint8_t *p, uint8_t next, uint8_t type, uint32_t id,
                   size_t len)
{
    p = put(put(p, x->spi_i, 8), x->spi_r, 8);
    *p++ = next;
    *p++ = 0x20;
    *p++ = type;
    *p++ = INITIATOR;
    put32(put32(p, id), len);
}

static void build_init(struct exchange *x, const uint8_t *cookie, size_t cookie_len)
{
    /* AES-GCM-16 with 256 bits, PRF HMAC-SHA-256, Curve25519 */
    static const uint8_t proposal[] = {0, 0, 0, 36, 1, 1, 0, 3, 3, 0, 0, 12, 1, 0, 0, 20, 0x80, 14,
                                       1, 0, 3, 0,  0, 8, 2, 0, 0, 5, 0, 0,  0, 8, 4, 0,  0,    31};
    uint8_t *p = x->packet + HEADER;
    if (cookie) {
        p = payload(p, PL_SA, 4 + cookie_len);
        p = put16(put16(p, 0), COOKIE);
        p = put(p, cookie, cookie_len);
    }
    p = put(payload(p, PL_KE, sizeof proposal), proposal, sizeof proposal);
    p = put16(put16(payload(p, PL_NONCE, 4 + PUBLIC), 31), 0);
    p = put(p, public_value, PUBLIC);
    p = put(payload(p, 0, NONCE), x->nonce, NONCE);
    x->len = (size_t)(p - x->packet);
    header(x, x->packet, cookie ? PL_NOTIFY : PL_SA, SA_INIT, 0, x->len);
    x->init_len = x->len;
    memcpy(x->init, x->packet, x->len);
}

/* ---- keys ---- */

struct bytes {
    const void *data;
    size_t len;
};

/* HMAC-SHA-256 over the parts (up to one with no data) under key. */
static void prf(const void *key, size_t key_len, const struct bytes *part, uint8_t out[32])
{
    uint8_t all[PACKET_MAX * 2];
    size_t n = 0;
    for (; part->data; part++) {
        memcpy(all + n, part->data, part->len);
        n += part->len;
    }
    if (!HMAC(EVP_sha256(), key, (int)key_len, all, n, out, NULL))
        die("HMAC");
}

static void prf_plus(const uint8_t key[32], const struct bytes *seed, uint8_t *out, size_t len)
{
    uint8_t t[32];
    for (uint8_t i = 1; len; i++) {
        struct bytes part[8] = {{t, i > 1 ? 32 : 0}};
        size_t n = 1, take = len < 32 ? len : 32;
        for (const struct bytes *s = seed; s->data; s++)
            part[n++] = *s;
        part[n] = (struct bytes){&i, 1};
        prf(key, 32, part, t);
        memcpy(out, t, take);
        out += take;
        len -= take;
    }
}

static bool derive(struct exchange *x, const uint8_t *theirs, const uint8_t *nonce,
                   size_t nonce_len)
{
    uint8_t shared[32], both[NONCE + 256], seed[32];
    size_t len = sizeof shared;
    EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, theirs, PUBLIC);
    EVP_PKEY_CTX *c = peer ? EVP_PKEY_CTX_new(own, NULL) : NULL;
    bool ok = c && EVP_PKEY_derive_init(c) == 1 && EVP_PKEY_derive_set_peer(c, peer) == 1 &&
              EVP_PKEY_derive(c, shared, &len) == 1 && nonce_len <= 256;
    EVP_PKEY_CTX_free(c);
    EVP_PKEY_free(peer);
    if (!ok)
        return false;
    put(put(both, x->nonce, NONCE), nonce, nonce_len);
    prf(both, NONCE + nonce_len, (struct bytes[]){{shared, 32}, {NULL, 0}}, seed);
    prf_plus(seed,
             (struct bytes[]){{both, NONCE + nonce_len}, {x->spi_i, 8}, {x->spi_r, 8}, {NULL, 0}},
             (uint8_t *)&x->keys, sizeof x->keys);
    return true;
}

/* AES-GCM with the salt after the key; in place, the tag after the data. */
static bool crypt_gcm(const uint8_t key[36], const uint8_t iv[8], const uint8_t *aad,
                      size_t aad_len, uint8_t *data, size_t len, bool encrypt)
{
    uint8_t nonce[12];
    int n;
    put(put(nonce, key + 32, 4), iv, 8);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool ok = c && EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce, encrypt) == 1 &&
              (encrypt || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, 16, data + len) == 1) &&
              EVP_CipherUpdate(c, NULL, &n, aad, (int)aad_len) == 1 &&
              EVP_CipherUpdate(c, data, &n, data, (int)len) == 1 &&
              EVP_CipherFinal_ex(c, data + len, &n) == 1 &&
              (!encrypt || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, 16, data + len) == 1);
    EVP_CIPHER_CTX_free(c);
    return ok;
}

/* ---- the second request ---- */

static size_t from_hex(const char *text, uint8_t *out, size_t max)
{
    size_t n = 0;
    unsigned v;
    for (; n < max && sscanf(text, "%2x", &v) == 1; text += 2)
        out[n++] = (uint8_t)v;
    return n;
}

/* What comes after the generic header of IDi: type, three zeros, the identity. */
static size_t identity(uint8_t *p)
{
    const char *id = options.id, *value = strchr(id, ':');
    size_t len = 32;
    put32(p, (size_t)ID_KEY_ID << 24);
    if (value && !strncmp(id, "text:", 5)) {
        p[0] = ID_FQDN;
        len = strnlen(value + 1, ID_MAX);
        memcpy(p + 4, value + 1, len);
    } else if (value && !strncmp(id, "hex:", 4)) {
        len = from_hex(value + 1, p + 4, ID_MAX);
    } else {
        len = value ? strtoul(value + 1, NULL, 10) : 32;
        if (len > ID_MAX || (len && RAND_bytes(p + 4, (int)len) != 1))
            die("no such identity");
    }
    return 4 + len;
}

static void build_auth(struct exchange *x, const uint8_t *nonce, size_t nonce_len)
{
    static const char secret[] = "btns introduction, format 1", pad[] = "Key Pad for IKEv2";
    uint8_t id[4 + ID_MAX], of_id[32], of_secret[32], auth[32];
    size_t id_len = identity(id);
    prf(x->keys.pi, 32, (struct bytes[]){{id, id_len}, {NULL, 0}}, of_id);
    prf(secret, sizeof secret - 1, (struct bytes[]){{pad, sizeof pad - 1}, {NULL, 0}}, of_secret);
    prf(of_secret, 32,
        (struct bytes[]){{x->init, x->init_len}, {nonce, nonce_len}, {of_id, 32}, {NULL, 0}}, auth);

    size_t clear = 4 + id_len + 4 + 4 + 32 + 1;
    uint8_t *sk = x->packet + HEADER, *iv = sk + 4, *p = iv + 8;
    payload(sk, PL_IDI, 8 + clear + 16);
    RAND_bytes(iv, 8);
    p = put(payload(p, PL_AUTH, id_len), id, id_len);
    p = put32(payload(p, 0, 4 + 32), (size_t)2 << 24); /* shared key message integrity code */
    p = put(p, auth, 32);
    *p = 0; /* pad length */
    x->len = HEADER + 4 + 8 + clear + 16;
    header(x, x->packet, PL_SK, IKE_AUTH, 1, x->len);
    if (!crypt_gcm(x->keys.ei, iv, x->packet, HEADER + 4, iv + 8, clear, true))
        die("AES-GCM");
}

/* ---- reading ---- */

/* The first payload of this type: its body and length, or NULL. */
static const uint8_t *find(const uint8_t *m, size_t len, uint8_t type, size_t *body_len)
{
    uint8_t next = m[16];
    for (size_t at = HEADER; next && at + 4 <= len;) {
        size_t n = (size_t)m[at + 2] << 8 | m[at + 3];
        if (n < 4 || at + n > len)
            return NULL;
        if (next == type) {
            *body_len = n - 4;
            return m + at + 4;
        }
        next = m[at];
        at += n;
    }
    return NULL;
}

static void end(struct exchange *x, unsigned *counter)
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
        build_init(x, notify + 4, n - 4);
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

/* An identity, or a notification why not. */
static void auth_answered(struct exchange *x, uint8_t *m, size_t len)
{
    size_t n;
    uint8_t *sk = (uint8_t *)(uintptr_t)find(m, len, PL_SK, &n);
    bool whole = sk && n > 8 + 16 &&
                 crypt_gcm(x->keys.er, sk, m, (size_t)(sk - m), sk + 8, n - 8 - 16, false);
    end(x, whole && sk[-4] == PL_IDR ? &introduced : &refused);
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
        end(x, &refused);
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

/* ---- many ---- */

static void begin(int fd, struct exchange *x)
{
    memset(x, 0, sizeof *x);
    x->busy = true;
    if (RAND_bytes(x->spi_i, 8) != 1 || RAND_bytes(x->nonce, NONCE) != 1)
        die("no random numbers");
    build_init(x, NULL, 0);
    transmit(fd, x);
}

static void look_after(int fd, struct exchange *x)
{
    if (!x->busy || now_ms() < x->due)
        return;
    if (++x->tries == TRIES)
        end(x, &silent);
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

/* ---- start ---- */

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
            options.id = optarg;
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
    size_t len = sizeof public_value;
    parse(argc, argv);
    own = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
    if (!own || EVP_PKEY_get_raw_public_key(own, public_value, &len) != 1)
        die("no X25519 key");
    int fd = open_socket();
    uint64_t start = now_ms();
    run(fd);
    printf("introduced %u refused %u silent %u seconds %.1f\n", introduced, refused, silent,
           (double)(now_ms() - start) / 1000);
    return 0;
}
