/*
 * Prints a table for a person. Each column is as wide as its longest cell, or folded to fit the
 * terminal.
 */
#ifndef BTNS_LIBAPI_TOOL_TABLE_H
#define BTNS_LIBAPI_TOOL_TABLE_H

#include <stdio.h>

#define TABLE_COLUMNS 8

enum paint { PAINT_NONE, PAINT_GOOD, PAINT_WARN, PAINT_BAD };

struct table;

/* headings: ended by NULL, at most TABLE_COLUMNS, not copied. Returns NULL without memory. */
struct table *table_new(const char *const *headings);
void table_free(struct table *t);
/*
 * Adds a row with one cell for each heading. Cells are copied, and made safe to print. note ("":
 * none) is printed on a line of its own, indented, below the row. Returns 0 or -ENOMEM.
 */
int table_add(struct table *t, const char *const *cells, const char *note);
/*
 * Sets the colour of cell `column` in the last row. Colours appear on a terminal only, unless
 * $NO_COLOR is set.
 */
void table_paint(struct table *t, unsigned column, enum paint paint);
/* On a terminal, a table that is too wide is folded: the widest columns first. */
void table_print(struct table *t, FILE *to);

#endif
