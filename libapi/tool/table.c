/* Prints a table for a person: columns as wide as their longest cell, or folded to the terminal. */
#include "libapi/tool/table.h"

#include "libapi/tool/text.h"
#include "libapi/wire/array.h"
#include "libapi/wire/wire.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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

static void free_table_row(struct row *r)
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
        free_table_row(&t->row[i]);
    free(t->row);
    free(t);
}

static int make_table_room(struct table *t)
{
    struct row *more = array_grow(t->row, &t->room, t->rows + 1, sizeof *more);
    if (!more)
        return -ENOMEM;
    t->row = more;
    return 0;
}

static char *copy_clean_cell(const char *text)
{
    char clean[CELL_MAX];
    return strdup(text_clean(clean, sizeof clean, text));
}

int table_add(struct table *t, const char *const *cells, const char *note)
{
    struct row r = {0};
    if (make_table_room(t))
        return -ENOMEM;
    for (unsigned c = 0; c < t->columns; c++) {
        r.cell[c] = copy_clean_cell(cells[c]);
        if (!r.cell[c])
            goto out;
        size_t width = text_width(r.cell[c]);
        if (width > t->width[c])
            t->width[c] = width;
    }
    if (*note) {
        r.note = copy_clean_cell(note);
        if (!r.note)
            goto out;
    }
    t->row[t->rows++] = r;
    return 0;
out:
    free_table_row(&r);
    return -ENOMEM;
}

void table_paint(struct table *t, unsigned column, enum paint paint)
{
    t->row[t->rows - 1].paint[column] = paint;
}

/* https://no-color.org: no colours if $NO_COLOR is set and not empty. */
static bool table_wants_colours(FILE *to)
{
    const char *no = getenv("NO_COLOR");
    return !(no && *no) && isatty(fileno(to));
}

#define GAP   2
#define LEAST 8 /* no column gets narrower than this, or than its heading */

/* The terminal's width in columns; 0: not a terminal, or its width is unknown. */
static size_t table_terminal_width(FILE *to)
{
    struct winsize w;
    return isatty(fileno(to)) && !ioctl(fileno(to), TIOCGWINSZ, &w) ? w.ws_col : 0;
}

/* Takes columns from the widest one until the table fits, or none can become narrower. */
static void fold_table_columns(struct table *t, size_t terminal)
{
    size_t all = t->columns ? (t->columns - 1) * GAP : 0;
    for (unsigned c = 0; c < t->columns; c++)
        all += t->width[c];
    while (terminal && all > terminal) {
        unsigned widest = 0;
        for (unsigned c = 1; c < t->columns; c++)
            if (t->width[c] > t->width[widest])
                widest = c;
        size_t least = text_width(t->headings[widest]);
        if (t->width[widest] <= (least > LEAST ? least : LEAST))
            return;
        t->width[widest]--;
        all--;
    }
}

/* The number of octets of the text that fit into `width` columns. */
static size_t fitting_cell_length(const char *text, size_t width)
{
    const char *at = text;
    for (size_t n = 0; *at && n < width; n++)
        text_next(&at);
    return (size_t)(at - text);
}

/* One line of a row: the next part of each cell. Returns whether there is more. */
static bool print_table_line(const struct table *t, const char *cell[TABLE_COLUMNS],
                             const char *const colour[TABLE_COLUMNS], FILE *to)
{
    bool more = false;
    size_t blanks = 0;
    for (unsigned c = 0; c < t->columns; c++) {
        size_t len = fitting_cell_length(cell[c], t->width[c]);
        char part[CELL_MAX];
        snprintf(part, sizeof part, "%.*s", (int)len, cell[c]);
        if (len) {
            fprintf(to, "%*s%s%s%s", (int)blanks, "", colour[c], part, *colour[c] ? "\033[0m" : "");
            blanks = 0;
        }
        blanks += t->width[c] - text_width(part) + GAP;
        cell[c] += len;
        more |= *cell[c] != 0;
    }
    fputc('\n', to);
    return more;
}

static void print_table_row(const struct table *t, const char *const text[TABLE_COLUMNS],
                            const char *const colour[TABLE_COLUMNS], FILE *to)
{
    const char *cell[TABLE_COLUMNS] = {NULL};
    for (unsigned c = 0; c < t->columns; c++)
        cell[c] = text[c];
    while (print_table_line(t, cell, colour, to))
        ;
}

void table_print(struct table *t, FILE *to)
{
    static const char *const colours[] = {"", "\033[32m", "\033[33m", "\033[31m"};
    bool coloured = table_wants_colours(to);

    const char *plain[TABLE_COLUMNS], *paint[TABLE_COLUMNS];
    for (unsigned c = 0; c < TABLE_COLUMNS; c++)
        plain[c] = "";
    fold_table_columns(t, table_terminal_width(to));
    print_table_row(t, t->headings, plain, to);
    for (size_t i = 0; i < t->rows; i++) {
        const struct row *r = &t->row[i];
        for (unsigned c = 0; c < TABLE_COLUMNS; c++)
            paint[c] = coloured ? colours[r->paint[c]] : "";
        print_table_row(t, (const char *const *)r->cell, paint, to);
        if (r->note)
            fprintf(to, "    %s\n", r->note);
    }
}
