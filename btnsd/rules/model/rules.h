/* Rules: policy files compiled into one immutable generation, and the questions that it answers. */
#ifndef BTNS_RULES_MODEL_RULES_H
#define BTNS_RULES_MODEL_RULES_H

#include "btnsd/rules/model/demand.h"
#include "btnsd/rules/model/suites.h"
#include "libapi/wire/addr.h"
#include "libapi/wire/err.h"
#include "libapi/wire/key.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum action { ACTION_BYPASS, ACTION_PREFER, ACTION_PROTECT, ACTION_DISCARD };
enum point { POINT_CONNECT, POINT_ACCEPT };
/* The rank of a rule's author, strongest first; view.h describes the ranks. */
enum rank { RANK_MANDATORY, RANK_USER, RANK_PACKAGE, RANK_DEFAULT };
/* The conditions whose values may be names. */
#define UNRESOLVED_REMOTE 0x1u
#define UNRESOLVED_LOCAL  0x2u
#define UNRESOLVED_USER   0x4u
#define UNRESOLVED_GROUP  0x8u
enum seen { SEEN_ANY, SEEN_NEW, SEEN_KNOWN }; /* is the other end's address in known_peers? */

/* Key managers: each makes SAs, and says which peer an SA is with. */
enum keys { KEYS_PRIVATE, KEYS_SYSTEM, KEYS_MANUAL };

/* A profile's settings for its key manager. Plain data, because guards keep copies of it. */
struct key_source {
    enum keys keys;
    char connection[64], child[64]; /* system: names in swanctl.conf */
    uint32_t reqid;                 /* manual: of the SAs made by hand */
    char peer[128];        /* manual: the peer's name; system: the only peer to accept, or "" */
    bool accept_no_replay; /* manual */
    unsigned lifetime;     /* private: of a child SA, in seconds; 0: charon's own */
};

bool key_source_same(const struct key_source *a, const struct key_source *b);

/* A profile: the protection that rules ask for by its name. */
struct profile {
    char name[64];
    char suite[64];      /* an ESP proposal in strongSwan's spelling, one of suites[] */
    struct demand who;   /* the identity that the peer must have */
    unsigned timeout_ms; /* how long a connect() waits for protection */
    bool beet;           /* mode = beet: its rules are for inner addresses only */
    const char *vendor, *description; /* for people; NULL: not given */
    struct key_source source;
};

/* How TCP segments are signed: TCP-MD5 (RFC 2385), TCP-AO (RFC 5925). */
enum sign_auth { SIGN_MD5, SIGN_AO };
#define SIGN_KEY_MAX 80 /* octets: TCP_MD5SIG_MAXKEYLEN, TCP_AO_MAXKEYLEN */

/* One of the keys of TCP-AO: a master key tuple without the peer (RFC 5925, section 3.1). */
enum ao_algorithm { AO_HMAC_SHA_1_96, AO_AES_128_CMAC_96 }; /* RFC 5926, section 3 */
struct ao_key {
    uint8_t send_id, receive_id;
    bool current; /* signs our first segments */
    bool next;    /* the peer is asked to sign with it */
    enum ao_algorithm algorithm;
    const uint8_t *secret; /* in a forked child, such as the policy reader, it reads as zeros */
    size_t len;
};
#define AO_KEYS_MAX 4

/* The key of TCP-MD5, or the keys of TCP-AO. */
struct sign_key {
    const char *file;
    enum sign_auth auth;
    const uint8_t *secret; /* with TCP-MD5; reads as zeros in a child, too */
    size_t len;
    struct ao_key ao[AO_KEYS_MAX];
    unsigned aos; /* number of TCP-AO keys, at least one of them current; 0: TCP-MD5 */
};

