/* The tree of a policy's sections and values, for the scanner: adds nodes, and finds them. */
#ifndef BTNS_RULES_READ_TREE_H
#define BTNS_RULES_READ_TREE_H

#include "btnsd/rules/read/scan.h"

/* Appends a copy of node with a copy of text; 0, or -errno with a fault. */
int policy_tree_add(struct policy_tree *tree, const struct policy_node *node, const char *text,
                    struct policy_fault *f);
/*
 * Like policy_tree_add() for a section: sets its ordinal, and refuses a title that a sibling has.
 */
int policy_tree_add_section(struct policy_tree *tree, struct policy_node *node, const char *title,
                            struct policy_fault *f);
/* The line of the first value of a field that was seen. */
unsigned policy_tree_line(const struct policy_tree *tree, size_t section, int field);

/* Faults that list what could be written instead. */
int tree_fault_unknown(struct policy_fault *f, unsigned line, const struct policy_node *in,
                       const char *name);
int tree_fault_misplaced(struct policy_fault *f, unsigned line, const struct policy_node *in,
                         enum policy_section kind);

#endif
