/*
 * Reads, writes, signs and verifies the statements by which a host's old keys vouch for its new
 * one.
 */
#include "btnsd/ike/keys/rotation.h"

#include <endian.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

static const char purpose[] = "btns host key rotation, format 1"; /* signed with its NUL */

#define STATED    40 /* the old key and the time, of each link */
#define SIGNED    (sizeof purpose + CLAIM_KEY + STATED)
#define YEAR_9999 253402300799u

/* ---- octets ---- */

static void write_stated_link(const struct rotation_link *l, uint8_t stated[STATED])
{
    const uint64_t until = htobe64(l->until);
    memcpy(stated, l->old.raw, CLAIM_KEY);
    memcpy(stated + CLAIM_KEY, &until, sizeof until);
}

bool rotation_read(const uint8_t *claim, size_t len, struct rotation *r)
{
    uint64_t until;
    *r = (struct rotation){0};
    if (len < CLAIM_KEY || len > CLAIM_MAX || (len - CLAIM_KEY) % CLAIM_LINK)
        return false;
    memcpy(r->key.raw, claim, CLAIM_KEY);
    r->links = (len - CLAIM_KEY) / CLAIM_LINK;
    for (size_t i = 0; i < r->links; i++) {
        const uint8_t *at = claim + CLAIM_KEY + i * CLAIM_LINK;
        struct rotation_link *l = &r->link[i];
        memcpy(l->old.raw, at, CLAIM_KEY);
        memcpy(&until, at + CLAIM_KEY, sizeof until);
        memcpy(l->signature, at + STATED, sizeof l->signature);
        l->until = be64toh(until);
    }
    return true;
}

size_t rotation_write(const struct rotation *r, uint64_t now, uint8_t claim[CLAIM_MAX])
{
    uint8_t *at = claim + CLAIM_KEY;
    memcpy(claim, r->key.raw, CLAIM_KEY);
    for (size_t i = 0; i < r->links && r->link[i].until > now; i++, at += CLAIM_LINK) {
        write_stated_link(&r->link[i], at);
        memcpy(at + STATED, r->link[i].signature, sizeof r->link[i].signature);
    }
    return (size_t)(at - claim);
}

/* ---- identities ---- */

static int hex_value(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * Reads a key that charon printed as pairs of digits with colons, because the octets could not be
 * text.
 */
static bool read_claim_digits(const uint8_t *id, struct rotation *r)
{
    uint8_t claim[CLAIM_KEY];
    for (size_t n = 0; n < CLAIM_KEY; n++) {
        int hi = hex_value(id[3 * n]), lo = hex_value(id[3 * n + 1]);
        if (hi < 0 || lo < 0 || (n + 1 < CLAIM_KEY && id[3 * n + 2] != ':'))
            return false;
        claim[n] = (uint8_t)(hi << 4 | lo);
    }
    return rotation_read(claim, CLAIM_KEY, r);
}

/* Accepts only the canonical base64 form of the octets. */
static bool read_claim_base64(const uint8_t *id, size_t len, struct rotation *r)
{
    uint8_t claim[CLAIM_ID_MAX], again[CLAIM_ID_MAX + 1];
    if (!len || len > CLAIM_ID_MAX || len % 4)
        return false;
    int padding = (id[len - 1] == '=') + (id[len - 2] == '=');
    int n = EVP_DecodeBlock(claim, id, (int)len);
    ERR_clear_error();
    if (n != (int)(len / 4 * 3) || !rotation_read(claim, (size_t)(n - padding), r))
        return false;
    return EVP_EncodeBlock(again, claim, n - padding) == (int)len && !memcmp(again, id, len);
}

bool rotation_read_id(const uint8_t *id, size_t len, struct rotation *r)
{
    *r = (struct rotation){0};
    if (len == CLAIM_KEY)
        return rotation_read(id, len, r);
    return len == 3 * CLAIM_KEY - 1 ? read_claim_digits(id, r) : read_claim_base64(id, len, r);
}

size_t rotation_write_id(const struct rotation *r, uint64_t now, uint8_t id[CLAIM_ID_MAX])
{
    uint8_t claim[CLAIM_MAX], text[CLAIM_ID_MAX + 1];
    size_t len = rotation_write(r, now, claim);
    if (len == CLAIM_KEY) {
        memcpy(id, claim, len);
        return len;
    }
    int n = EVP_EncodeBlock(text, claim, (int)len);
    memcpy(id, text, (size_t)n);
    return (size_t)n;
}

/* ---- signatures ---- */

static const struct btns_key *rotation_key_after(const struct rotation *r, size_t i)
{
    return i ? &r->link[i - 1].old : &r->key;
}

static void write_signed_statement(const struct rotation *r, size_t i, uint8_t text[SIGNED])
{
    memcpy(text, purpose, sizeof purpose);
    memcpy(text + sizeof purpose, rotation_key_after(r, i)->raw, CLAIM_KEY);
    write_stated_link(&r->link[i], text + sizeof purpose + CLAIM_KEY);
}

static const char *fault_of_rotation(const struct rotation *r, size_t i, uint64_t now)
{
    uint8_t text[SIGNED];
    const struct rotation_link *l = &r->link[i];
    if (l->until <= now)
        return "the statement has expired";
    if (l->until > YEAR_9999 || l->until - now > 2 * ROTATION_DAYS * 86400ull)
        return "the statement is valid for too long";
    if (btns_key_equal(rotation_key_after(r, i), &l->old))
        return "the statement is about one key";
    write_signed_statement(r, i, text);
    EVP_PKEY *old = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, l->old.raw, CLAIM_KEY);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = old && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, old) == 1 &&
                EVP_DigestVerify(ctx, l->signature, sizeof l->signature, text, sizeof text) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(old);
    ERR_clear_error();
    return good ? NULL : "the statement is not signed by the old key";
}

const char *rotation_fault(const struct rotation *r, size_t i, uint64_t now)
{
    const char *fault = i < r->links ? NULL : "there is no statement";
    for (size_t at = 0; !fault && at <= i; at++)
        fault = fault_of_rotation(r, at, now);
    return fault;
}

void rotation_extend(struct rotation *r, const struct btns_key *next, uint64_t until)
{
    r->links += r->links < CLAIM_LINKS;
    memmove(&r->link[1], &r->link[0], (r->links - 1) * sizeof r->link[0]);
    r->link[0] = (struct rotation_link){.old = r->key, .until = until};
    r->key = *next;
}

bool rotation_sign(struct rotation *r, const uint8_t *pkcs8, size_t len)
{
    uint8_t text[SIGNED];
    size_t n = sizeof r->link[0].signature;
    const unsigned char *at = pkcs8;
    write_signed_statement(r, 0, text);
    EVP_PKEY *old = d2i_AutoPrivateKey(NULL, &at, (long)len);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool done = old && ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, old) == 1 &&
                EVP_DigestSign(ctx, r->link[0].signature, &n, text, sizeof text) == 1 &&
                n == sizeof r->link[0].signature;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(old);
    ERR_clear_error();
    return done;
}

bool rotation_has_old(const struct rotation *r, const struct btns_key *key)
{
    size_t i = 0;
    while (i < r->links && !btns_key_equal(&r->link[i].old, key))
        i++;
    return i < r->links;
}
