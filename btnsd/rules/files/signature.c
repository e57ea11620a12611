/*
 * Finds the author who signed a text, by detached Ed25519 signatures (RFC 8032) over all of its
 * octets.
 */
#include "btnsd/rules/files/signature.h"

#include <openssl/evp.h>

static bool is_signed_by(const struct btns_key *key, const struct policy_text *text,
                         const uint8_t signature[SIGNATURE_SIZE])
{
    EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->raw, sizeof key->raw);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = pkey && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
                EVP_DigestVerify(ctx, signature, SIGNATURE_SIZE, (const unsigned char *)text->text,
                                 text->len) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    return good;
}

const struct policy_author *signature_author(const struct rules *authors,
                                             const struct policy_text *text,
                                             const uint8_t signature[SIGNATURE_SIZE])
{
    for (size_t i = 0; authors && i < authors->authors; i++)
        if (is_signed_by(&authors->author[i].key, text, signature))
            return &authors->author[i];
    return NULL;
}
