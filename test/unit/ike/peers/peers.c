/* known_peers: what is learned is found again, in memory and in the file; a bad file is refused
 * whole; nothing changes when writing fails; 65,536 are no problem. TAP. */
#include "btnsd/ike/peers/peers.h"
#include "btnsd/ike/peers/peers_file.h"
#include "libapi/wire/wire.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define T0 1795255200u /* 2026-11-21T10:00:00Z */

static char dir[80], file[120];

static struct btns_key key(uint32_t n)
{
    struct btns_key k = {.hashed = false};
    memcpy(k.raw, &n, sizeof n);
    k.raw[31] = 7;
    return k;
}

static int seen(struct peers *p, uint32_t k, const char *a, uint64_t now)
{
    struct err err = {""};
    struct btns_key peer = key(k);
    struct btns_addr at = host_addr(a);
    at.port = 1234; /* is no part of it */
    int result = peers_seen(p, &peer, &at, now, &err);
    if (result)
        printf("# %d: %s\n", result, err.text);
    return result;
}

static bool is_at(const struct peers *p, const char *a, uint32_t k)
{
    struct btns_addr at = host_addr(a);
    struct btns_key want = key(k);
    const struct peer *peer = peers_by_addr(p, &at);
    return peer && btns_key_equal(&peer->key, &want);
}

static bool nobody_at(const struct peers *p, const char *a)
{
    struct btns_addr at = host_addr(a);
    return !peers_by_addr(p, &at);
}

static const struct peer *by_key(const struct peers *p, uint32_t k)
{
    struct btns_key want = key(k);
    return peers_by_key(p, &want);
}

static struct peers *load(void)
{
    struct err err = {""};
    struct peers *p = peers_load(file, &err);
    if (!p)
        printf("# %s\n", err.text);
    return p;
}

static void slurp(char *buf, size_t size)
{
    int fd = open(file, O_RDONLY);
    ssize_t n = fd < 0 ? 0 : read(fd, buf, size - 1);
    buf[n > 0 ? n : 0] = '\0';
    if (fd >= 0)
        close(fd);
}

