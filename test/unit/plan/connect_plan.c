/* From a rule's action and a caller's wish to what connect() does: every combination. TAP. */
#include "btnsd/plan/connect_plan.h"
#include "libapi/wire/refusal.h"
#include "test/unit/check.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define NONE 4 /* no rule matches */

static const char *const actions[] = {"bypass", "prefer", "protect", "discard", "(none)"};
static const char results[] = {
    [PLAN_CLEAR] = 'C',  [PLAN_PREFER] = 'U', [PLAN_PROTECT] = 'P', [PLAN_DENY] = 'D',
    [PLAN_BYPASS] = 'B', [PLAN_REFUSE] = 'R', [PLAN_WITHOUT] = 'W'};

/*
 * In words: discard is final; --require protects everything else; --prefer weakens protect to
 * prefer and strengthens nothing; --bypass overrides everything except discard and --require
 * (latching -02, section 3: optional protection); traffic within this host is in the clear unless
 * discarded.
 */
static const struct {
    int action;
    /*
     * Without and with --bypass; the first value is for a remote address, the second for this
     * host's.
     */
    const char *none, *require, *prefer, *both;
} expected[] = {
    {ACTION_BYPASS, "CCBC", "PCPC", "CCBC", "PCPC"},
    {ACTION_PREFER, "UCBC", "PCPC", "UCBC", "PCPC"},
    {ACTION_PROTECT, "PCBC", "PCPC", "UCBC", "PCPC"},
    {ACTION_DISCARD, "DDDD", "DDDD", "DDDD", "DDDD"},
    {NONE, "CCBC", "PCPC", "CCBC", "PCPC"},
};

/* Kept until the end, because plans point into them. */
static struct rules *made[sizeof actions / sizeof *actions];

static struct rules *rules_of(int action)
{
    char text[400];
    struct err err = {""};
    int n = snprintf(text, sizeof text,
                     "format = 1\nprofile \"slow\" { suites = { \"aes128gcm16\" } timeout = 7 "
                     "identity = any-key }\nprogram \"p\" { match = { \"/usr/bin/p\" }\n"
                     "rule \"r\" { action = %s%s } }\n",
                     action == NONE ? "bypass" : actions[action],
                     action == ACTION_PROTECT ? " profile = \"slow\"" : "");
    if (!made[action])
        made[action] = rules_load_text("policy", text, (size_t)n, &err);
    if (!made[action])
        check(false, "%s", err.text);
    return made[action];
}

static struct connect_question question_for(int action, uint32_t flags, bool self)
{
    struct connect_question q = {
        .rules = {.point = POINT_CONNECT,
                  .program = action == NONE ? "/usr/bin/q" : "/usr/bin/p",
                  .protocol = IPPROTO_TCP},
        .flags = flags,
        .self = self,
        .may_bypass = true,
    };
    btns_addr_parse(&q.rules.remote, "192.0.2.1");
    q.rules.remote.port = 80;
    return q;
}

static struct plan plan_for(int action, uint32_t flags, bool self)
{
    struct plan p;
    struct rules *r = rules_of(action);
    struct connect_question q = question_for(action, flags, self);
    memset(&p, 0xee, sizeof p);
    const struct view view = {.host = r};
    plan_connect(&view, &q, &p);
    bool protects = p.action == PLAN_PROTECT || p.action == PLAN_PREFER;
    check(protects == (p.profile && p.suite), "a profile and a suite when, and only when, needed");
    check((action == NONE) == !p.rule, "the rule is named");
    return p;
}

static void test_all(void)
{
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const char *const want[] = {expected[i].none, expected[i].require, expected[i].prefer,
                                    expected[i].both};
        static const uint32_t flags[] = {0, BTNS_F_REQUIRE, BTNS_F_PREFER,
                                         BTNS_F_REQUIRE | BTNS_F_PREFER};
        for (int f = 0; f < 4; f++)
            for (int n = 0; n < 4; n++) {
                uint32_t all = flags[f] | (n & 2 ? BTNS_F_BYPASS : 0);
                struct plan p = plan_for(expected[i].action, all, n & 1);
                char got = (unsigned)p.action < sizeof results ? results[p.action] : '?';
                check(got == want[f][n], "%s, flags %x%s: %c (L24)", actions[expected[i].action],
                      all, n & 1 ? ", to itself" : "", got);
            }
    }
}

