/* Keys for TCP-MD5 (RFC 2385): read from root's files, kept where no child process sees them. */
#include "btnsd/rules/files/sign_key.h"

#include "btnsd/rules/files/authority.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE  4096
#define SLOTS (PAGE / SIGN_KEY_MAX)
#define FILE_OCTETS                                                                                \
    (SIGN_KEY_MAX + 2) /* with a newline, and one more to see that it is too long                  \
                        */

struct sign_keys {
    struct sign_keys *next;
    uint8_t *page;
    unsigned n;
    struct sign_key key[SLOTS];
};

/* A page that is empty in forked children, left out of core files, and (if allowed) never swapped.
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

static struct sign_keys *with_room(struct sign_keys **all)
{
    if (*all && (*all)->n < SLOTS)
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

static ssize_t read_whole(int fd, uint8_t *to, size_t size)
{
    size_t len = 0;
    ssize_t n = 1;
    while (n > 0 && len < size) {
        n = read(fd, to + len, size - len);
        len += n > 0 ? (size_t)n : 0;
    }
    return n < 0 ? -errno : (ssize_t)len;
}

static int read_key(const char *path, int fd, uint8_t slot[SIGN_KEY_MAX], size_t *len,
                    struct err *err)
{
    uint8_t text[FILE_OCTETS];
    ssize_t n = read_whole(fd, text, sizeof text);
    int rc = n < 0 ? (int)n : 0;
    n -= n > 0 && text[n - 1] == '\n';
    if (rc) {
        err_set(err, "%s: %s", path, strerror(-rc));
    } else if (n < 1 || n > SIGN_KEY_MAX || memchr(text, 0, (size_t)n)) {
        err_set(err, "%s: a key is 1 to %d octets, and none of them 0", path, SIGN_KEY_MAX);
        rc = -EINVAL;
    } else {
        memcpy(slot, text, (size_t)n);
        *len = (size_t)n;
    }
    explicit_bzero(text, sizeof text);
    return rc;
}

static const struct sign_key *find_key(const struct sign_keys *all, const char *path)
{
    for (; all; all = all->next)
        for (unsigned i = 0; i < all->n; i++)
            if (!strcmp(all->key[i].file, path))
                return &all->key[i];
    return NULL;
}

const struct sign_key *sign_key_read(struct sign_keys **all, struct policy_arena *arena,
                                     const char *path, struct err *err)
{
    const struct sign_key *known = find_key(*all, path);
    if (known)
        return known;
    int fd = open_secret(path, err);
    if (fd < 0)
        return NULL;
    struct sign_keys *keys = with_room(all);
    const char *file = keys ? policy_arena_text(arena, path) : NULL;
    struct sign_key *key = NULL;
    if (!file) {
        err_set(err, "%s: no memory for a key", path);
    } else {
        uint8_t *slot = keys->page + (size_t)keys->n * SIGN_KEY_MAX;
        key = &keys->key[keys->n];
        *key = (struct sign_key){.file = file, .secret = slot};
        if (read_key(path, fd, slot, &key->len, err))
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
