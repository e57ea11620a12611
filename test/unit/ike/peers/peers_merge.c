/*
 * peers import: takes all lines of a text or none; a line that contradicts known_peers is refused
 * with its number and what to do; importing the same text again changes nothing. TAP.
 */
#include "btnsd/ike/peers/peers_merge.h"
#include "libapi/wire/wire.h"
#include "test/unit/check.h"
#include "test/unit/ike/peers/numbered_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[80], file[120];
static struct peers *p;
static struct err err;
static struct peers_imported done;
static struct btns_key own;

static bool forbid_nine(void *arg, const struct peer *line, struct err *why)
{
    (void)arg;
    err_set(why, "nine is latched");
    return line->key.raw[31] != 9;
}

static int import(const char *text)
{
    const struct peers_import how = {.own = &own, .check = forbid_nine, .now = T0 + 9};
    size_t len = strlen(text);
    char *copy = malloc(len + 1);
    memcpy(copy, text, len + 1);
    err.text[0] = '\0';
    int rc = peers_import(p, &how, "fleet.txt", copy, len, &done, &err);
    free(copy);
    return rc;
}

/* Imports a line about key n: addresses, and what follows trust=. */
static int import_line(unsigned char n, const char *addresses, const char *rest)
{
    char text[400];
    snprintf(text, sizeof text, "# of a fleet\n\n%s %s" TIMES "%s\n", key_str(n), addresses, rest);
    return import(text);
}

static const struct peer *known(unsigned char n)
{
    struct btns_key k = key(n);
    return peers_by_key(p, &k);
}

static bool said(const char *text)
{
    bool yes = strstr(err.text, text) != NULL;
    if (!yes)
        printf("# '%s' is not in: %s\n", text, err.text);
    return yes;
}

static time_t written(void)
{
    struct stat st;
    return stat(file, &st) ? 0 : st.st_mtim.tv_sec;
}

static void takes(void)
{
    char two[800];
    snprintf(two, sizeof two,
             "%s 10.0.0.1,fd00::1" TIMES "pinned name=one\n%s 10.0.0.2" TIMES "leap\n", key_str(1),
             key_str(2));
    check(!import(two) && done.added == 2 && peers_count(p) == 2, "each line of a text is a peer");
    check(known(1) && known(1)->trust == BTNS_T_PINNED && known(1)->addrs == 2 &&
              !strcmp(known(1)->name, "one") && peers_by_name(p, "one") == known(1),
          "with its addresses, its name and its pin");
    check(known(2) && known(2)->trust == BTNS_T_LEAP, "what was a leap of faith stays one");
    static const struct timespec past[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    utimensat(AT_FDCWD, file, past, 0);
    check(!import(two) && !done.added && !done.changed && done.same == 2 && written() == 1000,
          "the same text again: nothing is changed, and nothing written");
    check(!import_line(2, "10.0.0.22", "pinned latch=no name=two") && done.changed == 1 &&
              known(2)->addrs == 2 && known(2)->trust == BTNS_T_PINNED && known(2)->no_latch &&
              !strcmp(known(2)->name, "two"),
          "a line about a known key adds what it says");
    check(!import_line(2, "-", "leap") && known(2)->trust == BTNS_T_PINNED && known(2)->no_latch,
          "and takes nothing away");
    check(!import_line(7, "10.0.0.7", "pinned") && done.own && !done.added && !known(7),
          "this host's own key is passed over");
}

static void refuses(void)
{
    struct peers *again = NULL;
    char text[1200];
    check(import_line(3, "10.0.0.1", "pinned") == -EINVAL &&
              said("fleet.txt:3: 10.0.0.1 is that of one (") &&
              said("btnsctl peers forget 10.0.0.1") && !known(3),
          "an address of another peer: where, whose, and what to do");
    check(import_line(3, "10.0.0.3", "pinned name=one") == -EINVAL &&
              said("one is that of one (") && !known(3),
          "a name of another peer");
    check(import_line(2, "10.0.0.2", "pinned name=zwei") == -EINVAL &&
              said("btnsctl peers name zwei"),
          "another name for a known key");
    snprintf(text, sizeof text, "%s 10.0.0.4" TIMES "leap\n%s 10.0.0.4" TIMES "leap\n", key_str(4),
             key_str(5));
    check(import(text) == -EINVAL && said("fleet.txt:2: ") && said("on a line above") && !known(4),
          "two lines that contradict each other: none is taken");
    snprintf(text, sizeof text, "%s 10.0.0.4" TIMES "leap\n%s 10.0.0.5 first=now\n", key_str(4),
             key_str(5));
    check(import(text) == -EINVAL && said("fleet.txt:2: no time like first=") && !known(4),
          "a bad line: none is taken");
    check(import_line(9, "10.0.0.9", "leap") == -EINVAL && said("fleet.txt:3: nine is latched"),
          "what a latch forbids");
    check(import_line(1, "10.1.0.1,10.1.0.2,10.1.0.3,10.1.0.4,10.1.0.5,10.1.0.6,10.1.0.7",
                      "leap") == -EINVAL &&
              said("more than 8 addresses") && known(1)->addrs == 2,
          "more addresses than a peer can have");
    check(peers_count(p) == 2, "nothing of all that is known");
    peers_free(p);
    p = again = peers_load(file, &err);
    check(p && peers_count(p) == 2 && known(2) && known(2)->no_latch && known(2)->addrs == 2,
          "and the file has what was taken");
}

static void many(void)
{
    size_t n = 20000, len = 0;
    char *text = malloc(n * 200);
    for (size_t i = 0; i < n; i++) {
        struct btns_key k = {.hashed = false};
        char words[BTNS_KEY_STR];
        memcpy(k.raw, &i, sizeof i);
        k.raw[31] = 99;
        len += (size_t)snprintf(text + len, 200, "%s 10.9.%zu.%zu" TIMES "pinned name=h%zu\n",
                                btns_key_str(&k, words), i / 250, i % 250 + 1, i);
    }
    check(!import(text) && done.added == n && !import(text) && done.same == n,
          "a fleet of 20,000 with names, twice (%s)", err.text);
    free(text);
}

int main(void)
{
    if (!scratch(dir, sizeof dir))
        return 1;
    snprintf(file, sizeof file, "%s/known_peers", dir);
    own = key(7);
    p = peers_load(file, &err);
    takes();
    refuses();
    many();
    peers_free(p);
    scratch_remove(dir);
    return check_end();
}
