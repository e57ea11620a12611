/*
 * Compiles records into a generation of rules: the builder, and the steps that other files carry
 * out.
 */
#ifndef BTNS_RULES_COMPILE_COMPILE_H
#define BTNS_RULES_COMPILE_COMPILE_H

#include "btnsd/rules/compile/expand.h"
#include "btnsd/rules/compile/limits.h"
#include "btnsd/rules/model/arena.h"
#include "btnsd/rules/model/rules.h"
#include "btnsd/rules/read/lookup.h"
#include "btnsd/rules/read/read.h"
#include "btnsd/rules/read/record.h"

/* A compiled `permit`. */
struct policy_permit {
    const struct policy_record *where;
    const struct permit *list;
    size_t n;
    bool any_of_ca;
};

/* A profile as defined; `prefer` rules may use it with another time limit. */
struct policy_profile {
    struct profile *plain;
    const struct profile *prefer; /* its copy for `prefer` rules; NULL: not needed so far */
    const struct policy_record *where;
    bool timed;                         /* has a timeout of its own */
    bool identified;                    /* it has an identity of its own */
    const struct policy_permit *permit; /* NULL: none */
};

/* The parts of a rule that are resolved when all records have been read. */
struct policy_unresolved {
    const struct policy_record *where, *action, *profile, *require;
    unsigned required;                  /* required properties, as bits of services.c */
    const struct policy_permit *permit; /* the rule's own permit; NULL: the profile's */
    const struct policy_record
        *other;        /* the first record of the rule's own identity, ca or id; NULL: none */
    bool identified;   /* the rule has its own identity, so the profile's demand does not count */
    struct demand who; /* the rule's own identity, ca and id; zero where it has none */
    const struct policy_record *sign, *sign_key, *random_port, *auth,
        *no_downgrade;                   /* NULL: not given */
    enum sign_auth how;                  /* md5, if auth is not given */
    const struct policy_record *timeout; /* NULL: the profile's */
    unsigned timeout_ms;
};

/* The generation being built. Pointers to parts of the open section are NULL when none is open. */
struct policy_builder {
    struct policy_arena *arena;
    struct rules *rules;
    const struct policy_text *text;
    const struct lookups *names; /* names in the administrator's texts */
    bool mandatory_alone;        /* only mandatory rules must be in order */
    struct policy_fault *fault;

    struct policy_profile *profile; /* room for rules->profiles and perhaps the built-in one */
    size_t profiles;
    unsigned scope;                       /* package_scope() of the rule that is being resolved */
    struct policy_unresolved *unresolved; /* one for each rule */

