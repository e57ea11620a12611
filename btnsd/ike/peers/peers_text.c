/*
 * Reads and writes a line of known_peers:
 *
 *     ed25519:BASE64 ADDRESS[,ADDRESS...] [first=TIME] [last=TIME] [trust=leap|pinned] [latch=no]
 *         [was=ed25519:BASE64] [name=NAME]                                   (on the same line)
 *
 * "-" stands for no address. Times are UTC, like 2026-11-21T10:00:00Z. Each value
 * has one spelling, so that a line that is read and written again stays the same. A person may
 * leave out the times, which are then not known, and trust: without it the peer is pinned.
 */
#include "btnsd/ike/peers/peers_text.h"

#include "btnsd/ike/peers/peers_file.h"
#include "btnsd/ike/peers/text_lines.h"

#include "libapi/wire/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TIME_STR 21 /* "2026-11-21T10:00:00Z" */

const char peers_header[] =
    "# Peers this host knows: key, addresses (newest first), when first and last seen, and "
    "whether\n"
    "# the key was taken on first contact (leap) or put here by the administrator (pinned).\n"
    "# latch=no: no latch may be made to it. was=: its key before the present one.\n"
    "# btnsd rewrites this file, and comments other than these are lost then.\n";

static const char *const trust_names[] = {[BTNS_T_LEAP] = "leap", [BTNS_T_PINNED] = "pinned"};

/* ---- reading ---- */

static bool parse_peer_scope(const char *text, uint32_t *scope)
{
    char *end;
    errno = 0;
    unsigned long n = strtoul(text, &end, 10);
    *scope = (uint32_t)n;
    return *text >= '1' && *text <= '9' && !*end && !errno && n <= UINT32_MAX;
}

/* NULL, or what is wrong with the address. */
static const char *parse_peer_addr(char *text, struct btns_addr *a)
{
    char *percent = strchr(text, '%');
    uint32_t scope = 0;
    if (percent)
        *percent = '\0';
    if ((percent && !parse_peer_scope(percent + 1, &scope)) || !btns_addr_parse(a, text) ||
        (scope && a->family != AF_INET6))
        return "not an address (numeric IPv4 or IPv6, commas between)";
    a->scope = scope;
    return btns_addr_not_host(a);
}

static const char *parse_peer_addrs(char *text, struct peer *p)
{
    if (!strcmp(text, "-"))
        return NULL;
    const char *why;
    char *item;
    while ((item = strsep(&text, ","))) {
        if (p->addrs == PEER_ADDRS)
            return "too many addresses";
        if ((why = parse_peer_addr(item, &p->addr[p->addrs])))
            return why;
        for (size_t i = 0; i < p->addrs; i++)
            if (btns_addr_ip_equal(&p->addr[i], &p->addr[p->addrs]))
                return "an address is there twice";
        p->addrs++;
    }
    return NULL;
}

static void peer_time_str(uint64_t seconds, char buf[TIME_STR])
{
    struct tm tm;
    time_t t = (time_t)(seconds < PEERS_TIME_MAX ? seconds : PEERS_TIME_MAX);
    if (!gmtime_r(&t, &tm) || !strftime(buf, TIME_STR, "%Y-%m-%dT%H:%M:%SZ", &tm))
        buf[0] = '\0';
}

static bool parse_peer_time(const char *text, uint64_t *seconds)
{
    struct tm tm = {0};
    char again[TIME_STR];
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    time_t t = end && !*end ? timegm(&tm) : -1;
    if (t < 0)
        return false;
    *seconds = (uint64_t)t;
    peer_time_str(*seconds, again);
    return !strcmp(again, text);
}

static bool parse_peer_trust(const char *text, uint32_t *trust)
{
    for (uint32_t i = BTNS_T_LEAP; i <= BTNS_T_PINNED; i++) {
        if (strcmp(text, trust_names[i]))
            continue;
        *trust = i;
        return true;
    }
    return false;
}

/* The next word; NULL at the end. */
static char *next_peer_word(char **line)
{
    char *w;
    do
        w = strsep(line, " \t");
    while (w && !*w);
    return w;
}