struct rule {
    char name[64];
    char program[64]; /* the title of its program section */
    char file[256];
    unsigned line;  /* where the rule begins */
    size_t ordinal; /* its number among all rules, in the order of the texts */
    enum rank rank;
    const char
        *author; /* "administrator", "vendor", "user", or a package with version and signer */
    const char *reason; /* why it is mandatory; else NULL */
    bool at_connect, at_accept;
    unsigned protocols; /* rule_protocol_bit() of each protocol */
    enum action action;
    bool log;                      /* each decision by this rule is logged */
    const struct sign_key *sign;   /* key by which segments are signed; NULL: they are not signed */
    bool random_port;              /* connect: the local port is random */
    bool no_downgrade;             /* prefer: a known peer is never reached in the clear */
    const struct profile *profile; /* for protect and prefer, else NULL */
    /* conditions; an empty list matches everything */
    struct prefix {
        struct btns_addr net;
        unsigned bits;
    } * remote, *local;
    size_t remotes, locals;
    struct ports {
        uint16_t from, to;
    } * port;
    size_t ports;
    uint32_t *user, *group; /* the process must have one of these */
    size_t users, groups;
    char **cgroup; /* paths or globs: for the process's control group or one above it */
    size_t cgroups;
    char **interface; /* connect: interface of the route */
    size_t interfaces;
    enum seen peer; /* connect */
    /*
     * Why a name in its conditions cannot be resolved; NULL: there is no such name. With one, the
     * rule has failed closed: if it protects or discards, it now discards whatever that condition
     * is (its list is empty); if it lets traffic pass, it has no point any more.
     */
    const char *unresolved;
    unsigned unresolved_in; /* UNRESOLVED_*: the conditions that have such names */
    char **match; /* the program section's executables: absolute paths, or globs by FNM_PATHNAME */
    size_t matches;
};

/* An author of packages, from authors.d: its key, and what its packages may be about. */
struct policy_author {
    char name[64];
    struct btns_key key;
    bool has_key;
    char **program; /* patterns, as in a program section's match */
    size_t programs;
    struct prefix *remote; /* none: any */
    size_t remotes;
};

/* A package's policy. */
struct policy_package {
    char name[64], version[64];
    unsigned sequence; /* never goes back */
    const struct policy_author *signer;
    const char *author; /* for people */
    const char *path;
    unsigned file, line;
    uint8_t hash[32]; /* SHA-256 of its text */
};

/* A file that the generation was compiled from. */
struct policy_origin {
    const char *file;
    const char *author;
    uint8_t hash[32];
};

/*
 * One generation. It does not change once it is compiled. Rules stand in the order in which they
 * are tried: by rank, and within a rank as in the files.
 */
struct rules {
    uint64_t generation;
    struct profile *profile;
    size_t profiles;
    struct rule *rule;
    size_t n;
    size_t mandatory; /* number of mandatory rules, which come first */
    struct policy_package *package;
    size_t packages;
    struct policy_author *author;
    size_t authors;
    struct policy_origin *origin;
    size_t origins;
    uint8_t hash[32];          /* SHA-256 over the origins' names and hashes */
    struct rules *signers;     /* the generation with the packages' authors; freed with this one */
    unsigned needs;            /* NEEDS_* */
    struct rules_index *index; /* for rules_decide(), which caches in it */
    struct prefix *no_latch;   /* no latch is made to these addresses */
    size_t no_latches;
    struct sign_keys *sign_keys;
    bool partial;          /* only those mandatory rules that could be compiled */
    struct lookups *names; /* how the names in its rules were resolved; NULL: there are none */
};

/* A question for the rules: a process is about to connect or to accept. */
struct question {
    enum point point;
    const char *program; /* absolute path of the executable */
    int protocol;        /* the one in IP headers */
    /* accept: address (any: 0.0.0.0 or ::) and service port; connect: address, or family 0 */
    struct btns_addr local;
    struct btns_addr remote; /* connect: address and service port; accept: the peer, or family 0 */
    uid_t uid;
    const gid_t *gid; /* all groups of the process */
    size_t gids;
    const char *cgroup;    /* NULL: not known; then no condition on it holds */
    const char *interface; /* the same */
    enum seen peer;        /* SEEN_ANY: not known; the same */
};

/* Facts that take time to find out; struct rules.needs says which of them some rule needs. */
#define NEEDS_GROUPS    0x1u
#define NEEDS_CGROUP    0x2u
#define NEEDS_INTERFACE 0x4u
#define NEEDS_PEER      0x8u

/*
 * The first rule, in order, that matches q; NULL when none does (the flow is not touched). The
 * answer depends on r and q alone. It comes faster when the program was asked about before
 * (index.h). `from` is the rule to start after (NULL: the beginning), so that a listener can walk
 * every rule that may apply to it: with remote.family 0 a rule matches whatever remote prefixes it
 * has.
 */