    struct policy_group *group; /* sorted by name */
    size_t groups;
    size_t expanded; /* number of values that came from groups */
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
 * Compiles a new generation; NULL with "file:line: reason" in err. The records are checked, not
 * trusted. Records and names are not needed afterwards.
 */
struct rules *policy_compile(const struct policy_text *text, unsigned files,
                             const struct policy_record *record, size_t n,
                             const struct lookups *names, struct err *err);
/* Compiles the mandatory rules that can be compiled, when the generation as a whole cannot be. */
struct rules *policy_compile_mandatory(const struct policy_text *text, unsigned files,
                                       const struct policy_record *record, size_t n,
                                       const struct lookups *names, struct err *err);
/* A new, empty generation with its number and its arena; NULL when there is no memory. */
struct rules *policy_rules_new(struct policy_arena **arena);

/* Reads (in the confined child) and compiles texts that are in memory. */
struct rules *policy_load_texts(const char *name, const struct policy_text *text, unsigned n,
                                struct err *err);
/* Like policy_load_texts(), with names looked up as `how` says. */
struct rules *policy_load_texts_by(const char *name, const struct policy_text *text, unsigned n,
                                   const struct lookup_how *how, struct err *err);
/*
 * Compiles only the mandatory rules. Faults of other rules do not matter if the file can be parsed;
 * a mandatory rule without its profile discards.
 */
struct rules *policy_load_mandatory(const struct policy_text *text, unsigned n,
                                    const struct lookup_how *how, struct err *err);
/*
 * Records in the open rule that this name cannot be resolved now, with its condition
 * (UNRESOLVED_*). Returns 0 or -ENOMEM.
 */
int unresolved_note(struct policy_builder *b, const struct lookup *l, unsigned condition);
/* Makes a rule whose profile is wrong or missing fail closed, too. Returns 0. */
int unresolved_profile_closes(struct rule *rule);
/* Makes rules with unresolved names fail closed; called after every other check. */
void unresolved_fail_closed(struct rules *r);
/* Do a profile's fields fit its key manager? 0, or -EINVAL with a fault. */
int keys_check(struct policy_builder *b, const struct policy_profile *p);
/* Gives the rule its own time limit and lifetime, in a copy of its profile. */
int parameters_of_rule(struct policy_builder *b, struct rule *rule,
                       const struct policy_unresolved *u);
/* Do the chained actions fit the rest of the rule? Also reads the keys of `sign`. */
int action_check_chained(struct policy_builder *b, struct rule *rule,
                         const struct policy_unresolved *u);
/* The authors of texts from this source, for messages: "users' policies", ... */
const char *rank_whose(enum policy_source source);
/*
 * mode = beet: a rule without remote is for all inner addresses, and no rule is for any other
 * address. line: that of the rule's profile.
 */
int policy_only_inner(struct policy_builder *b, struct rule *rule, unsigned line);
/* May the rule have its profile's key manager? */
int keys_check_rule(struct policy_builder *b, const struct rule *rule, unsigned line);
int point_open(struct policy_builder *b, const struct policy_record *r);
/*
 * Finds a profile by name (in b->scope), or by the properties that a rule requires; NULL: there is
 * none.
 */
#define POLICY_DEFAULT "default" /* for rules that name no profile; it need not be defined */
int services_check_profile_name(const char *text, unsigned line, struct policy_fault *f);
struct policy_profile *services_find_profile(const struct policy_builder *b, const char *name);
struct policy_profile *services_find_required(struct policy_builder *b,
                                              const struct policy_unresolved *u);
/* Does the profile have the properties that the rule requires? */
int services_check_required(struct policy_builder *b, const struct policy_unresolved *u,
                            const struct profile *p);
/* Like policy_load_texts(), with the child's answer given. */
struct rules *policy_load_stream(const char *name, const struct policy_text *text, unsigned n,
                                 const struct policy_stream *stream, struct err *err);
/*
 * Gives every rule its profile, after all records have been read. Returns 0, or -EINVAL with a
 * fault.
 */
int policy_resolve(struct policy_builder *b);
/* Ranks: set when a rule begins, checked when it ends; and the order of all rules by rank. */
void rank_open(struct policy_builder *b, struct rule *rule, const struct policy_record *r);
int rank_close(struct policy_builder *b, const struct policy_record *where);
int rank_sort(struct policy_builder *b);
/* The fault for a field or section that the author of this text may not use. */
int rank_not_yours(struct policy_builder *b, const struct policy_record *r);
int author_open(struct policy_builder *b, const struct policy_record *r);
int author_close(struct policy_builder *b);
int package_open(struct policy_builder *b, const struct policy_record *r);
int package_close(struct policy_builder *b);
int packages_check(struct policy_builder *b, unsigned files);
int package_check_is_one(struct policy_builder *b, const struct policy_record *r);
int package_check_program_scope(struct policy_builder *b, const struct policy_record *program);
int package_check_rule_scope(struct policy_builder *b, const struct policy_record *where);
/* The namespace of a text's profiles and groups: each package has its own. */
unsigned package_scope(const struct policy_builder *b, unsigned file);
int policy_note_origins(struct policy_builder *b, unsigned files);
/* Compiles the values of a `permit`. 0, or -EINVAL with a fault. */
int identity_take_permit(struct policy_builder *b, const struct policy_record *v, size_t n,
                         const struct policy_permit **permit);
/*
 * rule->profile is the profile that the rule names: replaces it by a copy with the rule's own
 * demands on the peer, if there are any, and checks the result. 0, or -EINVAL with a fault.
 */
int identity_demand(struct policy_builder *b, const struct policy_unresolved *u,
                    const struct policy_profile *named, struct rule *rule);
/* The first record of the rule itself that is about the peer; NULL: none. */
const struct policy_record *identity_said_by(const struct policy_unresolved *u);
/* Puts "file:line: reason" into err; returns -EINVAL. */
int compile_fault_text(const struct policy_text *text, unsigned files, const struct policy_fault *f,
                       struct err *err);

#endif
