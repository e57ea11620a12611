/*
 * Known peers: a learnt peer is found again, in memory and in the file, also among 65,536 peers.
 * TAP.
 */
#include "btnsd/ike/peers/peers_file.h"
#include "libapi/wire/wire.h"
#include "test/unit/ike/peers/peers_talk.h"

#include <errno.h>
#include <time.h>

static void learning(void)
{
    struct stat st;
    char text[4000];
    struct peers *p = load();
    check(p && !peers_count(p) && !peers_at(p, 0) && nobody_at(p, "10.0.0.1") && !by_key(p, 1),
          "no file: nobody is known");
    check(!seen(p, 1, "10.0.0.1", T0) && is_at(p, "10.0.0.1", 1) && peers_count(p) == 1,
          "who was seen is known by address");
    check(by_key(p, 1) && by_key(p, 1)->first_seen == T0 && by_key(p, 1)->trust == BTNS_T_LEAP &&
              !by_key(p, 1)->addr[0].port,
          "and by key, as a leap of faith");
    check(!stat(file, &st) && (st.st_mode & 07777) == 0600, "the file is for root alone");
    seen(p, 1, "fd00::1", T0 + 5);
    seen(p, 2, "10.0.0.2", T0 + 6);
    slurp(text, sizeof text);
    const char *lines = strstr(text, "\ned25519:");
    check(lines &&
              !strcmp(lines + 1, "ed25519:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAc= "
                                 "fd00::1,10.0.0.1 first=2026-11-21T10:00:00Z "
                                 "last=2026-11-21T10:00:05Z trust=leap\n"
                                 "ed25519:AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAc= "
                                 "10.0.0.2 first=2026-11-21T10:00:06Z "
                                 "last=2026-11-21T10:00:06Z trust=leap\n") &&
              text[0] == '#',
          "the file is readable text, under a comment");
    peers_free(p);
    p = load();
    check(p && peers_count(p) == 2 && is_at(p, "10.0.0.1", 1) && is_at(p, "fd00::1", 1) &&
              is_at(p, "10.0.0.2", 2) && by_key(p, 1)->last_seen == T0 + 5,
          "and read back as it was");
    peers_free(p);
}

static void moving(void)
{
    char a[20];
    struct peers *p = load();
    check(!seen(p, 2, "10.0.0.1", T0 + 7) && is_at(p, "10.0.0.1", 2) && is_at(p, "10.0.0.2", 2) &&
              by_key(p, 1)->addrs == 1,
          "an address belongs to who was proved there last");
    check(!seen(p, 2, "fd00::1", T0 + 8) && by_key(p, 1) && !by_key(p, 1)->addrs,
          "a key without an address is still known");
    for (int i = 0; i < PEER_ADDRS; i++) {
        snprintf(a, sizeof a, "10.1.0.%d", i);
        seen(p, 3, a, T0 + 9);
    }
    seen(p, 3, "10.1.0.0", T0 + 10); /* makes it the newest */
    check(!seen(p, 3, "10.2.0.0", T0 + 11) && by_key(p, 3)->addrs == PEER_ADDRS &&
              nobody_at(p, "10.1.0.1") && is_at(p, "10.1.0.0", 3) && is_at(p, "10.2.0.0", 3),
          "of too many addresses the one not seen for longest goes");
    peers_free(p);
    p = load();
    check(p && peers_count(p) == 3 && by_key(p, 1) && !by_key(p, 1)->addrs &&
              by_key(p, 3)->addrs == PEER_ADDRS && nobody_at(p, "10.1.0.1"),
          "all of it is in the file");
    peers_free(p);
}

