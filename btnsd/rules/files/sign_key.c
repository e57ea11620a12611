/*
 * Reads keys of TCP-MD5 and TCP-AO from root's files, and keeps them where no child process sees
 * them.
 */
#include "btnsd/rules/files/sign_key.h"

#include "btnsd/rules/files/ao_keys.h"
#include "btnsd/rules/files/authority.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE  4096
#define SLOTS (PAGE / SIGN_KEY_MAX)
/* The size of a file: a key, a newline, and one octet more to notice that it is too long. */
#define MD5_OCTETS (SIGN_KEY_MAX + 2)
#define AO_OCTETS  2048

struct sign_keys {
    struct sign_keys *next;
    uint8_t *page;
    unsigned n, slots; /* used keys; room for keys in the page */
    struct sign_key key[SLOTS];
};

/*
 * A page that is zero in forked children, left out of core files, and (if allowed) never swapped.
 */
static uint8_t *secret_page(void)
{
    uint8_t *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return NULL;
    if (madvise(page, PAGE, MADV_WIPEONFORK) || madvise(page, PAGE, MADV_DONTDUMP)) {
        munmap(page, PAGE);
        return NULL;
    }
    mlock(page, PAGE);
    return page;
}

static struct sign_keys *sign_keys_with_room(struct sign_keys **all)
{
    if (*all && (*all)->slots + AO_KEYS_MAX <= SLOTS)
        return *all;
    struct sign_keys *more = calloc(1, sizeof *more);
    if (more && !(more->page = secret_page())) {
        free(more);
        return NULL;
    }
    if (more) {
        more->next = *all;
        *all = more;
    }
    return more;
}

static int open_secret(const char *path, struct err *err)
{
    struct stat st;
    int fd = authority_open(path, true, err);
    if (fd < 0)
        return fd;
    if (!fstat(fd, &st) && !(st.st_mode & (S_IRGRP | S_IROTH)))
        return fd;
    err_set(err, "%s: can be read by its group: chmod 600 it", path);
    close(fd);
    return -EPERM;
}

static ssize_t read_whole_sign_key(int fd, uint8_t *to, size_t size)
{
    size_t len = 0;
    ssize_t n = 1;
    while (n > 0 && len < size) {
        n = read(fd, to + len, size - len);
        len += n > 0 ? (size_t)n : 0;
    }
    return n < 0 ? -errno : (ssize_t)len;
}

static const uint8_t *keep_secret(struct sign_keys *keys, const uint8_t *secret, size_t len)
{
    uint8_t *slot = keys->page + (size_t)keys->slots++ * SIGN_KEY_MAX;
    memcpy(slot, secret, len);
    return slot;
}

static int keep_md5_sign_key(const char *path, const uint8_t *text, size_t len,
                             struct sign_keys *keys, struct sign_key *key, struct err *err)
{
    len -= len && text[len - 1] == '\n';
    if (!len || len > SIGN_KEY_MAX || memchr(text, 0, len)) {
        err_set(err, "%s: a key is 1 to %d octets, and none of them 0", path, SIGN_KEY_MAX);
        return -EINVAL;
    }
    key->secret = keep_secret(keys, text, len);
    key->len = len;
    return 0;
}

static int keep_ao_sign_key(const char *path, const uint8_t *text, size_t len,
                            struct sign_keys *keys, struct sign_key *key, struct err *err)
{
    struct err why = {"the file has more than 2047 octets"};
    if (len == AO_OCTETS || ao_keys_parse((const char *)text, len, key->ao, &key->aos, &why)) {
        err_set(err, "%s: %s", path, why.text);
        return -EINVAL;
    }
    for (unsigned i = 0; i < key->aos; i++)
        key->ao[i].secret = keep_secret(keys, key->ao[i].secret, key->ao[i].len);
    return 0;
}

static int read_sign_key(const char *path, int fd, struct sign_keys *keys, struct sign_key *key,
                         struct err *err)
{
    uint8_t text[AO_OCTETS];
    ssize_t n = read_whole_sign_key(fd, text, key->auth == SIGN_AO ? AO_OCTETS : MD5_OCTETS);
    int rc = n < 0 ? (int)n : 0;
    if (rc)
        err_set(err, "%s: %s", path, strerror(-rc));
    else
        rc = (key->auth == SIGN_AO ? keep_ao_sign_key : keep_md5_sign_key)(path, text, (size_t)n,
                                                                           keys, key, err);
    explicit_bzero(text, sizeof text);
    return rc;
}

static const struct sign_key *find_sign_key(const struct sign_keys *all, const char *path,
                                            enum sign_auth auth)
{
    for (; all; all = all->next)
        for (unsigned i = 0; i < all->n; i++)
            if (all->key[i].auth == auth && !strcmp(all->key[i].file, path))
                return &all->key[i];
    return NULL;
}

const struct sign_key *sign_key_read(struct sign_keys **all, struct policy_arena *arena,
                                     const char *path, enum sign_auth auth, struct err *err)
{
    const struct sign_key *known = find_sign_key(*all, path, auth);
    if (known)
        return known;
    int fd = open_secret(path, err);
    if (fd < 0)
        return NULL;
    struct sign_keys *keys = sign_keys_with_room(all);
    const char *file = keys ? policy_arena_text(arena, path) : NULL;
    struct sign_key *key = NULL;
    if (!file) {
        err_set(err, "%s: no memory for a key", path);
    } else {
        key = &keys->key[keys->n];
        *key = (struct sign_key){.file = file, .auth = auth};
        if (read_sign_key(path, fd, keys, key, err))
            key = NULL;
        else
            keys->n++;
    }
    close(fd);
    return key;
}

void sign_keys_free(struct sign_keys *all)
{
    while (all) {
        struct sign_keys *next = all->next;
        explicit_bzero(all->page, PAGE);
        munmap(all->page, PAGE);
        free(all);
        all = next;
    }
}
