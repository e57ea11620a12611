/*
 * The statements by which a host key vouches for the next one: made, shown and read; and everything
 * that makes one invalid. TAP.
 */
#include "btnsd/base/file.h"
#include "btnsd/ike/keys/hostkey.h"
#include "test/unit/check.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NOW  1795255200u
#define MOST (CLAIM_LINKS + 1)

static char dir[80], keys[100];
static struct err err;

static bool faulty(struct rotation r, size_t i, uint64_t now, const char *want)
{
    const char *why = rotation_fault(&r, i, now);
    if (!why || !strstr(why, want))
        printf("# %s\n", why ? why : "no fault");
    return why && strstr(why, want);
}

/* The text that charon prints for an identity that is not printable. */
static size_t print_id(const uint8_t *octets, size_t n, char *text)
{
    for (size_t i = 0; i < n; i++)
        sprintf(text + 3 * i, "%02x:", octets[i]);
    return 3 * n - 1;
}

static struct rotation signed_by(const struct hostkey *old, const struct btns_key *key,
                                 uint64_t until)
{
    struct rotation r = {.key = old->pub};
    rotation_extend(&r, key, until);
    check(rotation_sign(&r, old->pkcs8, old->pkcs8_len), "the old key signs");
    return r;
}

static void statement(const struct hostkey *old, const struct hostkey *next)
{
    struct rotation r = signed_by(old, &next->pub, NOW + 100), other, read;
    uint8_t claim[CLAIM_MAX], id[CLAIM_ID_MAX];
    check(!rotation_fault(&r, 0, NOW), "the statement is believed");
    check(faulty(r, 0, NOW + 100, "expired"), "until it expires");
    check(rotation_has_old(&r, &old->pub) && !rotation_has_old(&r, &next->pub),
          "the old key is one of those that vouch");
    size_t n = rotation_write(&r, NOW, claim);
    check(n == CLAIM_KEY + CLAIM_LINK && rotation_read(claim, n, &read) &&
              !rotation_fault(&read, 0, NOW) && btns_key_equal(&read.key, &r.key) &&
              btns_key_equal(&read.link[0].old, &old->pub),
          "written and read, it is the same");
    check(!rotation_read(claim, n - 1, &read), "cut off, it is nothing");
    n = rotation_write_id(&r, NOW, id);
    check(rotation_read_id(id, n, &read) && !rotation_fault(&read, 0, NOW), "as an identity, too");
    check(!rotation_read_id(id, n - 1, &read) && !rotation_read_id(id, n - 4, &read) &&
              !rotation_read_id(NULL, 0, &read),
          "cut off, that is nothing");
    n = rotation_write(&r, NOW + 100, claim);
    check(n == CLAIM_KEY && rotation_read(claim, n, &read) && faulty(read, 0, NOW, "no statement"),
          "once expired it is not shown, and the key alone vouches for nothing");
    for (size_t i = 0; i < 3; i++) {
        other = r;
        (i == 0 ? other.key.raw : i == 1 ? other.link[0].old.raw : other.link[0].signature)[5] ^= 1;
        check(faulty(other, 0, NOW, "not signed"), "with one bit changed it is not (%zu)", i);
    }
    other = r;
    other.link[0].until++;
    check(faulty(other, 0, NOW, "not signed"), "nor with another end");
    check(rotation_sign(&other, next->pkcs8, next->pkcs8_len) &&
              faulty(other, 0, NOW, "not signed"),
          "nor signed by the new key");
    check(faulty(signed_by(old, &old->pub, NOW + 100), 0, NOW, "one key"),
          "a key does not vouch for itself");
    check(faulty(signed_by(old, &next->pub, UINT64_MAX), 0, NOW, "too long"), "nor for ever");
}

/* charon's text for a key without a statement. */
static void key_alone(const struct hostkey *k)
{
    struct rotation read;
    uint8_t id[CLAIM_ID_MAX];
    char text[3 * CLAIM_KEY + 1];
    check(hostkey_claim(k, id) == CLAIM_KEY && !memcmp(id, k->pub.raw, CLAIM_KEY),
          "a host key that was never rotated is claimed alone");
    size_t n = print_id(id, CLAIM_KEY, text);
    check(rotation_read_id((uint8_t *)text, n, &read) && btns_key_equal(&read.key, &k->pub) &&
              !read.links && rotation_read_id(id, CLAIM_KEY, &read) &&
              btns_key_equal(&read.key, &k->pub),
          "and read, with digits and without");
    text[2] = '.';
    check(!rotation_read_id((uint8_t *)text, n, &read), "other text is nothing");
}

