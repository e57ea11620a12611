/* Prints a table for a person, each column as wide as its longest cell. */
#include "libapi/tool/table.h"

#include "libapi/tool/text.h"
#include "libapi/wire/array.h"
#include "libapi/wire/wire.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Room for the longest text with every byte escaped. */
#define CELL_MAX (4 * BTNS_TEXT_MAX + 32)

struct row {
    char *cell[TABLE_COLUMNS];
    char *note; /* NULL: none */
    enum paint paint[TABLE_COLUMNS];
};

struct table {
    const char *const *headings;
    unsigned columns;
    size_t width[TABLE_COLUMNS];
    struct row *row;
    size_t rows, room;
};

struct table *table_new(const char *const *headings)
{
    struct table *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->headings = headings;
    while (t->columns < TABLE_COLUMNS && headings[t->columns]) {
        t->width[t->columns] = text_width(headings[t->columns]);
        t->columns++;
    }
    return t;
}

static void free_row(struct row *r)
{
    for (unsigned c = 0; c < TABLE_COLUMNS; c++)
        free(r->cell[c]);
    free(r->note);
}

void table_free(struct table *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->rows; i++)
        free_row(&t->row[i]);
    free(t->row);
    free(t);
}

static int make_room(struct table *t)
{
    struct row *more = array_grow(t->row, &t->room, t->rows + 1, sizeof *more);
    if (!more)
        return -ENOMEM;
    t->row = more;
    return 0;
}

static char *clean_copy(const char *text)
{
    char clean[CELL_MAX];
    return strdup(text_clean(clean, sizeof clean, text));
}

int table_add(struct table *t, const char *const *cells, const char *note)
{
    struct row r = {0};
    if (make_room(t))
        return -ENOMEM;
    for (unsigned c = 0; c < t->columns; c++) {
        r.cell[c] = clean_copy(cells[c]);
        if (!r.cell[c])
            goto out;
        size_t width = text_width(r.cell[c]);
        if (width > t->width[c])
            t->width[c] = width;
    }
    if (*note) {
        r.note = clean_copy(note);
        if (!r.note)
            goto out;
    }
    t->row[t->rows++] = r;
    return 0;
out:
    free_row(&r);
    return -ENOMEM;
}

void table_paint(struct table *t, unsigned column, enum paint paint)
{
    t->row[t->rows - 1].paint[column] = paint;
}

/* https://no-color.org: no colours if $NO_COLOR is set and not empty. */
static bool colours_wanted(FILE *to)
{
    const char *no = getenv("NO_COLOR");
    return !(no && *no) && isatty(fileno(to));
}

static void print_cell(const struct table *t, unsigned c, const char *text, const char *colour,
                       FILE *to)
{
    fprintf(to, "%s%s%s", colour, text, *colour ? "\033[0m" : "");
    if (c + 1 == t->columns)
        return;
    for (size_t n = text_width(text); n < t->width[c] + 2; n++)
        fputc(' ', to);
}

void table_print(const struct table *t, FILE *to)
{
    static const char *const colours[] = {"", "\033[32m", "\033[33m", "\033[31m"};
    bool coloured = colours_wanted(to);

    for (unsigned c = 0; c < t->columns; c++)
        print_cell(t, c, t->headings[c], "", to);
    fputc('\n', to);
    for (size_t i = 0; i < t->rows; i++) {
        const struct row *r = &t->row[i];
        for (unsigned c = 0; c < t->columns; c++)
            print_cell(t, c, r->cell[c], coloured ? colours[r->paint[c]] : "", to);
        fprintf(to, "%s%s\n", r->note ? "\n    " : "", r->note ? r->note : "");
    }
}
