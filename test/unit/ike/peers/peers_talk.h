/* For the tests of known_peers: short functions to add and find peers, and the file. */
#ifndef BTNS_TEST_UNIT_IKE_PEERS_PEERS_TALK_H
#define BTNS_TEST_UNIT_IKE_PEERS_PEERS_TALK_H

#include "btnsd/ike/peers/peers.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define T0 1795255200u /* 2026-11-21T10:00:00Z */

static char dir[80], file[120];

static inline struct btns_key key(uint32_t n)
{
    struct btns_key k = {.hashed = false};
    memcpy(k.raw, &n, sizeof n);
    k.raw[31] = 7;
    return k;
}

static inline int seen(struct peers *p, uint32_t k, const char *a, uint64_t now)
{
    struct err err = {""};
    struct btns_key peer = key(k);
    struct btns_addr at = host_addr(a);
    at.port = 1234; /* the port must not matter */
    int result = peers_seen(p, &peer, &at, now, &err);
    if (result)
        printf("# %d: %s\n", result, err.text);
    return result;
}

static inline bool is_at(const struct peers *p, const char *a, uint32_t k)
{
    struct btns_addr at = host_addr(a);
    struct btns_key want = key(k);
    const struct peer *peer = peers_by_addr(p, &at);
    return peer && btns_key_equal(&peer->key, &want);
}

static inline bool nobody_at(const struct peers *p, const char *a)
{
    struct btns_addr at = host_addr(a);
    return !peers_by_addr(p, &at);
}

static inline const struct peer *by_key(const struct peers *p, uint32_t k)
{
    struct btns_key want = key(k);
    return peers_by_key(p, &want);
}

static inline struct peers *load(void)
{
    struct err err = {""};
    struct peers *p = peers_load(file, &err);
    if (!p)
        printf("# %s\n", err.text);
    return p;
}

static inline void slurp(char *buf, size_t size)
{
    int fd = open(file, O_RDONLY);
    ssize_t n = fd < 0 ? 0 : read(fd, buf, size - 1);
    buf[n > 0 ? n : 0] = '\0';
    if (fd >= 0)
        close(fd);
}

/*
 * Has the file been rewritten since the last call? A new file may have the old one's inode number.
 */
static inline bool rewritten(void)
{
    static const struct timespec past[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    struct stat st;
    bool yes = !stat(file, &st) && st.st_mtim.tv_sec != 1000;
    utimensat(AT_FDCWD, file, past, 0);
    return yes;
}

/* Runs the tests with a directory for the file. */
static inline int peers_main(void (*tests)(void))
{
    if (!scratch(dir, sizeof dir))
        return 1;
    snprintf(file, sizeof file, "%s/known_peers", dir);
    tests();
    scratch_remove(dir);
    return check_end();
}

#endif
