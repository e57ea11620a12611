/* libconfuse's view of a policy's text, compared with ours and turned into records. */
#ifndef BTNS_RULES_PARSE_H
#define BTNS_RULES_PARSE_H

#include "btnsd/rules/read/record.h"
#include "btnsd/rules/read/scan.h"

/*
 * text is NUL-terminated and scanned: its comments are blank. Every section and value of the tree
 * must come out of libconfuse, and nothing else. 0, or -errno with a fault.
 */
int policy_confuse(unsigned file, const char *text, const struct policy_tree *tree,
                   struct policy_stream *out, struct policy_fault *f);

#endif
