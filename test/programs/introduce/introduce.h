/* For introduce/main.c: the introduction under way, its messages and keys. */
#ifndef BTNS_TEST_PROGRAMS_INTRODUCE_INTRODUCE_H
#define BTNS_TEST_PROGRAMS_INTRODUCE_INTRODUCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

struct bytes {
    const void *data;
    size_t len;
};

/* The identity (IDi) of the next introduction: --id. */
extern const char *identity_wanted;

void __attribute__((noreturn)) die(const char *what);

/* ---- keys.c ---- */

/* Makes the key pair of all introductions; its public value. */
const uint8_t *key_pair_make(void);

/* HMAC-SHA-256 over the parts (up to one with no data) under key. */
void prf(const void *key, size_t key_len, const struct bytes *part, uint8_t out[32]);

/* Derives the exchange's keys from the peer's answer; false if that is not possible. */
bool derive(struct exchange *x, const uint8_t *theirs, const uint8_t *nonce, size_t nonce_len);

/* AES-GCM; the salt follows the key. Works in place, with the tag after the data. */
bool crypt_gcm(const uint8_t key[36], const uint8_t iv[8], const uint8_t *aad, size_t aad_len,
               uint8_t *data, size_t len, bool encrypt);

/* ---- messages.c: written into x->packet, and read ---- */

uint8_t *put16(uint8_t *p, size_t v);
uint8_t *put32(uint8_t *p, size_t v);
uint8_t *put(uint8_t *p, const void *data, size_t len);
void build_init(struct exchange *x, const uint8_t *public_value, const uint8_t *cookie,
                size_t cookie_len);
void build_auth(struct exchange *x, const uint8_t *nonce, size_t nonce_len);

/* The first payload of this type: its body and length, or NULL. */
const uint8_t *find(const uint8_t *m, size_t len, uint8_t type, size_t *body_len);

#endif