/* key[0] is the oldest. */
static void chain(const struct hostkey key[MOST + 1])
{
    struct rotation read, other;
    uint8_t id[CLAIM_ID_MAX];
    size_t n = hostkey_claim(&key[MOST], id);
    const uint64_t now = (uint64_t)time(NULL);
    check(n == CLAIM_ID_MAX && n < 512 && rotation_read_id(id, n, &read) &&
              read.links == CLAIM_LINKS,
          "so many rotations are shown, and charon prints all of that (%zu)", n);
    for (size_t i = 0; i < CLAIM_LINKS; i++)
        check(btns_key_equal(&read.link[i].old, &key[MOST - 1 - i].pub) &&
                  !rotation_fault(&read, i, now),
              "who missed %zu rotations believes it", i + 1);
    check(!rotation_has_old(&read, &key[0].pub) && faulty(read, CLAIM_LINKS, now, "no statement"),
          "the oldest key is not shown any more");
    other = read;
    other.link[0].signature[0] ^= 1;
    check(faulty(other, 2, now, "not signed") && faulty(other, 0, now, "not signed"),
          "each link counts: the newest");
    other = read;
    other.link[1].until--;
    check(faulty(other, 2, now, "not signed") && !rotation_fault(&other, 0, now),
          "and one in the middle, for those before it");
    other = read;
    other.link[1] = other.link[2];
    check(faulty(other, 1, now, "not signed"), "none can be left out");
    other = read;
    other.link[1].until = now;
    check(rotation_write_id(&other, now, id) < n && rotation_read_id(id, n, &other) == false,
          "an expired one is left out with those before it");
}

static bool exists(const char *name)
{
    struct stat st;
    char path[140];
    snprintf(path, sizeof path, "%s/%s", keys, name);
    return !stat(path, &st) && (st.st_mode & 077) == 0;
}

/* A rotation that was interrupted: host.key is still the old one. */
static void cut_off(const struct hostkey *k, const struct btns_key *next)
{
    struct hostkey read, old;
    struct rotation r = k->rotation;
    char path[140], text[2 * CLAIM_MAX + 2] = "";
    uint8_t claim[CLAIM_MAX];
    rotation_extend(&r, next, (uint64_t)time(NULL) + 100);
    check(rotation_sign(&r, k->pkcs8, k->pkcs8_len), "a key signs for the next");
    size_t n = rotation_write(&r, 0, claim);
    for (size_t i = 0; i < n; i++)
        snprintf(text + 2 * i, 3, "%02x", claim[i]);
    snprintf(path, sizeof path, "%s/host.claim", keys);
    check(!file_write(path, text, strlen(text), 0644, true), "a claim is written");
    check(!hostkey_load(keys, &read, &err) && btns_key_equal(&read.pub, &k->pub) &&
              read.rotation.links == CLAIM_LINKS - 1 &&
              btns_key_equal(&read.rotation.link[0].old, &k->rotation.link[0].old),
          "what vouched for the key still does, but for the oldest");
    check(!file_write(path, "00zz", 4, 0644, true) && !hostkey_load(keys, &read, &err) &&
              !read.rotation.links && btns_key_equal(&read.rotation.key, &k->pub),
          "nonsense counts for nothing");
    snprintf(path, sizeof path, "%s/host.key", keys);
    check(!unlink(path) && !hostkey_load(keys, &read, &err) && !read.rotation.links,
          "nor does what is about another key");
    old = read;
    check(!hostkey_rotate(keys, &old, (uint64_t)time(NULL) + 9, &read, &err), "rotated again");
    snprintf(path, sizeof path, "%s/host.key.old", keys);
    check(hostkey_load_old(keys, &read, &old, &err) && !chmod(path, 0644) &&
              !hostkey_load_old(keys, &read, &old, &err) && strstr(err.text, "mode must be 0600") &&
              !chmod(path, 0600),
          "an old key that others can read is refused");
    check(hostkey_load_old(keys, &read, &old, &err) && !hostkey_load_old(keys, &old, &read, &err) &&
              !err.text[0] && !exists("host.key.old"),
          "the key itself is no old one");
}

/* The files that a restarted btnsd finds. */
static void files(void)
{
    struct hostkey key[MOST + 2], read, old;
    const uint64_t until = (uint64_t)time(NULL) + 1000;
    bool all = true, before = true;
    check(!hostkey_load(keys, &key[0], &err), "a host key %s", err.text);
    key_alone(&key[0]);
    check(!hostkey_load_old(keys, &key[0], &old, &err) && !err.text[0], "there is none before it");
    for (size_t i = 1; i <= MOST + 1; i++) {
        all &= !hostkey_rotate(keys, &key[i - 1], until, &key[i], &err);
        before &= hostkey_load_old(keys, &key[i], &old, &err) &&
                  btns_key_equal(&old.pub, &key[i - 1].pub) &&
                  old.pkcs8_len == key[i - 1].pkcs8_len &&
                  !memcmp(old.pkcs8, key[i - 1].pkcs8, old.pkcs8_len);
        if (i == MOST)
            chain(key);
    }
    check(all && !hostkey_load(keys, &read, &err) &&
              btns_key_equal(&read.pub, &key[MOST + 1].pub) && read.rotation.links == CLAIM_LINKS &&
              btns_key_equal(&read.rotation.link[0].old, &key[MOST].pub),
          "rotated several times, and read after a restart %s", err.text);
    check(before && exists("host.key.old"), "each time the key before is kept, for root alone");
    hostkey_drop_old(keys);
    check(!hostkey_load_old(keys, &read, &old, &err) && !exists("host.key.old"), "until dropped");
    statement(&key[0], &key[1]);
    cut_off(&read, &key[0].pub);
}

int main(void)
{
    scratch(dir, sizeof dir);
    snprintf(keys, sizeof keys, "%s/state", dir);
    files();
    scratch_remove(dir);
    return check_end();
}
