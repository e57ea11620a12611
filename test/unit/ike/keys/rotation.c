/* A statement by which a host key vouches for the next one: made, shown, read; and all that makes
 * it worthless. TAP. */
#include "btnsd/base/file.h"
#include "btnsd/ike/keys/hostkey.h"
#include "test/unit/check.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#define NOW 1795255200u

static char dir[80], keys[100];
static struct err err;

static bool faulty(struct rotation r, uint64_t now, const char *want)
{
    const char *why = rotation_fault(&r, now);
    if (!why || !strstr(why, want))
        printf("# %s\n", why ? why : "no fault");
    return why && strstr(why, want);
}

/* As charon prints an identity. */
static size_t print_id(const uint8_t *octets, size_t n, char *text)
{
    for (size_t i = 0; i < n; i++)
        sprintf(text + 3 * i, "%02x:", octets[i]);
    return 3 * n - 1;
}

static void statement(const struct hostkey *old, const struct hostkey *next)
{
    struct rotation r = {.key = next->pub, .old = old->pub, .until = NOW + 100}, other, read;
    uint8_t claim[CLAIM_MAX];
    char id[3 * CLAIM_MAX + 1];
    check(rotation_sign(&r, old->pkcs8, old->pkcs8_len) && !rotation_fault(&r, NOW),
          "the old key signs, and that is believed");
    check(faulty(r, NOW + 100, "expired"), "until it expires");
    check(rotation_write(&r, NOW, claim) == CLAIM_ROTATION &&
              rotation_read(claim, CLAIM_ROTATION, &read) && !rotation_fault(&read, NOW) &&
              btns_key_equal(&read.key, &r.key) && btns_key_equal(&read.old, &r.old),
          "written and read, it is the same");
    size_t n = print_id(claim, CLAIM_ROTATION, id);
    check(rotation_read_id((uint8_t *)id, n, &read) && !rotation_fault(&read, NOW),
          "as charon prints it, too");
    check(!rotation_read_id((uint8_t *)id, n - 1, &read) &&
              !rotation_read_id((uint8_t *)id, n - 3, &read) &&
              !rotation_read(claim, CLAIM_ROTATION - 1, &read) && !rotation_read_id(NULL, 0, &read),
          "cut off, it is nothing");
    check(rotation_write(&r, NOW + 100, claim) == CLAIM_KEY &&
              rotation_read(claim, CLAIM_KEY, &read) && faulty(read, NOW, "no statement"),
          "once expired it is not shown, and the key alone vouches for nothing");
    for (size_t i = 0; i < 3; i++) {
        other = r;
        (i == 0 ? other.key.raw : i == 1 ? other.old.raw : other.signature)[5] ^= 1;
        check(faulty(other, NOW, "not signed"), "with one bit changed it is not (%zu)", i);
    }
    other = r;
    other.until++;
    check(faulty(other, NOW, "not signed"), "nor with another end");
    other = (struct rotation){.key = next->pub, .old = old->pub, .until = NOW + 100};
    check(rotation_sign(&other, next->pkcs8, next->pkcs8_len) && faulty(other, NOW, "not signed"),
          "nor signed by the new key");
    other = (struct rotation){.key = old->pub, .old = old->pub, .until = NOW + 100};
    check(rotation_sign(&other, old->pkcs8, old->pkcs8_len) && faulty(other, NOW, "one key"),
          "a key does not vouch for itself");
    other = (struct rotation){.key = next->pub, .old = old->pub, .until = UINT64_MAX};
    check(rotation_sign(&other, old->pkcs8, old->pkcs8_len) && faulty(other, NOW, "too long"),
          "nor for ever");
}

/* The files: what a restart finds. */
static void files(void)
{
    struct hostkey old, next, read;
    char path[140];
    uint8_t claim[CLAIM_MAX];
    const uint64_t until = (uint64_t)time(NULL) + 1000;
    check(!hostkey_load(keys, &old, &err) && hostkey_claim(&old, claim) == CLAIM_KEY &&
              !memcmp(claim, old.pub.raw, 32),
          "a host key that was never rotated is claimed alone %s", err.text);
    check(!hostkey_rotate(keys, &old, until, &next, &err) && !btns_key_equal(&old.pub, &next.pub) &&
              hostkey_claim(&next, claim) == CLAIM_ROTATION,
          "rotated, the new one is claimed with the statement %s", err.text);
    check(!hostkey_load(keys, &read, &err) && btns_key_equal(&read.pub, &next.pub) &&
              btns_key_equal(&read.rotation.old, &old.pub) &&
              hostkey_claim(&read, claim) == CLAIM_ROTATION,
          "after a restart, too");
    statement(&old, &next);
    snprintf(path, sizeof path, "%s/host.key", keys);
    unlink(path);
    check(!hostkey_load(keys, &read, &err) && !read.rotation.until &&
              hostkey_claim(&read, claim) == CLAIM_KEY,
          "a statement about another key than this counts for nothing");
    snprintf(path, sizeof path, "%s/host.claim", keys);
    check(!file_write(path, "00zz", 4, 0644, true) && !hostkey_load(keys, &read, &err) &&
              !read.rotation.until,
          "nor does nonsense");
}

int main(void)
{
    scratch(dir, sizeof dir);
    snprintf(keys, sizeof keys, "%s/state", dir);
    files();
    scratch_remove(dir);
    return check_end();
}