const struct rule *rules_decide(const struct rules *r, const struct question *q,
                                const struct rule *from);

/*
 * Will the next such question of the same program get this answer too, even if its user, groups,
 * control group, route and peer change? `rule` is q's answer.
 */
bool rules_settled(const struct rules *r, const struct question *q, const struct rule *rule);
/*
 * Is there no rule that could match such a question and has a condition on any of these? Also false
 * when many rules could match.
 */
bool rules_steady(const struct rules *r, const struct question *q);

/* The conditions of a rule that may not hold. */
#define MISS_PROGRAM   0x001u /* none of its patterns matches the program */
#define MISS_POINT     0x002u /* the rule is for the other point */
#define MISS_PROTOCOL  0x004u
#define MISS_REMOTE    0x008u /* the remote address is inside none of its prefixes */
#define MISS_PORT      0x010u /* the service's port is not listed */
#define MISS_LOCAL     0x020u /* the local address is inside none of its prefixes */
#define MISS_USER      0x040u /* the process runs as none of its users */
#define MISS_GROUP     0x080u /* the process is in none of its groups */
#define MISS_CGROUP    0x100u /* the process is in none of its control groups */
#define MISS_INTERFACE 0x200u /* the route leaves through none of its interfaces */
#define MISS_PEER      0x400u /* the rule is only for known peers, or only for new ones */

/* A rule that could decide a question, and why it does or does not. */
struct candidate {
    const struct rule *rule;
    unsigned misses;            /* MISS_* */
    bool blocked;               /* the user whose process asks has blocked it */
    const struct rule *earlier; /* all conditions hold, but this rule decided before; else NULL */
};
static inline bool candidate_wins(const struct candidate *c)
{
    return !c->misses && !c->blocked && !c->earlier;
}

/*
 * Lists the rules for q's program, and those that would match except for the program, in their
 * order. The one that wins is rules_decide()'s answer; for a listener (accept, remote.family 0),
 * those that win make up its floor. Fills at most `max` places of out, and returns how many there
 * are.
 */
size_t rules_candidates(const struct rules *r, const struct question *q, struct candidate *out,
                        size_t max);
/* "wins", "program is not /usr/bin/curl; port 80 is not listed", ...; returns buf. */
#define CANDIDATE_WHY 512
const char *candidate_why(const struct candidate *c, const struct question *q,
                          char buf[CANDIDATE_WHY]);

/*
 * Reads every *.conf of dir (in the order of strcmp), in a forked, confined, unprivileged child,
 * and compiles one generation. All or nothing: on any fault returns NULL with "file:line: reason"
 * in err. Files and the directory (and its parents) must be root-owned, not group- or
 * world-writable.
 */
struct rules *rules_load(const char *dir, struct err *err);
/*
 * Like rules_load(), but also reads the packages' *.conf, each signed (NAME.conf.sig) by an author
 * whom the authors' *.conf describe, and the vendor's *.conf, of which those of `policy` replace
 * files of the same name. Only `policy` must exist: any other directory that is missing or NULL
 * counts as empty.
 */
struct rules_sources {
    const char *policy, *packages, *authors, *vendor;
};
struct rules *rules_load_all(const struct rules_sources *from, struct err *err);
/* Like rules_load() for a text submitted by a user; `name` stands for the file in messages. */
struct rules *rules_load_text(const char *name, const char *text, size_t len, struct err *err);
void rules_free(struct rules *r);

/* "transport" or "beet", as mode = names it. */
static inline const char *profile_mode(const struct profile *p)
{
    return p->beet ? "beet" : "transport";
}

/* Has any rule a profile with mode = beet? Then this host needs its inner address. */
bool rules_want_beet(const struct rules *r);

/* The transport protocols that rules can name, with 0 at the end. */
extern const uint8_t rule_protocols[];
/* The protocol's bit in struct rule.protocols; 0 for a protocol that no rule can name. */
unsigned rule_protocol_bit(int protocol);

const char *action_name(enum action a);
/* The rule's action with those chained to it, such as "protect, sign"; returns buf. */
#define RULE_ACTIONS 48
const char *rule_actions(const struct rule *r, char buf[RULE_ACTIONS]);
const char *identity_name(enum identity i);
const char *point_name(enum point p);
const char *rank_name(enum rank r);
const char *keys_name(enum keys k);
const char *seen_name(enum seen s);

#endif
