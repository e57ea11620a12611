/* The grammar of policy files: the sections, and the fields of each. */
#ifndef BTNS_RULES_READ_GRAMMAR_H
#define BTNS_RULES_READ_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>

enum policy_section {
    SECTION_FILE, /* the file itself */
    SECTION_PROFILE,
    SECTION_PROGRAM,
    SECTION_RULE,
    SECTION_PACKAGE,
    SECTION_AUTHOR,
    SECTION_GROUP,
    SECTION_POINT,
    SECTIONS
};
#define POLICY_FIELDS_MAX 32 /* in one section; policy_node.seen has a bit for each */

/* The kind of name that a value may be, if the name must be looked up. */
enum lookup_kind { LOOKUP_NONE, LOOKUP_USER, LOOKUP_GROUP, LOOKUP_HOST };

struct policy_field {
    const char *name;
    bool list; /* may have several values */
    /*
     * 0: everybody may use it; else a bit (1 << enum policy_source) for each kind of author who may
     */
    unsigned only;
    enum lookup_kind names;
};

struct policy_schema {
    const char *name;
    enum policy_section parent;                   /* the section that contains it */
    struct policy_field field[POLICY_FIELDS_MAX]; /* ended by a NULL name */
    unsigned only;                                /* as in struct policy_field */
};
extern const struct policy_schema policy_schema[SECTIONS];

/* The number of the field called name, or -1. */
int grammar_field_find(enum policy_section section, const char *name);
size_t grammar_field_count(enum policy_section section);
/* The section called name, or SECTION_FILE, which has no name. */
enum policy_section grammar_section_find(const char *name);

#endif
