/* From records to a generation of rules. */
#ifndef BTNS_RULES_COMPILE_H
#define BTNS_RULES_COMPILE_H

#include "btnsd/rules/compile/expand.h"
#include "btnsd/rules/compile/limits.h"
#include "btnsd/rules/model/arena.h"
#include "btnsd/rules/model/rules.h"
#include "btnsd/rules/read/lookup.h"
#include "btnsd/rules/read/read.h"
#include "btnsd/rules/read/record.h"

/* A `permit`, compiled. */
struct policy_permit {
    const struct policy_record *where;
    const struct permit *list;
    size_t n;
    bool any_of_ca;
};

/* A profile as defined, which `prefer` rules may use with another time limit. */
struct policy_profile {
    struct profile *plain;
    const struct profile *prefer; /* NULL: not needed so far */
    const struct policy_record *where;
    bool timed;                         /* has a timeout of its own */
    bool identified;                    /* says which identity */
    const struct policy_permit *permit; /* NULL: has none */
};

/* A rule's parts which only become a rule when all is known. */
struct policy_unresolved {
    const struct policy_record *where, *action, *profile, *require;
    unsigned required;                  /* bits of services.c */
    const struct policy_permit *permit; /* its own, or NULL: the profile's */
    const struct policy_record *other;  /* the first of its own identity, ca and id; NULL: none */
    bool identified;                    /* says which identity: nothing of the profile's holds */
    struct demand who;                  /* these; what is not said is zero */
    const struct policy_record *sign, *sign_key, *random_port; /* NULL: not said */
    const struct policy_record *timeout;                       /* NULL: the profile's */
    unsigned timeout_ms;
};

/* What is being built. Pointers to the open section's parts are NULL outside one. */
struct policy_builder {
    struct policy_arena *arena;
    struct rules *rules;
    const struct policy_text *text;
    const struct lookups *names; /* that the administrator's texts name */
    struct policy_fault *fault;

    struct policy_profile *profile; /* as many as rules->profiles and perhaps the built-in one */
    size_t profiles;
    unsigned scope;                       /* policy_scope() of the rule that is being resolved */
    struct policy_unresolved *unresolved; /* one a rule */

    struct policy_group *group; /* sorted by name */
    size_t groups;
    size_t expanded; /* values that came from them */
    const struct policy_limits *limits;
    const struct policy_record *open_group;

    const struct policy_record *program;
    char **match;
    size_t matches;
    size_t program_rules;

    struct policy_profile *open_profile;
    struct rule *open_rule;
    const struct policy_record *open_package, *open_author;
    const struct policy_record *reason; /* of the open rule; NULL: none was given */
};

/*
 * A new generation, or NULL with "file:line: reason". The records are not believed, and not needed
 * afterwards, nor are the names.
 */
struct rules *policy_compile(const struct policy_text *text, unsigned files,
                             const struct policy_record *record, size_t n,
                             const struct lookups *names, struct err *err);
/* An empty generation, numbered; its arena comes with it. NULL when there is no memory. */
struct rules *policy_rules_new(struct policy_arena **arena);

/* Reads (in the confined child) and compiles texts that are here already. load.c */
struct rules *policy_load_texts(const char *name, const struct policy_text *text, unsigned n,
                                struct err *err);
/* fields_keys.c: do a profile's fields fit its key manager? 0, or -EINVAL with a fault. */
int policy_check_keys(struct policy_builder *b, const struct policy_profile *p);
/* parameters.c: gives the rule what it says itself of how its action is done. */
int policy_own_parameters(struct policy_builder *b, struct rule *rule,
                          const struct policy_unresolved *u);
/* actions.c: does what is chained with the action fit the rest of the rule? */
int policy_check_chained(struct policy_builder *b, const struct rule *rule,
                         const struct policy_unresolved *u);
/* rank.c: whose texts such are, in words. */
const char *policy_whose(enum policy_source source);
/* May the rule have its profile's key manager? */
int policy_check_rule_keys(struct policy_builder *b, const struct rule *rule, unsigned line);
/* points.c */
int policy_open_point(struct policy_builder *b, const struct policy_record *r);
/* services.c: profiles by name, for b->scope, or by what a rule requires; NULL: there is none. */
#define POLICY_DEFAULT "default" /* used when no profile is named, and made when not defined */
int policy_check_profile_name(const char *text, unsigned line, struct policy_fault *f);
struct policy_profile *policy_find_profile(const struct policy_builder *b, const char *name);
struct policy_profile *policy_find_required(struct policy_builder *b,
                                            const struct policy_unresolved *u);
/* Has the profile what the rule requires? */
int policy_check_required(struct policy_builder *b, const struct policy_unresolved *u,
                          const struct profile *p);
/* The same when the child's answer is here already. */
struct rules *policy_load_stream(const char *name, const struct policy_text *text, unsigned n,
                                 const struct policy_stream *stream, struct err *err);
/* The second half: gives every rule its profile. 0, or -EINVAL with a fault. */
int policy_resolve(struct policy_builder *b);
/* rank.c: whose a rule is when it begins, what that demands when it ends, and the order of all. */
void policy_open_rank(struct policy_builder *b, struct rule *rule, const struct policy_record *r);
int policy_close_rank(struct policy_builder *b, const struct policy_record *where);
int policy_sort_by_rank(struct policy_builder *b);
/* A field, or section, that this text's author may not use. */
int policy_not_yours(struct policy_builder *b, const struct policy_record *r);
/* author.c */
int policy_open_author(struct policy_builder *b, const struct policy_record *r);
int policy_close_author(struct policy_builder *b);
/* package.c */
int policy_open_package(struct policy_builder *b, const struct policy_record *r);
int policy_close_package(struct policy_builder *b);
int policy_check_packages(struct policy_builder *b, unsigned files);
int policy_check_is_package(struct policy_builder *b, const struct policy_record *r);
int policy_check_program_scope(struct policy_builder *b, const struct policy_record *program);
int policy_check_rule_scope(struct policy_builder *b, const struct policy_record *where);
/* A package's profiles are its own: whose namespace a text's names are in. */
unsigned policy_scope(const struct policy_builder *b, unsigned file);
/* origin.c */
int policy_note_origins(struct policy_builder *b, unsigned files);
/* identity.c: compiles the values of a `permit`. 0, or -EINVAL with a fault. */
int policy_take_permit(struct policy_builder *b, const struct policy_record *v, size_t n,
                       const struct policy_permit **permit);
/*
 * identity.c: gives rule->profile, which is the one that it names, what the rule itself says of the
 * other end, and checks that the whole fits together. 0, or -EINVAL with a fault.
 */
int policy_demand(struct policy_builder *b, const struct policy_unresolved *u,
                  const struct policy_profile *named, struct rule *rule);
/* Where the rule says anything of the other end; NULL: nowhere. */
const struct policy_record *policy_says_who(const struct policy_unresolved *u);
/* Puts "file:line: reason" into err; returns -EINVAL. */
int policy_fault_text(const struct policy_text *text, unsigned files, const struct policy_fault *f,
                      struct err *err);

#endif
