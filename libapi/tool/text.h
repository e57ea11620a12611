/* Makes text from outside (btnsd, file names, policies) safe to print. */
#ifndef BTNS_LIBAPI_TOOL_TEXT_H
#define BTNS_LIBAPI_TOOL_TEXT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Returns the code point at *s and moves *s behind it; *s must not be at the final NUL. A byte that
 * does not begin well-formed UTF-8 (RFC 3629) gives U+FFFD.
 */
uint32_t text_next(const char **s);

/*
 * Copies src for a terminal: control characters and bytes that are not UTF-8 become \xNN, so that
 * the text cannot move the cursor or forge a line. The copy is cut at size. Returns dst.
 */
const char *text_clean(char *dst, size_t size, const char *src);

/*
 * Prints a text that may have several lines: the first line at the cursor, each further line
 * indented by `indent`, so that it cannot be taken for a line of the caller's.
 */
void text_print(const char *text, const char *indent);

/* The width on a terminal, if every code point takes one column. */
size_t text_width(const char *s);

/* "7s", "3m05s", "2h10m", "5d03h". */
#define TEXT_DURATION 32
const char *text_duration(uint64_t seconds, char buf[TEXT_DURATION]);
/* Local time as "2024-05-01 13:45:10"; "-" for 0. */
#define TEXT_TIME 32
const char *text_time(uint64_t seconds_since_1970, char buf[TEXT_TIME]);

#endif