/* The text after "name=" in the word; NULL: it is another word, or there is none. */
static const char *peer_word_value(const char *word, const char *name)
{
    size_t len = strlen(name);
    return word && !strncmp(word, name, len) && word[len] == '=' ? word + len + 1 : NULL;
}

/* Only a pinned peer has a name: a leap of faith finds a key, not a particular peer. */
static const char *parse_peer_name(const char *w, char *line, struct peer *p)
{
    if (!w)
        return NULL;
    const char *name = peer_word_value(w, "name");
    if (!name || next_peer_word(&line))
        return "more on the line than belongs there, or not in the order first= last= trust= "
               "latch= was= name=";
    if (p->trust != BTNS_T_PINNED || !btns_peer_name_ok(name))
        return "not a name (up to 63 of A-Z a-z 0-9 . _ + -), or the peer is not pinned";
    memcpy(p->name, name, strlen(name) + 1);
    return NULL;
}

/* If the word is "first=TIME" or "last=TIME", stores the time and moves on to the next word. */
static bool take_peer_time(char **line, const char **w, const char *name, uint64_t *seconds)
{
    const char *text = peer_word_value(*w, name);
    if (text && !parse_peer_time(text, seconds))
        return false;
    if (text)
        *w = next_peer_word(line);
    return true;
}

static const char *parse_peer_words(char *line, struct peer *p)
{
    const char *text, *w = next_peer_word(&line);
    if (!take_peer_time(&line, &w, "first", &p->first_seen))
        return "no time like first=2026-11-21T10:00:00Z";
    if (!take_peer_time(&line, &w, "last", &p->last_seen))
        return "no time like last=2026-11-21T10:00:00Z";
    p->trust = BTNS_T_PINNED;
    if ((text = peer_word_value(w, "trust"))) {
        if (!parse_peer_trust(text, &p->trust))
            return "neither trust=leap nor trust=pinned";
        w = next_peer_word(&line);
    }
    if (w && !strcmp(w, "latch=no")) {
        p->no_latch = true;
        w = next_peer_word(&line);
    }
    if ((text = peer_word_value(w, "was"))) {
        if (!(p->has_before = btns_key_parse(&p->before, text)))
            return "not a key after was= (ed25519: and 44 characters of base64)";
        w = next_peer_word(&line);
    }
    return parse_peer_name(w, line, p);
}

const char *peer_parse(char *line, struct peer *p)
{
    const char *text, *why;
    char *addrs;
    memset(p, 0, sizeof *p);
    if (!(text = next_peer_word(&line)) || !btns_key_parse(&p->key, text))
        return "not a key (ed25519: and 44 characters of base64)";
    if (!(addrs = next_peer_word(&line)))
        return "no address (- for none)";
    why = parse_peer_addrs(addrs, p);
    return why ? why : parse_peer_words(line, p);
}

struct reading {
    peer_each *each;
    void *arg;
};

static bool read_peer_line(void *arg, char *line, size_t number, struct err *why)
{
    const struct reading *r = arg;
    struct peer peer;
    const char *fault = peer_parse(line, &peer);
    if (fault)
        err_set(why, "%s", fault);
    return !fault && r->each(r->arg, &peer, number, why);
}

bool peers_each_line(const char *path, char *text, size_t len, peer_each *each, void *arg,
                     struct err *err)
{
    struct reading r = {each, arg};
    return lines_each(path, text, len, read_peer_line, &r, err);
}

/* ---- writing ---- */

void peer_print(FILE *f, const struct peer *p)
{
    char key[BTNS_KEY_STR], addr[BTNS_ADDR_STR], first[TIME_STR], last[TIME_STR];
    peer_time_str(p->first_seen, first);
    peer_time_str(p->last_seen, last);
    fprintf(f, "%s ", btns_key_str(&p->key, key));
    for (size_t i = 0; i < p->addrs; i++)
        fprintf(f, "%s%s", i ? "," : "", btns_addr_ip_str(&p->addr[i], addr));
    fprintf(f, "%s first=%s last=%s trust=%s%s", p->addrs ? "" : "-", first, last,
            trust_names[p->trust], p->no_latch ? " latch=no" : "");
    if (p->has_before)
        fprintf(f, " was=%s", btns_key_str(&p->before, key));
    fprintf(f, "%s%s\n", p->name[0] ? " name=" : "", p->name);
}
