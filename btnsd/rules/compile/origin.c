/* Records the texts that a generation comes from, for the audit log and package sequences. */
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/files/signature.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

static int note_origin(struct policy_builder *b, const struct policy_text *text,
                       struct policy_origin *o)
{
    unsigned n = sizeof o->hash;
    const char *octets = text->text ? text->text : "";
    o->file = policy_arena_text(b->arena, text->file);
    o->author = text->signer                  ? policy_arena_text(b->arena, text->signer->name)
                : text->source == SOURCE_USER ? "user"
                : text->vendor                ? "vendor"
                                              : "administrator";
    if (!o->file || !o->author ||
        EVP_Digest(octets, text->text ? text->len : 0, o->hash, &n, EVP_sha256(), NULL) != 1)
        return -ENOMEM;
    return 0;
}

static int hash_origins(struct rules *r)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
    for (size_t i = 0; good && i < r->origins; i++) {
        const struct policy_origin *o = &r->origin[i];
        good = EVP_DigestUpdate(ctx, o->file, strlen(o->file) + 1) == 1 &&
               EVP_DigestUpdate(ctx, o->hash, sizeof o->hash) == 1;
    }
    good = good && EVP_DigestFinal_ex(ctx, r->hash, NULL) == 1;
    EVP_MD_CTX_free(ctx);
    return good ? 0 : -ENOMEM;
}

int policy_note_origins(struct policy_builder *b, unsigned files)
{
    int rc = 0;
    b->rules->origin = policy_arena_get(b->arena, files + 1, sizeof *b->rules->origin);
    if (!b->rules->origin)
        return -ENOMEM;
    for (unsigned i = 0; !rc && i < files; i++)
        rc = note_origin(b, &b->text[i], &b->rules->origin[b->rules->origins++]);
    return rc ? rc : hash_origins(b->rules);
}
