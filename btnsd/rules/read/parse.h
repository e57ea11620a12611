/* Parses a policy's text with libconfuse, and compares the result with the scanner's tree. */
#ifndef BTNS_RULES_READ_PARSE_H
#define BTNS_RULES_READ_PARSE_H

#include "btnsd/rules/read/record.h"
#include "btnsd/rules/read/scan.h"

/*
 * text is NUL-terminated, and the scanner has blanked its comments. libconfuse must read exactly
 * the tree's sections and values. 0, or -errno with a fault.
 */
int parse_with_confuse(unsigned file, const char *text, const struct policy_tree *tree,
                       struct policy_stream *out, struct policy_fault *f);

#endif
