/* A table for a person: columns as wide as what is in them. */
#ifndef BTNS_CTL_TABLE_H
#define BTNS_CTL_TABLE_H

#include <stdio.h>

#define TABLE_COLUMNS 8

enum paint { PAINT_NONE, PAINT_GOOD, PAINT_WARN, PAINT_BAD };

struct table;

/* headings: NULL-ended, at most TABLE_COLUMNS, not copied. NULL when there is no memory. */
struct table *table_new(const char *const *headings);
void table_free(struct table *t);
/*
 * Adds a row of as many cells as there are headings; cells are copied and made safe to print. note
 * ("" for none) goes on an indented line of its own below. 0 or -ENOMEM.
 */
int table_add(struct table *t, const char *const *cells, const char *note);
/* The colour of cell `column` in the row added last; used on a terminal without NO_COLOR. */
void table_paint(struct table *t, unsigned column, enum paint paint);
void table_print(const struct table *t, FILE *to);

#endif