static void forgetting(void)
{
    struct err err = {""};
    struct peers *p = load();
    struct btns_key k2 = key(2), k9 = key(9);
    struct btns_addr a = host_addr("10.2.0.0"), b = host_addr("10.9.9.9");
    check(!peers_forget(p, NULL, &a, &err) && nobody_at(p, "10.2.0.0") && by_key(p, 3),
          "an address is forgotten, its key is not while it has others");
    check(!peers_forget(p, &k2, NULL, &err) && !by_key(p, 2) && nobody_at(p, "10.0.0.1") &&
              peers_count(p) == 2 && is_at(p, "10.1.0.0", 3),
          "a key is forgotten with its addresses");
    check(peers_forget(p, &k9, NULL, &err) == -ENOENT &&
              peers_forget(p, NULL, &b, &err) == -ENOENT && err.text[0],
          "nobody cannot be forgotten");
    seen(p, 4, "10.4.0.1", T0 + 12);
    a = host_addr("10.4.0.1");
    check(!peers_forget(p, NULL, &a, &err) && !by_key(p, 4), "with its last address a key goes");
    peers_free(p);
    p = load();
    check(p && peers_count(p) == 2 && !by_key(p, 2), "the file forgot as well");
    peers_free(p);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static char *many_text(size_t *len)
{
    char *text, name[BTNS_KEY_STR];
    FILE *f = open_memstream(&text, len);
    for (uint32_t i = 0; i < PEERS_MAX; i++) {
        struct btns_key k = key(i);
        fprintf(f,
                "%s 10.0.%u.%u,fd00::1:%x first=2026-11-21T10:00:00Z last=2026-11-2%dT10:00:05Z "
                "trust=%s\n",
                btns_key_str(&k, name), i >> 8, i & 255, i, i == 500 ? 1 : 2,
                i < 100 ? "pinned" : "leap");
    }
    fclose(f);
    return text;
}

static void many(void)
{
    struct err err = {""};
    size_t len, found = 0;
    char *text = many_text(&len), a[40];
    double start = seconds();
    struct peers *p = peers_from_text(file, text, len, &err);
    double loaded = seconds();
    check(p && peers_count(p) == PEERS_MAX, "%d peers are loaded %s", PEERS_MAX, err.text);
    for (uint32_t i = 0; p && i < PEERS_MAX; i++) {
        snprintf(a, sizeof a, "fd00::1:%x", i);
        found += is_at(p, a, i) && by_key(p, i) == peers_at(p, i);
    }
    double asked = seconds();
    check(found == PEERS_MAX, "and each is found");
    seen(p, PEERS_MAX, "10.255.255.254", T0 + 999999);
    double added = seconds();
    check(peers_count(p) == PEERS_MAX && by_key(p, PEERS_MAX) && !by_key(p, 500) && by_key(p, 99) &&
              nobody_at(p, "fd00::1:1f4"),
          "one more pushes out the leap of faith not seen for longest of the fullest network");
    printf("# load %.3f s, look-up %.2f us, add and write %.3f s\n", loaded - start,
           (asked - loaded) * 1e6 / PEERS_MAX / 2, added - asked);
    check((asked - loaded) / PEERS_MAX / 2 < 20e-6, "a look-up is one probe or two, not a scan");
    peers_free(p);
    p = load();
    check(p && peers_count(p) == PEERS_MAX && by_key(p, PEERS_MAX), "what was written can be read");
    peers_free(p);
    free(text);
}

static void all_pinned(void)
{
    char *text, name[BTNS_KEY_STR];
    size_t len;
    struct err err = {""};
    FILE *f = open_memstream(&text, &len);
    for (uint32_t i = 0; i < PEERS_MAX; i++) {
        struct btns_key k = key(i);
        fprintf(f, "%s - first=2026-11-21T10:00:00Z last=2026-11-21T10:00:00Z trust=pinned\n",
                btns_key_str(&k, name));
    }
    fclose(f);
    struct peers *p = peers_from_text(file, text, len, &err);
    struct btns_key k = key(PEERS_MAX);
    struct btns_addr a = host_addr("10.0.0.1");
    check(p && peers_seen(p, &k, &a, T0, &err) == -ENOSPC && peers_count(p) == PEERS_MAX,
          "the administrator's pins are never pushed out");
    peers_free(p);
    free(text);
}

static int pin(struct peers *p, uint32_t k, const char *a, const char *name)
{
    struct err err = {""};
    struct btns_key peer = key(k);
    struct btns_addr at = a ? host_addr(a) : (struct btns_addr){0};
    return peers_pin(p, &peer, a ? &at : NULL, name, T0, &err);
}

static bool called(const struct peers *p, const char *name, uint32_t k)
{
    struct btns_key want = key(k);
    const struct peer *peer = peers_by_name(p, name);
    return peer && btns_key_equal(&peer->key, &want) && peer->trust == BTNS_T_PINNED;
}

/* The administrator's data replaces what was learned, and belongs to one peer. */
static void pinning(void)
{
    struct err err = {""};
    unlink(file);
    struct peers *p = peers_load(file, &err);
    check(p && pin(p, 1, NULL, "a") == -ENOENT, "a key that is not known needs an address");
    check(!seen(p, 1, "10.0.0.1", T0) && !pin(p, 1, NULL, "alice") && called(p, "alice", 1),
          "a known key gets a name, and is pinned");
    check(seen(p, 2, "10.0.0.1", T0) == -EEXIST && is_at(p, "10.0.0.1", 1),
          "nobody who is seen there takes a pinned address");
    check(pin(p, 2, "10.0.0.1", "bob") == -EEXIST && !peers_by_name(p, "bob"),
          "nor does another who is pinned, and nothing is changed");
    check(!seen(p, 3, "10.0.0.3", T0) && !pin(p, 2, "10.0.0.3", "bob") && is_at(p, "10.0.0.3", 2) &&
              called(p, "bob", 2),
          "an address taken on faith gives way");
    check(!pin(p, 2, NULL, "alice") && called(p, "alice", 2) && !peers_by_name(p, "bob"),
          "a name moves, and a peer has one");
    check(pin(p, 2, NULL, "a b") == -EINVAL && pin(p, 2, NULL, "any-of-ca") == -EINVAL,
          "names are plain words, and not what stands for more than one");
    check(!peers_by_name(p, ""), "nobody is called nothing");
    peers_free(p);
    p = peers_load(file, &err);
    check(p && called(p, "alice", 2) && is_at(p, "10.0.0.3", 2) && is_at(p, "10.0.0.1", 1),
          "and it is in the file");
    peers_free(p);
}

static void tests(void)
{
    learning();
    moving();
    forgetting();
    many();
    all_pinned();
    pinning();
}

int main(void)
{
    return peers_main(tests);
}
