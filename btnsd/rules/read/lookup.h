/* Names that stand for numbers (users, groups) or addresses (hosts), looked up at compile time. */
#ifndef BTNS_RULES_LOOKUP_H
#define BTNS_RULES_LOOKUP_H

#include "btnsd/rules/model/rules.h"
#include "btnsd/rules/read/read.h"
#include "btnsd/rules/read/record.h"

#define LOOKUP_NAMES_MAX     4096 /* in one generation */
#define LOOKUP_ADDRESSES_MAX 64   /* of one host */
#define LOOKUP_NAME_MAX      253

struct lookup {
    enum lookup_kind kind;
    const char *name;
    uint32_t number;                 /* users, groups */
    const struct btns_addr *address; /* hosts; port and scope 0 */
    unsigned found;                  /* numbers or addresses; 0: there is no such name, */
    int error;                       /* or it could not be found out: getaddrinfo(3)'s or errno */
};

/* All names of a generation, sorted. */
struct lookups {
    struct lookup *item;
    size_t n;
    struct btns_addr *address; /* all of them */
};

/* Must a value be looked up? Numbers, prefixes and groups of policy ("@...") need not. */
bool lookup_is_name(enum lookup_kind kind, const char *text);
/*
 * Looks up what the records of the administrator's texts name, in a confined child that is given 3
 * seconds: whoever could have names looked up could keep btnsd waiting. 0, or -errno with a
 * reason. What was not found is found out where it is used.
 */
int lookup_all(const struct policy_text *text, const struct policy_record *record, size_t n,
               struct lookups *l, struct err *err);
const struct lookup *lookup_find(const struct lookups *l, enum lookup_kind kind, const char *name);
/* "there is no user of that name", "the name has no address", ... */
const char *lookup_why(const struct lookup *l);
void lookups_free(struct lookups *l);

/* lookup_names.c: what the child does: arg is struct lookups without answers. */
int lookup_in_child(void *arg, struct policy_stream *out);
/* The child's answer into the lookups, none of it believed. 0, -EBADMSG or -ENOMEM. */
int lookup_take(struct lookups *l, const struct policy_stream *in);

#endif
