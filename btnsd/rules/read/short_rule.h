/* One short rule, parsed: its verb and its words with their values. */
#ifndef BTNS_RULES_READ_SHORT_RULE_H
#define BTNS_RULES_READ_SHORT_RULE_H

#include "btnsd/rules/read/lexer.h"
#include "btnsd/rules/read/record.h"

#include <stdbool.h>

enum short_verb { SHORT_PROTECT, SHORT_PREFER, SHORT_BYPASS, SHORT_DENY, SHORT_VERBS };

enum short_word {
    SHORT_ALWAYS, /* mandatory */
    SHORT_LOG,
    SHORT_NO_DOWNGRADE,
    SHORT_ALL,
    SHORT_IN,
    SHORT_OUT,
    SHORT_TCP,
    SHORT_UDP,
    SHORT_TO,
    SHORT_FROM,
    SHORT_WITH,
    SHORT_PORT,
    SHORT_USER,
    SHORT_GROUP,
    SHORT_PROGRAM,
    SHORT_PROFILE,
    SHORT_IDENTITY,
    SHORT_BECAUSE,
    SHORT_LABEL,
    SHORT_WORDS
};

struct short_values {
    char **item;
    size_t n, room;
};

struct short_rule {
    enum short_verb verb;
    unsigned line;
    bool given[SHORT_WORDS];
    struct short_values value[SHORT_WORDS];
};

/* peer NAME { key = ... address = ... } */
struct short_peer {
    char *name, *key;
    struct short_values address;
    unsigned line;
};

struct short_peers {
    struct short_peer *peer;
    size_t n, room;
};

/* The verb that the word is, or SHORT_VERBS: it is none. */
enum short_verb short_verb_find(const char *word);
/*
 * Reads the rest of a rule's line. token is the verb at first, and the token after the rule at the
 * end; *end is where the rule's last token ends. 0, or -errno with a fault.
 */
int short_rule_read(struct policy_lexer *x, struct policy_token *token, struct short_rule *r,
                    size_t *end, struct policy_fault *f);
void short_rule_free(struct short_rule *r);
/*
 * Reads a peer in the same way: token is the word "peer" at first, and the peer's last "}" at the
 * end.
 */
int short_peer_read(struct policy_lexer *x, struct policy_token *token, struct short_peers *all,
                    struct policy_fault *f);
const struct short_peer *short_peer_find(const struct short_peers *all, const char *name);
void short_peers_free(struct short_peers *all);

/* The values of to, from or with; NULL: the rule has none. */
const struct short_values *short_hosts(const struct short_rule *r);
/* -1: the rule is for both points; else SHORT_IN or SHORT_OUT. */
int short_direction(const struct short_rule *r);
/* Does the earlier rule decide about everything that the later one could match? */
bool short_covers(const struct short_rule *earlier, const struct short_rule *later);

/* Appends the rule in the long form, without a line end. 0, or -errno with a fault. */
int short_print(const struct short_rule *r, const struct short_peers *peers,
                struct policy_stream *out, struct policy_fault *f);

/* The port that a service's name stands for; 0: the name is not known. */
unsigned port_of_name(const char *name);

#endif