/* Since the last time it was asked; a new file may have the old one's inode number. */
static bool rewritten(void)
{
    static const struct timespec past[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    struct stat st;
    bool yes = !stat(file, &st) && st.st_mtim.tv_sec != 1000;
    utimensat(AT_FDCWD, file, past, 0);
    return yes;
}

/* ---- learning ---- */

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
    seen(p, 3, "10.1.0.0", T0 + 10); /* now the newest */
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

/* ---- when the file is written ---- */

static void writing(void)
{
    unlink(file);
    struct peers *p = load();
    seen(p, 1, "10.0.0.1", T0);
    seen(p, 1, "10.0.0.2", T0);
    check(rewritten(), "what is new is written");
    seen(p, 1, "10.0.0.1", T0 + 1);
    seen(p, 1, "10.0.0.2", T0 + 3599);
    check(!rewritten() && by_key(p, 1)->last_seen == T0 + 3599,
          "within an hour, times alone are not worth writing");
    check(is_at(p, "10.0.0.1", 1) && is_at(p, "10.0.0.2", 1), "(both addresses are found)");
    seen(p, 1, "10.0.0.1", T0 + 3600);
    check(rewritten(), "after an hour they are");
    seen(p, 1, "10.0.0.1", T0 - 50);
    check(rewritten(), "also when the clock was set back");
    struct err err;
    const struct peer *peer = by_key(p, 1);
    check(!peers_seen(p, &peer->key, &peer->addr[1], T0 - 40, &err) && is_at(p, "10.0.0.1", 1) &&
              is_at(p, "10.0.0.2", 1) && by_key(p, 1)->addrs == 2,
          "asking with what it gave out is fine");
    peers_free(p);
}

static void failing(void)
{
    char gone[160], text[4000], after[4000];
    struct err err = {""};
    struct btns_addr a = host_addr("10.0.0.1"), none = {0};
    struct btns_key k = key(1);
    snprintf(gone, sizeof gone, "%s/gone/known_peers", dir);
    struct peers *p = peers_load(gone, &err);
    check(p && peers_seen(p, &k, &a, T0, &err) == -ENOENT && strstr(err.text, gone) &&
              !peers_count(p) && nobody_at(p, "10.0.0.1") && !by_key(p, 1),
          "when the file cannot be written, nothing is learned");
    peers_free(p);
    p = load();
    slurp(text, sizeof text);
    check(peers_seen(p, &k, &none, T0, &err) == -EINVAL &&
              peers_seen(p, &k, &a, UINT64_MAX, &err) == -EINVAL,
          "a peer nowhere or never is refused");
    char real[200];
    snprintf(real, sizeof real, "%s.real", dir);
    rename(dir, real); /* the directory is away: neither can a file be written, nor a rename done */
    int learned = peers_seen(p, &(struct btns_key){.raw = {99}}, &a, T0, &err);
    int forgot = peers_forget(p, &k, NULL, &err);
    int again = peers_seen(p, &k, &a, T0 + 99999, &err);
    rename(real, dir);
    slurp(after, sizeof after);
    check(learned == -ENOENT && forgot == -ENOENT && again == -ENOENT && peers_count(p) == 1 &&
              is_at(p, "10.0.0.1", 1) && by_key(p, 1)->last_seen < T0 && !strcmp(text, after),
          "a failed change changes nothing, in memory or on disk");
    peers_free(p);
}

/* ---- files that were edited ---- */

#define K1   "ed25519:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAc="
#define K2   "ed25519:AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAc="
#define REST " first=2026-11-21T10:00:00Z last=2026-11-21T10:00:05Z trust=leap"

static struct peers *from(const char *text, size_t len, struct err *err)
{
    char *copy = malloc(len + 1);
    memcpy(copy, text, len);
    copy[len] = '?'; /* what is after the end must not matter */
    struct peers *p = peers_from_text("known_peers", copy, len, err);
    free(copy);
    return p;
}

static void good_files(void)
{
    static const char text[] =
        "# a comment\n"
        "\n"
        "  \t\n"
        " # another\n" K1 "\t 10.0.0.1,fe80::1%3  first=1970-01-01T00:00:00Z "
        "last=9999-12-31T23:59:59Z trust=pinned \n" K2 " -" REST;
    struct err err = {""};
    struct peers *p = from(text, sizeof text - 1, &err);
    struct btns_addr scoped = host_addr("fe80::1");
    check(p && peers_count(p) == 2 && is_at(p, "10.0.0.1", 1) && !by_key(p, 2)->addrs,
          "comments, blank lines, blanks and a missing last newline are fine %s", err.text);
    check(p && by_key(p, 1)->trust == BTNS_T_PINNED && !by_key(p, 1)->first_seen &&
              by_key(p, 1)->last_seen == PEERS_TIME_MAX,
          "the first and last time, and an administrator's pin");
    check(p && !peers_by_addr(p, &scoped), "a link-local address is one of its link only");
    scoped.scope = 3;
    check(p && peers_by_addr(p, &scoped) == by_key(p, 1), "and found with it");
    peers_free(p);
}

static void bad_files(void)
{
    static const struct {
        const char *what, *text, *why;
    } cases[] = {
        {"no key", "10.0.0.1" REST, "not a key"},
        {"a short key", "ed25519:AQAA 10.0.0.1" REST, "not a key"},
        {"another spelling of a key", "ed25519:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAd= -" REST,
         "not a key"},
        {"a key alone", K1, "no address"},
        {"a name for an address", K1 " bob" REST, "not an address"},
        {"a prefix", K1 " 10.0.0.0/8" REST, "not an address"},
        {"the any address", K1 " ::" REST, "not an address"},
        {"an empty address", K1 " 10.0.0.1,,10.0.0.2" REST, "not an address"},
        {"a scope on IPv4", K1 " 10.0.0.1%1" REST, "not an address"},
        {"a scope that is no number", K1 " fe80::1%eth0" REST, "not an address"},
        {"a scope of 0", K1 " fe80::1%0" REST, "not an address"},
        {"a scope too big", K1 " fe80::1%4294967296" REST, "not an address"},
        {"an address twice", K1 " 10.0.0.1,10.0.0.1" REST, "twice"},
        {"nine addresses", K1 " ::1,::2,::3,::4,::5,::6,::7,::8,::9" REST, "too many addresses"},
        {"no times", K1 " - trust=leap", "no first=TIME"},
        {"last before first",
         K1 " - last=2026-11-21T10:00:05Z first=2026-11-21T10:00:00Z trust=leap", "no first=TIME"},
        {"no last", K1 " - first=2026-11-21T10:00:00Z trust=leap", "no last=TIME"},
        {"a time of another zone", K1 " - first=2026-11-21T10:00:00+01:00", "no first=TIME"},
        {"a 30th of February", K1 " - first=2026-02-30T10:00:00Z", "no first=TIME"},
        {"a time before 1970", K1 " - first=1969-12-31T23:59:59Z", "no first=TIME"},
        {"a year of five digits", K1 " - first=10000-01-01T00:00:00Z", "no first=TIME"},
        {"no trust", K1 " - first=2026-11-21T10:00:00Z last=2026-11-21T10:00:00Z", "no trust="},
        {"another trust", K1 " - first=2026-11-21T10:00:00Z last=2026-11-21T10:00:00Z trust=full",
         "no trust="},
        {"more", K1 " -" REST " comment", "more on the line"},
        {"the same key twice", K1 " -" REST "\n" K1 " 10.0.0.1" REST, "on another line already"},
        {"an address of two keys", K1 " 10.0.0.1" REST "\n" K2 " ::ffff:10.0.0.1,10.0.0.1" REST,
         NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = {""};
        struct peers *p = from(cases[i].text, strlen(cases[i].text), &err);
        bool told = !cases[i].why || strstr(err.text, cases[i].why);
        const char *where = strchr(cases[i].text, '\n') ? "known_peers:2: " : "known_peers:1: ";
        check(!p && told && !strncmp(err.text, where, strlen(where)), "%s is refused",
              cases[i].what);
        if (p || !told)
            printf("# %s\n", err.text);
        peers_free(p);
    }
    char text[1200];
    struct err err = {""};
    memset(text, ' ', sizeof text);
    text[0] = '#';
    check(!from(text, sizeof text, &err) && strstr(err.text, "too long"), "a long line is refused");
    memset(text, '\0', 20);
    check(!from(text, 20, &err) && strstr(err.text, "NUL"), "a NUL octet is refused");
}

static void distrust(void)
{
    struct err err = {""};
    struct peers *p;
    chmod(file, 0620);
    check(!(p = peers_load(file, &err)) && strstr(err.text, "written by others"),
          "a file others can write is not believed");
    peers_free(p);
    unlink(file);
    mkfifo(file, 0600);
    check(!(p = peers_load(file, &err)) && strstr(err.text, "not a regular file"),
          "a FIFO is no file, and does not hang");
    peers_free(p);
    unlink(file);
    if (symlink("/dev/null", file))
        return;
    check(!(p = peers_load(file, &err)) && err.text[0], "nor is a symbolic link followed");
    peers_free(p);
    unlink(file);
}

/* ---- many ---- */

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

/* What the administrator says stands above what was seen, and is one peer's. */
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

int main(void)
{
    if (!scratch(dir, sizeof dir))
        return 1;
    snprintf(file, sizeof file, "%s/known_peers", dir);
    learning();
    moving();
    forgetting();
    writing();
    failing();
    good_files();
    bad_files();
    distrust();
    many();
    all_pinned();
    pinning();
    scratch_remove(dir);
    return check_end();
}
