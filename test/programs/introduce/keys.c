/* The keys of an introduction: Curve25519, HMAC-SHA-256, AES-GCM. */
#include "test/programs/introduce/introduce.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

static EVP_PKEY *own;

const uint8_t *key_pair_make(void)
{
    static uint8_t public_value[PUBLIC];
    size_t len = sizeof public_value;
    own = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
    if (!own || EVP_PKEY_get_raw_public_key(own, public_value, &len) != 1)
        die("no X25519 key");
    return public_value;
}

/* HMAC-SHA-256 over the parts (up to one with no data) under key. */
void prf(const void *key, size_t key_len, const struct bytes *part, uint8_t out[32])
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

bool derive(struct exchange *x, const uint8_t *theirs, const uint8_t *nonce, size_t nonce_len)
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

/* AES-GCM; the salt follows the key. Works in place, with the tag after the data. */
bool crypt_gcm(const uint8_t key[36], const uint8_t iv[8], const uint8_t *aad, size_t aad_len,
               uint8_t *data, size_t len, bool encrypt)
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
