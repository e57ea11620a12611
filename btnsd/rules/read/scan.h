/* Scans a policy's text into a tree of sections and values, each with its line. */
#ifndef BTNS_RULES_READ_SCAN_H
#define BTNS_RULES_READ_SCAN_H

#include "btnsd/rules/read/fault.h"
#include "btnsd/rules/read/grammar.h"

#include <stdint.h>

#define NODE_SECTION (-1)

/* A section or one value of a field, in the order of the text; node 0 is the file. */
struct policy_node {
    enum policy_section section; /* the section itself, or the one that contains the value */
    int field;                   /* NODE_SECTION, or the field's number in the section's grammar */
    unsigned line, column;       /* for a section: those of its title, if it is on the same line */
    unsigned width;
    unsigned
        ordinal; /* index among its parent's sections of that kind, or among its field's values */
    size_t parent;
    size_t end;    /* sections: its contents are the nodes up to here */
    unsigned seen; /* sections: bit i: field i was given */
    char *text;    /* title or value */
};

struct policy_tree {
    struct policy_node *node;
    size_t n, size;
};

/*
 * Fills the tree from text, which has no NUL inside and whose comments become blanks. 0, or -errno
 * with a fault. The caller frees the tree in either case.
 */
int policy_scan(char *text, size_t len, struct policy_tree *tree, struct policy_fault *f);
void policy_tree_free(struct policy_tree *tree);

#endif
