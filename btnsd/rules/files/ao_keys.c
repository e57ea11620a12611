/* Parses a file with keys of TCP-AO. */
#include "btnsd/rules/files/ao_keys.h"

#include "btnsd/rules/model/names.h"

#include <errno.h>
#include <string.h>

static const struct {
    const char *name;
    bool current, next;
} roles[] = {
    {"current", true, false}, /* signs first; the peer is asked for it unless there is a `next` */
    {"next", false, true},
    {"also", false, false},
};

/* The part of a line that was not read yet. */
struct rest {
    const char *at, *end;
};

/* Takes the next word, which a single space ends. */
static bool take_ao_word(struct rest *r, struct rest *word)
{
    const char *space = memchr(r->at, ' ', (size_t)(r->end - r->at));
    if (!space || space == r->at)
        return false;
    *word = (struct rest){r->at, space};
    r->at = space + 1;
    return true;
}

static bool is_ao_word(const struct rest *w, const char *word)
{
    size_t len = (size_t)(w->end - w->at);
    return len == strlen(word) && !memcmp(w->at, word, len);
}

/* 0 to 255, without leading zeros. */
static bool read_ao_id(const struct rest *w, uint8_t *id)
{
    unsigned value = 0;
    size_t len = (size_t)(w->end - w->at);
    if (len > 3 || (len > 1 && *w->at == '0'))
        return false;
    for (const char *p = w->at; p < w->end; p++) {
        if (*p < '0' || *p > '9')
            return false;
        value = value * 10 + (unsigned)(*p - '0');
    }
    *id = (uint8_t)value;
    return value <= UINT8_MAX;
}

static bool read_ao_role(const struct rest *w, struct ao_key *k)
{
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        if (!is_ao_word(w, roles[i].name))
            continue;
        k->current = roles[i].current;
        k->next = roles[i].next;
        return true;
    }
    return false;
}

static bool read_ao_algorithm(const struct rest *w, struct ao_key *k)
{
    for (unsigned i = 0; policy_ao_algorithms[i]; i++) {
        if (!is_ao_word(w, policy_ao_algorithms[i]))
            continue;
        k->algorithm = (enum ao_algorithm)i;
        return true;
    }
    return false;
}

/* Parses a line. NULL, or what the line lacks. */
static const char *read_ao_line(struct rest r, struct ao_key *k)
{
    struct rest word;
    *k = (struct ao_key){0};
    if (!take_ao_word(&r, &word) || !read_ao_role(&word, k))
        return "the first word is current, next or also";
    if (!take_ao_word(&r, &word) || !read_ao_id(&word, &k->send_id) || !take_ao_word(&r, &word) ||
        !read_ao_id(&word, &k->receive_id))
        return "the second and third words are the send and the receive ID, 0 to 255";
    if (!take_ao_word(&r, &word) || !read_ao_algorithm(&word, k))
        return "the fourth word is hmac-sha-1-96 or aes-128-cmac-96";
    k->secret = (const uint8_t *)r.at;
    k->len = (size_t)(r.end - r.at);
    if (!k->len || k->len > SIGN_KEY_MAX || memchr(r.at, 0, k->len))
        return "the secret, behind a space, is 1 to 80 octets, and none of them 0";
    return NULL;
}

/* NULL, or why a key cannot be used together with those before it. */
static const char *compare_ao_keys(const struct ao_key *key, unsigned n, const struct ao_key *more)
{
    for (unsigned i = 0; i < n; i++) {
        if (key[i].send_id == more->send_id || key[i].receive_id == more->receive_id)
            return "another line has this send or receive ID (RFC 5925, section 3.1)";
        if ((key[i].current && more->current) || (key[i].next && more->next))
            return "another line has this role: one key is current, and one at most is next";
    }
    return NULL;
}

static int refuse_ao_line(struct err *err, unsigned line, const char *why)
{
    err_set(err, "line %u: %s", line, why);
    return -EINVAL;
}

/* Checks that there is a current key. Without a next key, the current one is also the next one. */
static int finish_ao_roles(struct ao_key *key, unsigned n, struct err *err)
{
    struct ao_key *current = NULL;
    bool next = false;
    for (unsigned i = 0; i < n; i++) {
        next |= key[i].next;
        if (key[i].current)
            current = &key[i];
    }
    if (!current) {
        err_set(err, "no key is current: write a line `current SEND-ID RECEIVE-ID ALGORITHM "
                     "SECRET'");
        return -EINVAL;
    }
    current->next = !next;
    return 0;
}

int ao_keys_parse(const char *text, size_t len, struct ao_key key[AO_KEYS_MAX], unsigned *n,
                  struct err *err)
{
    const char *end = text + len;
    unsigned line = 0;
    *n = 0;
    while (text < end) {
        struct ao_key k;
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const struct rest r = {text, newline ? newline : end};
        const char *why;
        text = newline ? newline + 1 : end;
        line++;
        if (r.at == r.end || *r.at == '#')
            continue;
        if ((why = read_ao_line(r, &k)) || (why = compare_ao_keys(key, *n, &k)))
            return refuse_ao_line(err, line, why);
        if (*n == AO_KEYS_MAX)
            return refuse_ao_line(err, line, "there are more than 4 keys");
        key[(*n)++] = k;
    }
    return finish_ao_roles(key, *n, err);
}
