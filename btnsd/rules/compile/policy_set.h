/* The texts from which a generation is compiled: read from their directories, or from one file. */
#ifndef BTNS_RULES_COMPILE_POLICY_SET_H
#define BTNS_RULES_COMPILE_POLICY_SET_H

#include "btnsd/rules/files/signature.h"
#include "btnsd/rules/model/rules.h"
#include "btnsd/rules/read/lookup.h"
#include "btnsd/rules/read/read.h"

#include <stdio.h>

/* The administrator's texts, the packages', the authors': in this order. */
struct policy_set {
    struct policy_text *text;
    uint8_t (*signature)[SIGNATURE_SIZE]; /* one for each text; zero for all but packages */
    unsigned admins, packages, authors;
};

/* Reads all texts: 0, or -errno with err. Call policy_set_free() in either case. */
int policy_set_read(const struct rules_sources *from, struct policy_set *set, struct err *err);
/* Reads only those files of the administrator's that can be read. */
void policy_set_read_some(const struct rules_sources *from, struct policy_set *set);
/* NULL with "file:line: reason" in err; `name` stands where no file is meant. */
struct rules *policy_set_compile(const char *name, struct policy_set *set,
                                 const struct lookup_how *how, struct err *err);
/*
 * Compiles the mandatory rules of those of the administrator's texts that can be compiled; a rule
 * whose profile is missing discards. NULL: out of memory.
 */
struct rules *policy_set_compile_mandatory(const struct policy_set *set,
                                           const struct lookup_how *how);
void policy_set_free(struct policy_set *set);

/* policy_set_file.c: a set and its resolved names in one file, which says where it ends. */
#define POLICY_SET_MAX (16u << 20) /* octets */
int policy_set_print(FILE *f, const struct policy_set *set, const struct lookups *names);
/*
 * 0, or -EINVAL (incomplete, or not such a file) or -ENOMEM with err. The caller frees set and
 * names in any case.
 */
int policy_set_parse(const char *data, size_t len, struct policy_set *set, struct lookups *names,
                     struct err *err);

#endif
