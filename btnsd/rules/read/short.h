/*
 * Short rules, in the manner of pf: `protect to 10.2.0.5 port rsync`. They are rewritten into the
 * long form, each within its line, and then read like it, by libconfuse too: its own means for more
 * syntax, functions, would want parentheses and commas.
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
    bool *is_short; /* by line, from 1: its columns are not those of the file */
    size_t lines;
};

/*
 * Rewrites the text. 0, or -errno with a fault. The caller frees l in either case. A text that the
 * lexer refuses outside of short rules is kept from there on, for the scanner to refuse.
 */
int policy_to_long(const char *text, size_t len, struct policy_long *l, struct policy_fault *f);
void policy_long_free(struct policy_long *l);
/* Was the line written as a short rule? */
bool policy_line_is_short(const struct policy_long *l, unsigned line);

#endif
