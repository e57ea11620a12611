/*
 * Makes generations of rules from numbers instead of files: for the property test and the
 * benchmark.
 */
#ifndef BTNS_TEST_UNIT_RULES_MAKE_H
#define BTNS_TEST_UNIT_RULES_MAKE_H

#include "btnsd/rules/compile/compile.h"
#include "libapi/wire/array.h"
#include "test/unit/dice.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Records under construction. Texts live until make_rules(). */
struct make {
    struct policy_record *record;
    size_t n, room;
    unsigned line;
};

static inline void make_record(struct make *m, enum policy_record_kind kind,
                               enum policy_section section, const char *field, const char *text)
{
    m->record = array_grow(m->record, &m->room, m->n + 1, sizeof *m->record);
    if (!m->record)
        abort();
    char *copy = strdup(text);
    if (!copy)
        abort();
    m->record[m->n++] =
        (struct policy_record){.kind = kind,
                               .section = section,
                               .field = field ? (unsigned)grammar_field_find(section, field) : 0,
                               .line = ++m->line,
                               .text = copy};
}

__attribute__((format(printf, 3, 4))) static inline void
make_section(struct make *m, enum policy_section section, const char *form, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, form);
    vsnprintf(text, sizeof text, form, ap);
    va_end(ap);
    make_record(m, RECORD_SECTION, section, NULL, text);
}

__attribute__((format(printf, 4, 5))) static inline void
make_value(struct make *m, enum policy_section section, const char *field, const char *form, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, form);
    vsnprintf(text, sizeof text, form, ap);
    va_end(ap);
    make_record(m, RECORD_VALUE, section, field, text);
}

static inline void make_free(struct make *m)
{
    for (size_t i = 0; i < m->n; i++)
        free((char *)(uintptr_t)m->record[i].text);
    free(m->record);
    *m = (struct make){0};
}

/* Compiles the generation and frees what it was made from. */
static inline struct rules *make_rules(struct make *m)
{
    static const struct policy_text file = {.file = "made", .text = NULL};
    struct err err = {""};
    struct rules *r = policy_compile(&file, 1, m->record, m->n, NULL, &err);
    if (!r) {
        fprintf(stderr, "%s\n", err.text);
        exit(2);
    }
    make_free(m);
    return r;
}

#endif
