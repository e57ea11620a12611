/* The statement by which a host's old key vouches for its new one: read, written, signed, verified.
 */
#include "btnsd/ike/keys/rotation.h"

#include <endian.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

static const char purpose[] = "btns host key rotation, format 1"; /* signed with its NUL */

#define STATED    (CLAIM_ROTATION - sizeof((struct rotation *)0)->signature)
#define SIGNED    (sizeof purpose + STATED)
#define YEAR_9999 253402300799u

bool rotation_read(const uint8_t *claim, size_t len, struct rotation *r)
{
    uint64_t until;
    *r = (struct rotation){0};
    if (len != CLAIM_KEY && len != CLAIM_ROTATION)
        return false;
    memcpy(r->key.raw, claim, 32);
    if (len == CLAIM_KEY)
        return true;
    memcpy(r->old.raw, claim + 32, 32);
    memcpy(&until, claim + 64, sizeof until);
    memcpy(r->signature, claim + STATED, sizeof r->signature);
    r->until = be64toh(until);
    return r->until > 0;
}

static int hex_value(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool rotation_read_id(const uint8_t *id, size_t len, struct rotation *r)
{
    uint8_t claim[CLAIM_MAX];
    size_t n = 0;
    *r = (struct rotation){0};
    if (len == CLAIM_KEY)
        return rotation_read(id, len, r);
    for (size_t at = 0; at < len; at += 3, n++) {
        if (n == CLAIM_MAX || at + 2 > len || (at && id[at - 1] != ':'))
            return false;
        int hi = hex_value(id[at]), lo = hex_value(id[at + 1]);
        if (hi < 0 || lo < 0)
            return false;
        claim[n] = (uint8_t)(hi << 4 | lo);
    }
    return n && len == n * 3 - 1 && rotation_read(claim, n, r);
}

static void write_stated(const struct rotation *r, uint8_t stated[STATED])
{
    const uint64_t until = htobe64(r->until);
    memcpy(stated, r->key.raw, 32);
    memcpy(stated + 32, r->old.raw, 32);
    memcpy(stated + 64, &until, sizeof until);
}

size_t rotation_write(const struct rotation *r, uint64_t now, uint8_t claim[CLAIM_MAX])
{
    write_stated(r, claim);
    memcpy(claim + STATED, r->signature, sizeof r->signature);
    return r->until > now ? CLAIM_ROTATION : CLAIM_KEY;
}

static void write_signed(const struct rotation *r, uint8_t text[SIGNED])
{
    memcpy(text, purpose, sizeof purpose);
    write_stated(r, text + sizeof purpose);
}

const char *rotation_fault(const struct rotation *r, uint64_t now)
{
    uint8_t text[SIGNED];
    if (!r->until)
        return "there is no statement";
    if (r->until <= now)
        return "the statement has expired";
    if (r->until > YEAR_9999 || r->until - now > 2 * ROTATION_DAYS * 86400ull)
        return "the statement is valid for too long";
    if (btns_key_equal(&r->key, &r->old))
        return "the statement is about one key";
    write_signed(r, text);
    EVP_PKEY *old = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, r->old.raw, 32);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = old && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, old) == 1 &&
                EVP_DigestVerify(ctx, r->signature, sizeof r->signature, text, sizeof text) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(old);
    ERR_clear_error();
    return good ? NULL : "the statement is not signed by the old key";
}

bool rotation_sign(struct rotation *r, const uint8_t *pkcs8, size_t len)
{
    uint8_t text[SIGNED];
    size_t n = sizeof r->signature;
    const unsigned char *at = pkcs8;
    write_signed(r, text);
    EVP_PKEY *old = d2i_AutoPrivateKey(NULL, &at, (long)len);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool done = old && ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, old) == 1 &&
                EVP_DigestSign(ctx, r->signature, &n, text, sizeof text) == 1 &&
                n == sizeof r->signature;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(old);
    ERR_clear_error();
    return done;
}
