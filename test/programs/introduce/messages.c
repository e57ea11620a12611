/* Writes an introduction's messages, and reads as much of the answers as is needed. */
#include "test/programs/introduce/introduce.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint8_t *put16(uint8_t *p, size_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
    return p + 2;
}

uint8_t *put32(uint8_t *p, size_t v)
{
    return put16(put16(p, v >> 16), v & 0xffff);
}

uint8_t *put(uint8_t *p, const void *data, size_t len)
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

void build_init(struct exchange *x, const uint8_t *public_value, const uint8_t *cookie,
                size_t cookie_len)
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

static size_t from_hex(const char *text, uint8_t *out, size_t max)
{
    size_t n = 0;
    unsigned v;
    for (; n < max && sscanf(text, "%2x", &v) == 1; text += 2)
        out[n++] = (uint8_t)v;
    return n;
}

/* The body of IDi: type, three zeros, the identity. */
static size_t identity(uint8_t *p)
{
    const char *id = identity_wanted, *value = strchr(id, ':');
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

void build_auth(struct exchange *x, const uint8_t *nonce, size_t nonce_len)
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

/* The first payload of this type: its body and length, or NULL. */
const uint8_t *find(const uint8_t *m, size_t len, uint8_t type, size_t *body_len)
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
