/* Makes text from outside (btnsd, file names, policies) safe to print. */
#include "libapi/tool/text.h"

#include "libapi/wire/wire.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/*
 * The forms of UTF-8 (RFC 3629, section 4): the length, and the lowest code point that this length
 * may encode.
 */
static const struct {
    unsigned char mask, lead;
    unsigned char length;
    uint32_t least;
} forms[] = {
    {0x80, 0x00, 1, 0},
    {0xe0, 0xc0, 2, 0x80},
    {0xf0, 0xe0, 3, 0x800},
    {0xf8, 0xf0, 4, 0x10000},
};

/* Returns the length of the well-formed sequence at s and its code point; 0 if there is none. */
static size_t decode_text_utf8(const char *s, uint32_t *point)
{
    const unsigned char *u = (const unsigned char *)s;
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        if ((u[0] & forms[f].mask) != forms[f].lead)
            continue;
        uint32_t c = u[0] & (unsigned char)~forms[f].mask;
        for (size_t i = 1; i < forms[f].length; i++) {
            if ((u[i] & 0xc0) != 0x80) /* also stops at the NUL */
                return 0;
            c = c << 6 | (u[i] & 0x3f);
        }
        bool surrogate = c >= 0xd800 && c <= 0xdfff;
        if (c < forms[f].least || c > 0x10ffff || surrogate)
            return 0;
        *point = c;
        return forms[f].length;
    }
    return 0;
}

uint32_t text_next(const char **s)
{
    uint32_t point = 0xfffd;
    size_t n = decode_text_utf8(*s, &point);
    *s += n ? n : 1;
    return point;
}

static bool is_text_control(uint32_t c)
{
    bool c0_or_c1 = c < 0x20 || (c >= 0x7f && c < 0xa0);
    bool separator = c == 0x2028 || c == 0x2029;
    bool turns_direction = c == 0x061c || c == 0x200e || c == 0x200f ||
                           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    return c0_or_c1 || separator || turns_direction;
}

const char *text_clean(char *dst, size_t size, const char *src)
{
    size_t at = 0;
    while (*src && size - at > 16) {
        uint32_t c = 0;
        size_t n = decode_text_utf8(src, &c);
        if (n && !is_text_control(c)) {
            memcpy(dst + at, src, n);
            at += n;
        } else {
            if (!n)
                n = 1;
            for (size_t i = 0; i < n; i++)
                at += (size_t)sprintf(dst + at, "\\x%02x", (unsigned char)src[i]);
        }
        src += n;
    }
    dst[at] = '\0';
    return dst;
}

void text_print(const char *text, const char *indent)
{
    char line[BTNS_TEXT_MAX], clean[4 * sizeof line];
    for (;;) {
        size_t n = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)n, text);
        puts(text_clean(clean, sizeof clean, line));
        if (!text[n] || !text[n + 1])
            return;
        text += n + 1;
        fputs(indent, stdout);
    }
}

size_t text_width(const char *s)
{
    size_t n = 0;
    for (; *s; n++)
        text_next(&s);
    return n;
}

const char *text_duration(uint64_t seconds, char buf[TEXT_DURATION])
{
    static const struct {
        uint64_t unit, part;
        char name, part_name;
    } scale[] = {{86400, 3600, 'd', 'h'}, {3600, 60, 'h', 'm'}, {60, 1, 'm', 's'}};

    for (size_t i = 0; i < sizeof scale / sizeof *scale; i++) {
        if (seconds < scale[i].unit)
            continue;
        snprintf(buf, TEXT_DURATION, "%" PRIu64 "%c%02" PRIu64 "%c", seconds / scale[i].unit,
                 scale[i].name, seconds % scale[i].unit / scale[i].part, scale[i].part_name);
        return buf;
    }
    snprintf(buf, TEXT_DURATION, "%" PRIu64 "s", seconds);
    return buf;
}

const char *text_time(uint64_t seconds_since_1970, char buf[TEXT_TIME])
{
    time_t t = (time_t)seconds_since_1970;
    struct tm tm;
    if (!seconds_since_1970 || !localtime_r(&t, &tm) ||
        !strftime(buf, TEXT_TIME, "%Y-%m-%d %H:%M:%S", &tm))
        snprintf(buf, TEXT_TIME, "-");
    return buf;
}