static void test_details(void)
{
    struct plan p = plan_for(ACTION_PROTECT, 0, false);
    check(!strcmp(p.profile->name, "slow") && !strcmp(p.suite->name, "aes128gcm16") &&
              p.profile->timeout_ms == 7000 && p.profile->who.identity == IDENTITY_ANY_KEY,
          "the rule's own profile");
    check(!strcmp(p.rule_text, "rule \"r\" (policy:4)"), "the rule in words: %s", p.rule_text);
    const struct profile *builtin = plan_profile(NULL);
    check(builtin->who.identity == IDENTITY_KNOWN_KEY && suite_or_default(builtin->suite) == suites,
          "without a rule: the first suite, and a changed key is refused");
    char small[10];
    plan_rule_text(p.rule, small, sizeof small);
    check(strlen(small) == sizeof small - 1, "a long name is cut");
}

/* A wish cannot take back what a mandatory rule demands; it may ask for more. */
static void test_bound(void)
{
    const struct {
        enum action action;
        uint32_t flags;
        enum plan_action plan;
    } cases[] = {
        {ACTION_PROTECT, BTNS_F_PREFER, PLAN_PROTECT},
        {ACTION_PREFER, BTNS_F_REQUIRE, PLAN_PROTECT},
        {ACTION_BYPASS, BTNS_F_REQUIRE, PLAN_PROTECT},
        {ACTION_DISCARD, BTNS_F_PREFER, PLAN_DENY},
        {ACTION_PROTECT, BTNS_F_BYPASS, PLAN_PROTECT},
        {ACTION_PREFER, BTNS_F_BYPASS, PLAN_PREFER},
        {ACTION_DISCARD, BTNS_F_BYPASS, PLAN_DENY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct rule rule = {.action = cases[i].action, .rank = RANK_MANDATORY};
        check(plan_wish(&rule, true, cases[i].flags) == cases[i].plan,
              "mandatory %s with flags %x (O35, L24)", actions[cases[i].action], cases[i].flags);
    }
}

/* A wish that names the peer is not satisfied without a peer. */
static void test_strict(void)
{
    static const struct {
        enum identity identity;
        enum plan_action plan;
    } cases[] = {
        {IDENTITY_ANY_KEY, PLAN_PREFER},
        {IDENTITY_KNOWN_KEY, PLAN_PREFER},
        {IDENTITY_NAMED, PLAN_PROTECT},
        {IDENTITY_CERTIFICATE, PLAN_PROTECT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct profile profile = {.who = {.identity = cases[i].identity}};
        const struct rule rule = {.action = ACTION_PROTECT, .profile = &profile};
        check(plan_wish(&rule, false, BTNS_F_PREFER) == cases[i].plan,
              "identity %s is %s by a wish for less (L11, L18)", identity_name(cases[i].identity),
              cases[i].plan == PLAN_PREFER ? "weakened" : "not weakened");
    }
}

/* Destinations that cannot be protected, whatever the peer does. */
enum obstacle {
    PORT_0,
    LINK_LOCAL,
    LINK_LOCAL_BOUND,
    NO_LATCH,
    REVOKED,
    RECENT,
    SHUT,
    NO_PRIVILEGE,
    FOREIGN
};

static void set_obstacle(struct connect_question *q, enum obstacle what)
{
    q->rules.remote.port = what == PORT_0 ? 0 : 80;
    q->rules.remote.scope = what == LINK_LOCAL ? 2 : 0;
    if (what == LINK_LOCAL_BOUND) { /* SO_BINDTODEVICE: no scope is needed */
        btns_addr_parse(&q->rules.remote, "fe80::1");
        q->rules.remote.port = 80;
    }
    q->no_latch = what == NO_LATCH  ? BTNS_R_NO_LATCH
                  : what == REVOKED ? BTNS_R_REVOKED
                                    : BTNS_R_NONE;
    q->recent = what == RECENT ? "nobody answered" : NULL;
    q->shut = what == SHUT ? "nobody answered" : NULL;
    q->may_bypass = what != NO_PRIVILEGE;
    q->foreign = what == FOREIGN;
}

static void test_plan_obstacles(void)
{
    static const struct {
        int action;
        uint32_t flags;
        enum obstacle what;
        enum plan_action plan;
        int error;
        enum btns_reason code;
    } cases[] = {
        {ACTION_PROTECT, 0, PORT_0, PLAN_REFUSE, ECONNREFUSED, BTNS_R_NONE},
        {ACTION_PREFER, 0, PORT_0, PLAN_REFUSE, ECONNREFUSED, BTNS_R_NONE},
        {ACTION_PROTECT, 0, FOREIGN, PLAN_REFUSE, EADDRNOTAVAIL, BTNS_R_NONE},
        {ACTION_PREFER, 0, FOREIGN, PLAN_WITHOUT, 0, BTNS_R_NONE},
        {ACTION_BYPASS, 0, FOREIGN, PLAN_CLEAR, 0, BTNS_R_NONE},
        {ACTION_BYPASS, 0, PORT_0, PLAN_CLEAR, 0, BTNS_R_NONE},
        {ACTION_PROTECT, 0, LINK_LOCAL, PLAN_REFUSE, ERRNO_UNPROTECTED, BTNS_R_NONE},
        {ACTION_PROTECT, 0, LINK_LOCAL_BOUND, PLAN_REFUSE, ERRNO_UNPROTECTED, BTNS_R_NONE},
        {ACTION_PREFER, 0, LINK_LOCAL, PLAN_REFUSE, ERRNO_UNPROTECTED, BTNS_R_NONE},
        {ACTION_PROTECT, 0, NO_LATCH, PLAN_REFUSE, ERRNO_UNPROTECTED, BTNS_R_NO_LATCH},
        {ACTION_PREFER, 0, NO_LATCH, PLAN_WITHOUT, 0, BTNS_R_NO_LATCH},
        {ACTION_PREFER, BTNS_F_REQUIRE, NO_LATCH, PLAN_REFUSE, ERRNO_UNPROTECTED, BTNS_R_NO_LATCH},
        {ACTION_PROTECT, BTNS_F_PREFER, NO_LATCH, PLAN_WITHOUT, 0, BTNS_R_NO_LATCH},
        {ACTION_BYPASS, 0, NO_LATCH, PLAN_CLEAR, 0, BTNS_R_NONE},
        {ACTION_PROTECT, 0, REVOKED, PLAN_REFUSE, ERRNO_UNPROTECTED, BTNS_R_REVOKED},
        {ACTION_PREFER, 0, REVOKED, PLAN_REFUSE, ERRNO_UNPROTECTED, BTNS_R_REVOKED},
        {ACTION_PROTECT, BTNS_F_PREFER, REVOKED, PLAN_REFUSE, ERRNO_UNPROTECTED, BTNS_R_REVOKED},
        {ACTION_BYPASS, 0, REVOKED, PLAN_CLEAR, 0, BTNS_R_NONE},
        {ACTION_PREFER, 0, RECENT, PLAN_WITHOUT, 0, BTNS_R_PEER_GONE},
        {ACTION_PROTECT, 0, RECENT, PLAN_PROTECT, 0, BTNS_R_NONE},
        {ACTION_PROTECT, 0, SHUT, PLAN_REFUSE, ERRNO_UNPROTECTED, BTNS_R_PEER_GONE},
        {ACTION_PREFER, BTNS_F_REQUIRE, SHUT, PLAN_REFUSE, ERRNO_UNPROTECTED, BTNS_R_PEER_GONE},
        {ACTION_BYPASS, 0, SHUT, PLAN_CLEAR, 0, BTNS_R_NONE},
        {ACTION_PROTECT, BTNS_F_BYPASS, NO_PRIVILEGE, PLAN_REFUSE, EPERM, BTNS_R_NONE},
        {ACTION_DISCARD, 0, NO_LATCH, PLAN_DENY, EACCES, BTNS_R_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct plan p;
        struct connect_question q = question_for(cases[i].action, cases[i].flags, false);
        const struct view view = {.host = rules_of(cases[i].action)};
        set_obstacle(&q, cases[i].what);
        plan_connect(&view, &q, &p);
        check(p.action == cases[i].plan && p.error == cases[i].error && p.code == cases[i].code,
              "obstacle %d under %s, flags %x: %d, errno %d (L24)", cases[i].what,
              actions[cases[i].action], cases[i].flags, p.action, p.error);
        check((p.action == PLAN_REFUSE || p.action == PLAN_WITHOUT) == (p.why[0] != 0),
              "the reason is given when protection is impossible, and only then");
    }
}

/* A known peer was protected before, and an attacker can keep it from answering. */
static void test_no_downgrade(void)
{
    static const char text[] = "format = 1\nprogram \"p\" { match = { \"/usr/bin/p\" }\n"
                               "rule \"r\" { action = { prefer, no-downgrade } } }\n";
    struct err err = {""};
    struct rules *rules = rules_load_text("policy", text, sizeof text - 1, &err);
    check(rules != NULL, "prefer, no-downgrade: %s", err.text);
    const struct view stays = {.host = rules}, goes = {.host = rules_of(ACTION_PREFER)};
    for (int i = 0; rules && i < 8; i++) {
        struct plan p;
        const struct view *v = i & 1 ? &stays : &goes;
        struct connect_question q = question_for(ACTION_PREFER, i & 4 ? BTNS_F_PREFER : 0, false);
        bool kept = (i & 3) == 3;
        q.known = i & 2;
        plan_connect(v, &q, &p);
        check(p.action == (kept ? PLAN_PROTECT : PLAN_PREFER) &&
                  kept == (strstr(p.rule_text, "(no-downgrade)") != NULL),
              "%s peer%s: %s", q.known ? "a known" : "an unknown", i & 1 ? ", no-downgrade" : "",
              p.rule_text);
        q.recent = q.shut = "nobody answers IKE there";
        plan_connect(v, &q, &p);
        check(p.action == (kept ? PLAN_REFUSE : PLAN_WITHOUT), "and nobody answers: %s", p.why);
    }
    rules_free(rules);
}

/* A refused program gets an errno for which libuv, which knows the fewest, has a name. */
static void test_errnos(void)
{
    static const int known[] = {EACCES,      ECONNREFUSED, EHOSTUNREACH, ENETDOWN,
                                ENETUNREACH, EPERM,        ETIMEDOUT};
    static const int used[] = {ERRNO_DISCARDED, ERRNO_UNPROTECTED, ERRNO_NOT_ALLOWED,
                               ERRNO_NO_DAEMON};
    for (size_t i = 0; i < sizeof used / sizeof *used; i++) {
        bool found = false;
        for (size_t k = 0; k < sizeof known / sizeof *known; k++)
            found |= used[i] == known[k];
        check(found, "programs know %s", strerrorname_np(used[i]));
    }
    check(ERRNO_DISCARDED != ERRNO_UNPROTECTED, "a rule that discards has an errno of its own");
}

/* Datagrams: nothing protects IKE's own ports, and a multicast group has no key. */
static void test_datagrams(void)
{
    static const struct {
        uint16_t port;
        bool group;
        const char *action;
        uint32_t flags;
        enum plan_action expected;
        int error;
    } cases[] = {
        {53, false, "protect", 0, PLAN_PROTECT, 0},
        {500, false, "protect", 0, PLAN_CLEAR, 0},
        {4500, false, "prefer", 0, PLAN_CLEAR, 0},
        {4500, false, "protect", BTNS_F_REQUIRE, PLAN_REFUSE, ERRNO_UNPROTECTED},
        {500, false, "discard", 0, PLAN_DENY, EACCES},
        {5353, true, "protect", 0, PLAN_REFUSE, EACCES},
        {5353, true, "prefer", 0, PLAN_WITHOUT, 0},
        {5353, true, "bypass", 0, PLAN_CLEAR, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[300];
        struct err err = {""};
        int n = snprintf(text, sizeof text,
                         "format = 1\nprogram \"p\" { match = { \"/usr/bin/p\" }\n"
                         "rule \"r\" { protocol = udp  action = %s } }\n",
                         cases[i].action);
        struct rules *rules = rules_load_text("policy", text, (size_t)n, &err);
        const struct view v = {.host = rules};
        struct connect_question q = question_for(ACTION_PROTECT, cases[i].flags, false);
        struct plan p = {0};
        q.rules.protocol = IPPROTO_UDP;
        q.rules.remote.port = cases[i].port;
        q.group = cases[i].group;
        if (rules)
            plan_connect(&v, &q, &p);
        check(rules && p.action == cases[i].expected && p.error == cases[i].error,
              "%s to %s udp/%u%s: %s", cases[i].action, cases[i].group ? "a group," : "a host,",
              cases[i].port, cases[i].flags ? ", required" : "", err.text[0] ? err.text : p.why);
        q.rules.protocol = IPPROTO_TCP;
        if (rules)
            plan_connect(&v, &q, &p);
        check(p.action == PLAN_CLEAR || cases[i].flags, "a rule about udp says nothing of tcp");
        rules_free(rules);
    }
}

/* A rule about both protocols decides about each. */
static void test_both_protocols(void)
{
    static const char text[] = "format = 1\nprogram \"p\" { match = { \"/usr/bin/p\" }\n"
                               "rule \"r\" { protocol = { udp, tcp }  action = protect } }\n";
    static const int protocols[] = {IPPROTO_TCP, IPPROTO_UDP};
    struct err err = {""};
    struct rules *rules = rules_load_text("policy", text, sizeof text - 1, &err);
    check(rules, "both protocols in one rule: %s", err.text);
    for (size_t i = 0; rules && i < 2; i++) {
        const struct view v = {.host = rules};
        struct connect_question q = question_for(ACTION_PROTECT, 0, false);
        struct plan p = {0};
        q.rules.protocol = protocols[i];
        plan_connect(&v, &q, &p);
        check(p.action == PLAN_PROTECT, "it decides about protocol %d: %s", protocols[i], p.why);
    }
    rules_free(rules);
}

/*
 * The host ran no btnsd some hours ago: only preferred protection goes on in the clear without
 * asking again.
 */
static void test_without(void)
{
    check(plan_first_ms(10000) == 300 && plan_first_ms(60000) == 1800 && plan_first_ms(200) == 200,
          "0.3 s for a first answer, in a long timeout longer");
    for (int i = 0; i < 4; i++) {
        struct plan p;
        const struct view v = {.host = rules_of(i & 1 ? ACTION_PREFER : ACTION_PROTECT)};
        struct connect_question q = question_for(ACTION_PREFER, 0, false);
        q.known = i & 2;
        q.without = "it ran no btnsd";
        plan_connect(&v, &q, &p);
        check(p.action == (i == 1   ? PLAN_WITHOUT
                           : i == 3 ? PLAN_PREFER
                                    : PLAN_PROTECT),
              "%s, %s peer", i & 1 ? "prefer" : "protect", q.known ? "a known" : "an unknown");
    }
}

int main(void)
{
    test_without();
    test_errnos();
    test_datagrams();
    test_both_protocols();
    test_no_downgrade();
    test_plan_obstacles();
    test_bound();
    test_strict();
    test_all();
    test_details();
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        rules_free(made[i]);
    return check_end();
}
