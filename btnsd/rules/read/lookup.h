/* Names that stand for numbers (users, groups) or addresses (hosts), looked up at compile time. */
#ifndef BTNS_RULES_READ_LOOKUP_H
#define BTNS_RULES_READ_LOOKUP_H

#include "btnsd/rules/model/rules.h"
#include "btnsd/rules/read/read.h"
#include "btnsd/rules/read/record.h"

#define LOOKUP_NAMES_MAX     4096 /* in one generation */
#define LOOKUP_ADDRESSES_MAX 64   /* of one host */
#define LOOKUP_NAME_MAX      253

struct lookup {
    enum lookup_kind kind;
    const char *name;
    uint32_t number;                 /* of a user or group */
    const struct btns_addr *address; /* of a host; port and scope 0 */
    unsigned found;                  /* count of numbers or addresses; 0: there is no such name, */
    int error;                       /* or looking it up failed: getaddrinfo(3)'s code or errno */
    bool remembered;                 /* `found` is from an earlier lookup: this one failed */
};

/* All names of a generation, sorted. */
struct lookups {
    struct lookup *item;
    size_t n;
    struct btns_addr *address; /* all of them */
    char *text;                /* the names, if this owns them, else NULL */
};

/* Where answers come from: the system, or an earlier lookup. */
struct lookup_how {
    bool ask;
    const struct lookups *remembered; /* NULL: no earlier answers */
    bool as_is; /* keeps each remembered answer's state too, as nobody was asked again */
};

/* Must a value be looked up? Numbers, prefixes and a policy's groups ("@...") need not be. */
bool lookup_is_name(enum lookup_kind kind, const char *text);
/*
 * Looks up the names in the records of the administrator's texts, in confined children: one for
 * users and groups, one for hosts; each may take 3 seconds. Users' texts may have no names, because
 * btnsd waits for the children. 0, or -errno with a reason. A name that was not found is dealt with
 * where it is used.
 */
int lookup_all(const struct policy_text *text, const struct policy_record *record, size_t n,
               const struct lookup_how *how, struct lookups *l, struct err *err);
/*
 * May a later lookup succeed? Yes for every host, and for a user or group whose lookup failed. No
 * for a user or group that does not exist: that is a mistake in the policy.
 */
bool lookup_may_come(const struct lookup *l);
/* Is the name unresolved, although a later lookup may resolve it? */
bool lookup_is_open(const struct lookup *l);
const struct lookup *lookup_find(const struct lookups *l, enum lookup_kind kind, const char *name);
/* Why the name has no answer: "there is no user of that name", "the name has no address", ... */
const char *lookup_why(const struct lookup *l);
void lookups_free(struct lookups *l);

/* The child's work: arg is the struct lookups, without answers. */
int lookup_in_child(void *arg, struct policy_stream *out);
/* Checks the child's answer and stores it in the lookups. 0, -EBADMSG or -ENOMEM. */
int lookup_take(struct lookups *l, const struct policy_stream *in);

#endif
