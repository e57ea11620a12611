/*
 * Rewrites short rules, like those of pf, into the long form: `protect to 10.2.0.5 port rsync`.
 * Each stays on its line, and is then read like any other, by libconfuse too: libconfuse's own
 * extension, functions, would need parentheses and commas.
 */
#ifndef BTNS_RULES_READ_SHORT_H
#define BTNS_RULES_READ_SHORT_H

#include "btnsd/rules/read/fault.h"

#include <stdbool.h>
#include <stddef.h>

#define SHORT_RULES_MAX 1024       /* in one file */
#define SHORT_TEXT_MAX  (1u << 20) /* octets of one file in the long form */

struct policy_long {
    char *text; /* NUL-terminated; its lines are those of the file, comments are blanks */
    size_t len;
    bool *is_short; /* by line, from 1: columns in this line are not those of the file */
    size_t lines;
};

/*
 * Rewrites the text. 0, or -errno with a fault. The caller frees l in either case. If the lexer
 * refuses the text outside of short rules, the rest of the text is copied, and the scanner refuses
 * it.
 */
int short_to_long(const char *text, size_t len, struct policy_long *l, struct policy_fault *f);
void short_long_free(struct policy_long *l);
/* Was the line written as a short rule? */
bool short_line_is(const struct policy_long *l, unsigned line);

#endif
