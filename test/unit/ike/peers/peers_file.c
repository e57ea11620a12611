/*
 * The file known_peers: it is rewritten as a whole, stays as it is when writing fails, and is
 * refused if it is malformed. TAP.
 */
#include "btnsd/ike/peers/peers_file.h"
#include "test/unit/ike/peers/peers_talk.h"

#include <errno.h>
#include <time.h>

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
    rename(dir, real); /* without the directory, neither writing nor renaming is possible */
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

#define K1   "ed25519:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAc="
#define K2   "ed25519:AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAc="
#define REST " first=2026-11-21T10:00:00Z last=2026-11-21T10:00:05Z trust=leap"

static struct peers *from(const char *text, size_t len, struct err *err)
{
    char *copy = malloc(len + 1);
    memcpy(copy, text, len);
    copy[len] = '?'; /* octets after the end must not matter */
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

/* Short lines, as a person writes them: the key, the address and the name. */
static void short_lines(void)
{
    static const char text[] = K1 " 10.0.0.1 name=bob\n" K2 " 10.0.0.2 trust=leap\n";
    struct err err = {""};
    struct peers *p = from(text, sizeof text - 1, &err);
    check(p && by_key(p, 1)->trust == BTNS_T_PINNED && !strcmp(by_key(p, 1)->name, "bob") &&
              !by_key(p, 1)->first_seen && !by_key(p, 1)->last_seen,
          "what is not said of a peer: times are not known, and it is pinned %s", err.text);
    check(p && by_key(p, 2)->trust == BTNS_T_LEAP, "unless the line says otherwise");
    peers_free(p);
}

static const struct {
    const char *what, *text, *why;
} bad[] = {
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
    {"nine addresses", K1 " ::2,::3,::4,::5,::6,::7,::8,::9,::10" REST, "too many addresses"},
    {"an address of this host", K1 " 127.0.0.1" REST, "not an address of a host"},
    {"an address of many", K1 " 224.0.0.1" REST, "not an address of a host"},
    {"an address of all", K1 " 255.255.255.255" REST, "not an address of a host"},
    {"an IPv6 address of many", K1 " ff02::1" REST, "not an address of a host"},
    {"an IPv4 address as IPv6", K1 " ::ffff:10.0.0.1" REST, "not an address of a host"},
    {"a key's inner address", K1 " fd62:746e:7300::1" REST, "derived from a key"},
    {"last before first", K1 " - last=2026-11-21T10:00:05Z first=2026-11-21T10:00:00Z trust=leap",
     "in the order"},
    {"no first time", K1 " - first= trust=leap", "no time"},
    {"a time of another zone", K1 " - first=2026-11-21T10:00:00+01:00", "no time"},
    {"a 30th of February", K1 " - first=2026-02-30T10:00:00Z", "no time"},
    {"a time before 1970", K1 " - first=1969-12-31T23:59:59Z", "no time"},
    {"a year of five digits", K1 " - last=10000-01-01T00:00:00Z", "no time"},
    {"a name in a leap of faith", K1 " - trust=leap name=bob", "not pinned"},
    {"a key before that is none", K1 " -" REST " was=ed25519:AQAA", "not a key after was="},
    {"a carriage return", K1 " - name=bob\r", "not a name"},
    {"another trust", K1 " - first=2026-11-21T10:00:00Z last=2026-11-21T10:00:00Z trust=full",
     "neither trust="},
    {"more", K1 " -" REST " comment", "more on the line"},
    {"the same key twice", K1 " -" REST "\n" K1 " 10.0.0.1" REST, "on another line already"},
    {"an address of two keys", K1 " 10.0.0.1" REST "\n" K2 " ::ffff:10.0.0.1,10.0.0.1" REST, NULL},
};

static void bad_files(void)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {""};
        struct peers *p = from(bad[i].text, strlen(bad[i].text), &err);
        bool told = !bad[i].why || strstr(err.text, bad[i].why);
        const char *where = strchr(bad[i].text, '\n') ? "known_peers:2: " : "known_peers:1: ";
        check(!p && told && !strncmp(err.text, where, strlen(where)), "%s is refused", bad[i].what);
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

static void tests(void)
{
    writing();
    failing();
    good_files();
    short_lines();
    bad_files();
    distrust();
}

int main(void)
{
    return peers_main(tests);
}
