/* Text from elsewhere (btnsd, file names, policy), made safe to print. */
#ifndef BTNS_CTL_TEXT_H
#define BTNS_CTL_TEXT_H

#include <stddef.h>
#include <stdint.h>

/*
 * The code point at *s (not at its NUL), and *s moved behind it. A byte that does not begin
 * well-formed UTF-8 (RFC 3629) is one U+FFFD.
 */
uint32_t text_next(const char **s);

/*
 * Copies src for a terminal: control characters and bytes that are no UTF-8 come out as \xNN, so
 * that nothing in it can move the cursor or forge a line. Cut at size. Returns dst.
 */
const char *text_clean(char *dst, size_t size, const char *src);

/*
 * Prints what may have several lines: the first where the cursor is, each further one behind
 * indent, so that none of them can pass for a line of the caller's own.
 */
void text_print(const char *text, const char *indent);

/* Columns on a terminal, taking every code point as one. */
size_t text_width(const char *s);

/* "7s", "3m05s", "2h10m", "5d03h". */
#define TEXT_DURATION 32
const char *text_duration(uint64_t seconds, char buf[TEXT_DURATION]);
/* Local time as "2024-05-01 13:45:10"; "-" for 0. */
#define TEXT_TIME 32
const char *text_time(uint64_t seconds_since_1970, char buf[TEXT_TIME]);

#endif
