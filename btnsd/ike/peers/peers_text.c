/* A line of known_peers, read and written:
 *
 *     ed25519:BASE64 ADDRESS[,ADDRESS...] first=TIME last=TIME trust=leap|pinned [latch=no]
 *         [name=NAME]                                                        (on the same line)
 *
 * "-" stands for no address. Times are UTC, like 2026-11-21T10:00:00Z. One spelling for everything,
 * so that what is read and written again stays as it was. */
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
    "# latch=no: no latch may be made to it.\n"
    "# btnsd rewrites this file, and comments other than these are lost then.\n";

static const char *const trust_names[] = {[BTNS_T_LEAP] = "leap", [BTNS_T_PINNED] = "pinned"};

/* ---- reading ---- */

static bool parse_scope(const char *text, uint32_t *scope)
{
    char *end;
    errno = 0;
    unsigned long n = strtoul(text, &end, 10);
    *scope = (uint32_t)n;
    return *text >= '1' && *text <= '9' && !*end && !errno && n <= UINT32_MAX;
}

static bool parse_addr(char *text, struct btns_addr *a)
{
    char *percent = strchr(text, '%');
    uint32_t scope = 0;
    if (percent) {
        *percent = '\0';
        if (!parse_scope(percent + 1, &scope))
            return false;
    }
    if (!btns_addr_parse(a, text) || btns_addr_is_any(a) || (scope && a->family != AF_INET6))
        return false;
    a->scope = scope;
    return true;
}

static const char *parse_addrs(char *text, struct peer *p)
{
    if (!strcmp(text, "-"))
        return NULL;
    char *item;
    while ((item = strsep(&text, ","))) {
        if (p->addrs == PEER_ADDRS)
            return "too many addresses";
        if (!parse_addr(item, &p->addr[p->addrs]))
            return "not an address (numeric IPv4 or IPv6, commas between)";
        for (size_t i = 0; i < p->addrs; i++)
            if (btns_addr_ip_equal(&p->addr[i], &p->addr[p->addrs]))
                return "an address is there twice";
        p->addrs++;
    }
    return NULL;
}

static void time_str(uint64_t seconds, char buf[TIME_STR])
{
    struct tm tm;
    time_t t = (time_t)(seconds < PEERS_TIME_MAX ? seconds : PEERS_TIME_MAX);
    if (!gmtime_r(&t, &tm) || !strftime(buf, TIME_STR, "%Y-%m-%dT%H:%M:%SZ", &tm))
        buf[0] = '\0';
}

static bool parse_time(const char *text, uint64_t *seconds)
{
    struct tm tm = {0};
    char again[TIME_STR];
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    time_t t = end && !*end ? timegm(&tm) : -1;
    if (t < 0)
        return false;
    *seconds = (uint64_t)t;
    time_str(*seconds, again);
    return !strcmp(again, text);
}

static bool parse_trust(const char *text, uint32_t *trust)
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
static char *next_word(char **line)
{
    char *w;
    do
        w = strsep(line, " \t");
    while (w && !*w);
    return w;
}

/* The next word's text after "name="; NULL when the next word is another. */
static const char *named_word(char **line, const char *name)
{
    const char *w = next_word(line);
    size_t len = strlen(name);
    return w && !strncmp(w, name, len) && w[len] == '=' ? w + len + 1 : NULL;
}

/* Only a pinned peer has a name: a leap of faith finds a key, not a particular peer. */
static const char *parse_name(const char *w, char *line, struct peer *p)
{
    if (!w)
        return NULL;
    if (strncmp(w, "name=", 5) || next_word(&line))
        return "more on the line than belongs there";
    if (p->trust != BTNS_T_PINNED || !btns_peer_name_ok(w + 5))
        return "not a name (up to 63 of A-Z a-z 0-9 . _ + -), or the peer is not pinned";
    memcpy(p->name, w + 5, strlen(w + 5) + 1);
    return NULL;
}

const char *peer_parse(char *line, struct peer *p)
{
    const char *text, *why;
    char *addrs;
    memset(p, 0, sizeof *p);
    if (!(text = next_word(&line)) || !btns_key_parse(&p->key, text))
        return "not a key (ed25519: and 44 characters of base64)";
    if (!(addrs = next_word(&line)))
        return "no address (- for none)";
    if ((why = parse_addrs(addrs, p)))
        return why;
    if (!(text = named_word(&line, "first")) || !parse_time(text, &p->first_seen))
        return "no first=TIME like first=2026-11-21T10:00:00Z";
    if (!(text = named_word(&line, "last")) || !parse_time(text, &p->last_seen))
        return "no last=TIME like last=2026-11-21T10:00:00Z";
    if (!(text = named_word(&line, "trust")) || !parse_trust(text, &p->trust))
        return "no trust=leap or trust=pinned";
    text = next_word(&line);
    p->no_latch = text && !strcmp(text, "latch=no");
    if (p->no_latch)
        text = next_word(&line);
    return parse_name(text, line, p);
}

struct reading {
    peer_each *each;
    void *arg;
};

static bool read_line(void *arg, char *line, size_t number, struct err *why)
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
    return lines_each(path, text, len, read_line, &r, err);
}

/* ---- writing ---- */

void peer_print(FILE *f, const struct peer *p)
{
    char key[BTNS_KEY_STR], addr[BTNS_ADDR_STR], first[TIME_STR], last[TIME_STR];
    time_str(p->first_seen, first);
    time_str(p->last_seen, last);
    fprintf(f, "%s ", btns_key_str(&p->key, key));
    for (size_t i = 0; i < p->addrs; i++)
        fprintf(f, "%s%s", i ? "," : "", btns_addr_ip_str(&p->addr[i], addr));
    fprintf(f, "%s first=%s last=%s trust=%s%s%s%s\n", p->addrs ? "" : "-", first, last,
            trust_names[p->trust], p->no_latch ? " latch=no" : "", p->name[0] ? " name=" : "",
            p->name);
}
