/* The texts that a generation is compiled from: read from their directories, or from one file. */
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
    uint8_t (*signature)[SIGNATURE_SIZE]; /* of each; zero for all but packages */
    unsigned admins, packages, authors;
};

/* Reads all of it: 0, or -errno with err. policy_set_free() is due in either case. */
int policy_set_read(const struct rules_sources *from, struct policy_set *set, struct err *err);
/* Reads those files of the administrator's that can be read, and nothing else. */
void policy_set_read_some(const struct rules_sources *from, struct policy_set *set);
/* NULL with "file:line: reason"; `name` is said where no file is meant. */
struct rules *policy_set_compile(const char *name, struct policy_set *set,
                                 const struct lookup_how *how, struct err *err);
/*
 * What can be had of mandatory rules: those of the administrator's texts that can be compiled, a
 * rule whose profile is missing discards. NULL: out of memory.
 */
struct rules *policy_set_compile_mandatory(const struct policy_set *set,
                                           const struct lookup_how *how);
void policy_set_free(struct policy_set *set);

/* policy_set_file.c: a set and its resolved names in one file, that says where it ends. */
#define POLICY_SET_MAX (16u << 20) /* octets */
int policy_set_print(FILE *f, const struct policy_set *set, const struct lookups *names);
/* 0, or -EINVAL (it is not whole, or no such file) or -ENOMEM with err. Both are to be freed. */
int policy_set_parse(const char *data, size_t len, struct policy_set *set, struct lookups *names,
                     struct err *err);

#endif
