/* btnsctl policy sign: signs a package's policy. */
#include "btnsd/ctl/policy_sign.h"

#include "btnsd/base/file.h"
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/files/source.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

static EVP_PKEY *read_policy_signing_key(const char *path, struct err *err)
{
    FILE *f = fopen(path, "re");
    EVP_PKEY *pkey = f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;
    if (!f)
        err_set(err, "%s: %s", path, strerror(errno));
    else if (!pkey || EVP_PKEY_id(pkey) != EVP_PKEY_ED25519)
        err_set(err, "%s: not an Ed25519 private key in PEM (openssl genpkey -algorithm ed25519)",
                path);
    if (f)
        fclose(f);
    if (pkey && EVP_PKEY_id(pkey) == EVP_PKEY_ED25519)
        return pkey;
    EVP_PKEY_free(pkey);
    return NULL;
}

static int make_policy_signature(EVP_PKEY *pkey, const struct policy_text *text,
                                 unsigned char signature[64])
{
    size_t len = 64;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good =
        ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
        EVP_DigestSign(ctx, signature, &len, (const unsigned char *)text->text, text->len) == 1 &&
        len == 64;
    EVP_MD_CTX_free(ctx);
    return good ? 0 : -EIO;
}

static int write_policy_signature(const char *file, const unsigned char signature[64],
                                  struct err *err)
{
    char path[512];
    if ((size_t)snprintf(path, sizeof path, "%s.sig", file) >= sizeof path) {
        err_set(err, "%.200s...: the path is too long", file);
        return -ENAMETOOLONG;
    }
    int rc = file_write(path, signature, 64, 0644, true);
    if (rc)
        err_set(err, "%s: %s", path, strerror(-rc));
    return rc;
}

static void say_policy_signer(EVP_PKEY *pkey, const char *file)
{
    struct btns_key key = {.hashed = false};
    char text[BTNS_KEY_STR];
    size_t len = sizeof key.raw;
    if (EVP_PKEY_get_raw_public_key(pkey, key.raw, &len) == 1)
        printf("%s.sig: signed by %s\n", file, btns_key_str(&key, text));
}

/* Compiles the text first: a policy that btnsd would refuse is not signed. */
static int check_signed_policy(struct policy_text *text, struct err *err)
{
    text->source = SOURCE_PACKAGE;
    struct rules *r = policy_load_texts(text->file, text, 1, err);
    rules_free(r);
    return r ? 0 : -EINVAL;
}

int policy_sign(const char *key, const char *file, struct err *err)
{
    struct policy_text text = {.len = 0};
    unsigned char signature[64];
    int rc = source_read_any(file, &text, err);
    if (!rc)
        rc = check_signed_policy(&text, err);
    EVP_PKEY *pkey = rc ? NULL : read_policy_signing_key(key, err);
    if (!rc && !pkey)
        rc = -EINVAL;
    if (!rc && (rc = make_policy_signature(pkey, &text, signature)))
        err_set(err, "%s: cannot be signed", file);
    if (!rc)
        rc = write_policy_signature(file, signature, err);
    if (!rc)
        say_policy_signer(pkey, file);
    EVP_PKEY_free(pkey);
    free(text.text);
    return rc;
}
