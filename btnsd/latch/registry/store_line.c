/* One latch as a line of the stored file: fields between tabs, texts escaped. */
#include "btnsd/latch/registry/store.h"

#include "libapi/wire/service.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A line begins with numbers, followed by two addresses and four texts. */
#define NUMBERS 9
#define FIELDS  (NUMBERS + 6)

/* Escapes spaces and control characters, as tabs and line ends separate fields and latches. */
static void put_line_text(FILE *f, const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || *text == '\\' || *text == 0x7f)
            fprintf(f, "\\%02x", (unsigned char)*text);
        else
            fputc(*text, f);
}

static void put_line_addr(FILE *f, const struct btns_addr *a)
{
    fprintf(f, "%u:%u:%" PRIu32 ":", a->family, a->port, a->scope);
    for (size_t i = 0; i < sizeof a->ip; i++)
        fprintf(f, "%02x", a->ip[i]);
}

void latch_record_write(FILE *f, const struct latch_record *r)
{
    fprintf(f, "%" PRIu64 "\t%" PRIu64 "\t", r->cookie, r->created);
    const uint32_t numbers[NUMBERS - 2] = {r->pid,  r->uid, r->state,   r->code,
                                           r->wish, r->how, r->protocol};
    for (size_t i = 0; i < NUMBERS - 2; i++)
        fprintf(f, "%" PRIu32 "\t", numbers[i]);
    put_line_addr(f, &r->local);
    fputc('\t', f);
    put_line_addr(f, &r->remote);
    fputc('\t', f);
    put_line_text(f, r->program);
    fputc('\t', f);
    put_line_text(f, r->rule);
    fputc('\t', f);
    put_line_text(f, r->reason);
    fputc('\t', f);
    put_line_text(f, r->profile);
    fputc('\n', f);
}

/* Accepts only digits: strtoull() would also take signs and spaces, which btnsd never writes. */
static bool get_line_number(const char *text, char end, uint64_t max, uint64_t *out,
                            const char **rest)
{
    char *stop;
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    unsigned long long n = strtoull(text, &stop, 10);
    if (errno || *stop != end || n > max)
        return false;
    *out = n;
    *rest = stop + (end != '\0');
    return true;
}

static int escape_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool get_line_octet(const char *text, uint8_t *out)
{
    int high = escape_digit(text[0]), low = high < 0 ? -1 : escape_digit(text[1]);
    *out = (uint8_t)(high * 16 + low);
    return low >= 0;
}

static bool get_line_text(const char *text, char *out, size_t size)
{
    size_t n = 0;
    while (*text) {
        uint8_t c = (uint8_t)*text;
        if (c <= ' ' || c == 0x7f || n + 1 == size)
            return false;
        if (c == '\\' && (!get_line_octet(text + 1, &c) || !c))
            return false;
        text += *text == '\\' ? 3 : 1;
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return true;
}

/* Are all unused octets zero? Addresses are compared as whole structs. */
static bool is_whole_line(const struct btns_addr *a)
{
    struct sockaddr_storage ss;
    struct btns_addr again, none = {0};
    socklen_t len = btns_addr_to_sa(a, a->family, &ss);
    if (!a->family)
        return !memcmp(a, &none, sizeof none);
    return len && btns_addr_from_sa(&again, (struct sockaddr *)&ss, len) &&
           !memcmp(a, &again, sizeof again);
}

static bool get_line_addr(const char *text, struct btns_addr *a)
{
    uint64_t family, port, scope;
    memset(a, 0, sizeof *a);
    if (!get_line_number(text, ':', UINT16_MAX, &family, &text) ||
        !get_line_number(text, ':', UINT16_MAX, &port, &text) ||
        !get_line_number(text, ':', UINT32_MAX, &scope, &text) || strlen(text) != 2 * sizeof a->ip)
        return false;
    for (size_t i = 0; i < sizeof a->ip; i++)
        if (!get_line_octet(text + 2 * i, &a->ip[i]))
            return false;
    a->family = (uint16_t)family;
    a->port = (uint16_t)port;
    a->scope = (uint32_t)scope;
    return is_whole_line(a);
}

static bool split_line(char *line, const char *field[FIELDS])
{
    size_t n = 0;
    for (char *at = line; at; n++) {
        if (n == FIELDS)
            return false;
        field[n] = strsep(&at, "\t");
    }
    if (n == FIELDS - 1) /* the line is of an older btnsd, which did not write the profile */
        field[n++] = "";
    return n == FIELDS;
}

static bool get_line_numbers(const char *const field[FIELDS], struct latch_record *r)
{
    static const uint64_t max[NUMBERS] = {UINT64_MAX, UINT64_MAX,      INT32_MAX,
                                          UINT32_MAX, BTNS_STATES - 1, BTNS_REASONS - 1,
                                          UINT32_MAX, LATCH_HOW,       UINT8_MAX};
    uint64_t v[NUMBERS];
    const char *rest;
    for (size_t i = 0; i < NUMBERS; i++)
        if (!get_line_number(field[i], '\0', max[i], &v[i], &rest))
            return false;
    r->cookie = v[0];
    r->created = v[1];
    r->pid = (uint32_t)v[2];
    r->uid = (uint32_t)v[3];
    r->state = (uint32_t)v[4];
    r->code = (uint32_t)v[5];
    r->wish = (uint32_t)v[6];
    r->how = (uint32_t)v[7];
    r->protocol = (uint8_t)v[8];
    return r->cookie && r->state && protocol_name(r->protocol);
}

bool latch_record_parse(const char *line, struct latch_record *r)
{
    char copy[4 * (2 * BTNS_NAME_MAX + 2 * BTNS_TEXT_MAX) + 512];
    const char *field[FIELDS];
    memset(r, 0, sizeof *r);
    if (strlen(line) >= sizeof copy)
        return false;
    strcpy(copy, line);
    return split_line(copy, field) && get_line_numbers(field, r) &&
           get_line_addr(field[NUMBERS], &r->local) &&
           get_line_addr(field[NUMBERS + 1], &r->remote) &&
           get_line_text(field[NUMBERS + 2], r->program, sizeof r->program) &&
           get_line_text(field[NUMBERS + 3], r->rule, sizeof r->rule) &&
           get_line_text(field[NUMBERS + 4], r->reason, sizeof r->reason) &&
           get_line_text(field[NUMBERS + 5], r->profile, sizeof r->profile);
}
