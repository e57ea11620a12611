/* btnsctl check: finds mistakes and surprises in policies, beyond the errors of the compiler. */
#ifndef BTNS_CTL_LINT_LINT_H
#define BTNS_CTL_LINT_LINT_H

#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/read/scan.h"

#include <time.h>

enum lint_severity { LINT_ERROR, LINT_WARNING, LINT_NOTE };

struct lint;
struct peers;
struct revoked;
/* A check. The letter in its code is an item of section 8 of the useipsec document. */
struct lint_check {
    /* "Ua" to "Ui"; "Uo": the document's other advice; "refused": btnsd refuses such a file */
    const char *code;
    const char *name;
    enum lint_severity severity;
    /* Checks one rule; NULL: the check is carried out by another function of this directory. */
    void (*rule)(struct lint *l, const struct lint_check *check, size_t rule);
    const char *sentence;
};
extern const struct lint_check lint_checks[]; /* ended by a NULL code */

struct lint_finding {
    const struct lint_check *check;
    unsigned file; /* index of the file; lint.files: none */
    unsigned line; /* 0: the file as a whole */
    unsigned column, width;
    char why[320], instead[320];
};

struct lint {
    const struct lint_check *checks; /* lint_checks; so that no check includes the table */
    struct policy_text *text;        /* find_lint_sources() sets their sources */
    unsigned files;
    struct policy_tree *tree;  /* one for each file */
    const struct rules *rules; /* NULL: the files were refused */
    struct {
        unsigned file;
        size_t node;
    } * place; /* where each rule is in the files */
    struct lint_finding *finding;
    size_t findings, room;
    size_t accepted; /* number of findings that comments in the policy accept; they are not kept */
    bool out_of_memory;
    struct peers *fleet;     /* the peers in the administrator's files; NULL: not read */
    struct revoked *revoked; /* the revoked keys; NULL: not read */
    time_t probed;           /* 0: the host was not checked */
};

/* Reads and compiles the files, and runs all checks that need only the files. */
void lint_files(struct lint *l);
/* Part of lint_files(): checks certificates. */
void lint_certificates(struct lint *l);
/* Part of lint_files(): checks keys of `sign`. */
void lint_sign_keys(struct lint *l);
/* Check this host: executables; kernel and IKE daemon. socket: btnsd's. */
void lint_programs(struct lint *l);
void lint_host(struct lint *l, const char *socket);
/* Check the names in a policy: hosts by /etc/hosts, peers by the btnsd at the socket. */
void lint_unknown_names(struct lint *l);
void lint_unknown_peers(struct lint *l, const char *socket);
/* Reads this host's files about peers, and reports lines that btnsd would refuse. */
void lint_fleet_files(struct lint *l);
/* Reports revoked keys in the policy. */
void lint_revoked_names(struct lint *l);
/* Drops findings, but not errors, that a comment in the policy accepts. */
void lint_accept(struct lint *l);
/* Sorts the findings by place. */
void lint_sort(struct lint *l);
void lint_free(struct lint *l); /* does not free the texts */

/* A node of a rule's file; NULL: the rule itself. */
const struct policy_node *finding_rule_node(const struct lint *l, size_t rule);
/* The k-th value of the rule's field, or the rule if there is none. */
const struct policy_node *finding_value_node(const struct lint *l, size_t rule, const char *field,
                                             size_t k);
/* The rule's profile; if it names none, its action. */
const struct policy_node *finding_profile_node(const struct lint *l, size_t rule);
/* The k-th match of the rule's program section. */
const struct policy_node *finding_match_node(const struct lint *l, size_t rule, size_t k);

/* Records a finding at a node of a rule's file. instead: advice, or "". */
__attribute__((format(printf, 6, 7))) void finding_say(struct lint *l,
                                                       const struct lint_check *check, size_t rule,
                                                       const struct policy_node *node,
                                                       const char *instead, const char *why, ...);
struct lint_finding *finding_add(struct lint *l, const struct lint_check *check, unsigned file,
                                 unsigned line);
/* The check with that name; its code is NULL if there is none. */
const struct lint_check *finding_check_named(const struct lint *l, const char *name);

/* Is the rule about DNS, on UDP port 53? */
bool lint_datagrams_has_dns(const struct rule *r);
/* Is the rule mandatory, and enforced by an SPD entry for every program? */
bool lint_selector_binds_all(const struct rule *r);

/* The checks of one rule, by file. */
typedef void lint_rule(struct lint *l, const struct lint_check *check, size_t rule);
/* selectors.c */
lint_rule lint_selector_unresolved, lint_selector_everything_clear, lint_selector_anybody_clear,
    lint_selector_one_family, lint_selector_nobody, lint_selector_multicast, lint_selector_loopback,
    lint_selector_link_local, lint_selector_dynamic_ports, lint_selector_host_alone,
    lint_selector_bgp, lint_selector_outside;
/* datagrams.c */
lint_rule lint_datagrams_dns, lint_datagrams_l2tp, lint_datagrams_gso, lint_datagrams_ike;
/* identities.c */
lint_rule lint_identity_any_key_out, lint_identity_any_key_in, lint_identity_login_any_key,
    lint_identity_impatient, lint_identity_two_suites, lint_identity_two;
/* managers.c */
lint_rule lint_manager_manual, lint_manager_unnamed_peer, lint_manager_ike_version;
/* shadow.c */
lint_rule lint_shadowed, lint_repeated;

#endif
