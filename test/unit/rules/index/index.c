/*
 * index [SEED [GENERATIONS]]: compares the index with a scan of every rule, on random generations
 * and questions.
 */
#include "btnsd/rules/index/index.h"
#include "btnsd/rules/compile/conflict.h"
#include "test/unit/rules/random_glob.h"

#include <errno.h>
#include <fnmatch.h>
#include <netinet/in.h>

static unsigned long questions, matched, chains, settled;

/* ---- the scan: what "the first rule that matches, in order" means */

static bool index_scan_program(const struct rule *rule, const char *program)
{
    for (size_t i = 0; i < rule->matches; i++)
        if (!strcmp(rule->match[i], "*") ||
            !fnmatch(rule->match[i], program, FNM_PATHNAME | FNM_PERIOD))
            return true;
    return false;
}

static bool scan_numbers(const uint32_t *list, size_t n, const uint32_t *mine, size_t m)
{
    bool found = !n;
    for (size_t i = 0; i < n * m; i++)
        found |= list[i / m] == mine[i % m];
    return found;
}

static bool scan_addresses(const struct prefix *p, size_t n, const struct btns_addr *a)
{
    bool found = !n;
    for (size_t i = 0; i < n; i++)
        found |= btns_addr_in(a, &p[i].net, p[i].bits);
    return found;
}

/* Matches a control group and the groups below it. */
static bool scan_cgroup(const struct rule *rule, const char *cgroup)
{
    char path[128];
    bool found = !rule->cgroups;
    snprintf(path, sizeof path, "%s", cgroup ? cgroup : "");
    for (; *path; *strrchr(path, '/') = 0)
        for (size_t i = 0; i < rule->cgroups; i++)
            found |= !fnmatch(rule->cgroup[i], path, FNM_PATHNAME | FNM_PERIOD);
    return found;
}

static bool scan_interface(const struct rule *rule, const char *interface)
{
    bool found = !rule->interfaces;
    for (size_t i = 0; interface && i < rule->interfaces; i++)
        found |= !strcmp(rule->interface[i], interface);
    return found;
}

static bool scan_changeable(const struct rule *rule, const struct question *q)
{
    bool wherever = q->point == POINT_ACCEPT && btns_addr_is_any(&q->local);
    return scan_numbers(rule->user, rule->users, &q->uid, 1) &&
           scan_numbers(rule->group, rule->groups, q->gid, q->gids) &&
           (wherever || scan_addresses(rule->local, rule->locals, &q->local)) &&
           scan_cgroup(rule, q->cgroup) && scan_interface(rule, q->interface) &&
           (!rule->peer || rule->peer == q->peer);
}

/* Conditions that can change count as true. */
static bool taken;

static bool scan_matches(const struct rule *rule, const struct question *q)
{
    bool remote = !rule->remotes || !q->remote.family, port = !rule->ports;
    unsigned service = q->point == POINT_CONNECT ? q->remote.port : q->local.port;
    for (size_t i = 0; i < rule->remotes; i++)
        remote |= btns_addr_in(&q->remote, &rule->remote[i].net, rule->remote[i].bits);
    for (size_t i = 0; i < rule->ports; i++)
        port |= service >= rule->port[i].from && service <= rule->port[i].to;
    return (taken || scan_changeable(rule, q)) && remote && port &&
           index_scan_program(rule, q->program) &&
           (q->point == POINT_CONNECT ? rule->at_connect : rule->at_accept);
}

static const struct rule *scan(const struct rules *r, const struct question *q,
                               const struct rule *from)
{
    for (size_t i = from ? (size_t)(from - r->rule) + 1 : 0; i < r->n; i++)
        if (q->protocol == IPPROTO_TCP && scan_matches(&r->rule[i], q))
            return &r->rule[i];
    return NULL;
}

/*
 * So many rules that the memory for all ports does not suffice, and that a process can be in many
 * groups.
 */
static bool tall;

static const char *const paths[] = {"/usr/bin/curl",  "/usr/bin/wget", "/usr/bin/cur",
                                    "/usr/bin/curls", "/opt/a/bin/t",  "/opt/b/bin/t",
                                    "/opt/b/bin/tt",  "/opt/.c/bin/t", "/a",
                                    "/opt/a/b/bin/t"};
static const char *const patterns[] = {"*",
                                       "/usr/bin/*",
                                       "/usr/bin/c*",
                                       "/usr/bin/?url",
                                       "/opt/*/bin/t",
                                       "/opt/*/bin/*",
                                       "/opt/[ab]/bin/t",
                                       "/*",
                                       "/opt/*/t",
                                       "/*/bin/t",
                                       "/opt/b/bin/t*",
                                       "/opt/*/*/t",
                                       "/*/*/*/*",
                                       "/opt/b/bin/[!t]",
                                       "/usr/bin/*url",
                                       "/opt/*/bin/tt"};
static const char *const nets[] = {
    "0.0.0.0/0",    "10.0.0.0/8",         "10.1.0.0/16",
    "10.1.2.0/24",  "10.1.2.3/32",        "10.1.2.128/25",
    "192.0.2.1/32", "128.0.0.0/1",        "::/0",
    "fd00::/8",     "fd00:1::/32",        "fd00:1::1/128",
    "8000::/1",     "255.255.255.255/32", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"};
static const char *const hosts[] = {
    "10.1.2.3",        "10.1.2.4",  "10.1.2.129", "10.1.3.3",
    "10.2.0.1",        "11.0.0.1",  "192.0.2.1",  "0.0.0.0",
    "255.255.255.255", "fd00:1::1", "fd00:1::2",  "fd01::1",
    "fe80::1",         "::",        "::1",        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};
#define ONE_OF(list) list[d(sizeof list / sizeof *list)]

static const char *const cgroups[] = {"/system.slice/a.service",
                                      "/system.slice/b.service/x",
                                      "/user.slice",
                                      "/user.slice/user-1.slice/s.scope",
                                      "/",
                                      "/system.slice"};
static const char *const cgroup_patterns[] = {
    "/system.slice", "/system.slice/*",         "/user.slice/*/s.scope",  "/*/*",
    "/user.slice",   "/system.slice/?.service", "/system.slice/a.service"};
static const char *const interfaces[] = {"lo", "eth0", "eth1", "wg0"};

static void make_changeable(struct make *m)
{
    for (unsigned n = d(4) ? 0 : 1 + d(3); n; n--)
        make_value(m, SECTION_RULE, "user", "%u", d(6));
    for (unsigned n = d(4) ? 0 : 1 + d(3); n; n--)
        make_value(m, SECTION_RULE, "group", "%u", d(tall ? 600 : 90));
    for (unsigned n = d(4) ? 0 : 1 + d(3); n; n--)
        make_value(m, SECTION_RULE, "cgroup", "%s", ONE_OF(cgroup_patterns));
    for (unsigned n = d(4) ? 0 : 1 + d(3); n; n--)
        make_value(m, SECTION_RULE, "local", "%s", ONE_OF(nets));
}

/* Two fields that only connect has. */
static void make_way(struct make *m)
{
    make_value(m, SECTION_RULE, "at", "connect");
    if (d(2))
        make_value(m, SECTION_RULE, "interface", "%s", ONE_OF(interfaces));
    if (d(2))
        make_value(m, SECTION_RULE, "peer", "%s", d(2) ? "known" : "new");
}

static void make_random_ports(struct make *m)
{
    for (unsigned n = d(3) ? d(4) : 0; n; n--) {
        unsigned from = d(4) || tall ? 1 + d(30) : 1 + d(65535), to = from + d(d(4) ? 8 : 70000);
        to = tall ? from + d(8) : to;
        make_value(m, SECTION_RULE, "port", "%u-%u", from, to < 65535 ? to : 65535);
    }
}

static void make_random_rule(struct make *m, unsigned number)
{
    static const char *const actions[] = {"bypass", "prefer", "protect", "discard"};
    make_section(m, SECTION_RULE, "r%u", number);
    if (!d(3))
        make_way(m);
    else if (d(2))
        make_value(m, SECTION_RULE, "at", "%s", d(2) ? "connect" : "accept");
    if (d(2))
        make_changeable(m);
    for (unsigned n = d(3) ? d(4) : 0; n; n--)
        make_value(m, SECTION_RULE, "remote", "%s", ONE_OF(nets));
    make_random_ports(m);
    make_value(m, SECTION_RULE, "action", "%s", ONE_OF(actions));
}

static void make_random_match(struct make *m)
{
    char glob[16];
    random_glob(glob, 12);
    make_value(m, SECTION_PROGRAM, "match", "%s",
               d(2)   ? ONE_OF(paths)
               : d(3) ? ONE_OF(patterns)
                      : glob);
}

static struct rules *random_rules(unsigned sections, unsigned rules)
{
    struct make m = {0};
    make_section(&m, SECTION_FILE, "%s", "");
    for (unsigned s = 0; s < sections; s++) {
        make_section(&m, SECTION_PROGRAM, "p%u", s);
        for (unsigned n = 1 + d(3); n; n--)
            make_random_match(&m);
        for (unsigned n = 1 + d(rules); n; n--)
            make_random_rule(&m, n);
    }
    return make_rules(&m);
}

static struct question random_question(void)
{
    static gid_t gid[500]; /* sometimes more groups than the sets have room for */
    static char path[16];
    size_t most = tall ? 500 : 80, gids = d(3) ? d(4) : most;
    for (size_t i = 0; i < most; i++)
        gid[i] = d(tall ? 600 : 90);
    random_glob(path, 12);
    struct question q = {.point = d(2) ? POINT_CONNECT : POINT_ACCEPT,
                         .program = d(2) ? ONE_OF(paths) : path,
                         .uid = d(6),
                         .gid = gid,
                         .gids = gids,
                         .cgroup = d(5) ? ONE_OF(cgroups) : NULL,
                         .interface = d(5) ? ONE_OF(interfaces) : NULL,
                         .peer = (enum seen)d(3),
                         .protocol = d(40) ? IPPROTO_TCP : IPPROTO_UDP};
    if (d(5))
        btns_addr_parse(&q.remote, ONE_OF(hosts));
    if (d(5))
        btns_addr_parse(&q.local, ONE_OF(hosts));
    q.remote.port = (uint16_t)(d(4) ? d(40) : d(65536));
    q.local.port = (uint16_t)(d(4) ? d(40) : d(65536));
    return q;
}

/* A settled answer must not change with any other facts. */
static bool same_settled(const struct rules *r, const struct question *q)
{
    const struct rule *rule = rules_decide(r, q, NULL);
    taken = true;
    const struct rule *any = scan(r, q, NULL);
    taken = false;
    bool changeable = rule && (rule->users || rule->groups || rule->cgroups || rule->locals ||
                               rule->interfaces || rule->peer);
    bool want = any == rule && !changeable, got = rules_settled(r, q, rule);
    settled += want && rule;
    if (want != got)
        printf("not ok - settled: %d, not %d\n", got, want);
    return want == got;
}

/* Two rules that both match one connection can meet. */
static bool same_meeting(const struct rules *r, const struct question *q)
{
    const struct rule *one = rules_decide(r, q, NULL);
    const struct rule *other = one ? rules_decide(r, q, one) : NULL;
    bool partly = !q->remote.family || btns_addr_is_any(&q->local);
    if (!other || partly || rules_meet(one, other))
        return true;
    printf("not ok - rules %td and %td match, and are said never to meet\n", one - r->rule,
           other - r->rule);
    return false;
}

/* Also asks for the next rule after each answer, as compiling a listener's floor does. */
static bool same_answers(const struct rules *r, const struct question *q)
{
    const struct rule *want = NULL, *got = NULL;
    unsigned steps = 0;
    do {
        want = scan(r, q, want);
        got = rules_decide(r, q, got);
        if (want != got) {
            char a[BTNS_ADDR_STR], b[BTNS_ADDR_STR];
            printf("not ok - %s %s %s %s: rule %td, not %td, of %zu\n", point_name(q->point),
                   q->program, btns_addr_str(&q->local, a), btns_addr_str(&q->remote, b),
                   got ? got - r->rule : -1, want ? want - r->rule : -1, r->n);
            return false;
        }
        matched += want != NULL;
    } while (want && ++steps < 20);
    chains += steps > 1;
    questions++;
    return true;
}

static bool test_generations(unsigned generations)
{
    for (unsigned g = 0; g < generations; g++) {
        struct rules *r = random_rules(d(3) ? d(12) : d(150), 1 + (d(4) ? d(4) : d(100)));
        bool same = true;
        for (unsigned i = 0; same && i < 200; i++) {
            struct question q = random_question();
            same = same_answers(r, &q) && same_settled(r, &q) && same_meeting(r, &q);
        }
        rules_free(r);
        if (!same) {
            printf("# generation %u\n", g);
            return false;
        }
    }
    printf("# %lu questions, %lu answers, %lu of several rules, %lu settled\n", questions, matched,
           chains, settled);
    bool real = matched > questions &&
                settled > questions / 20; /* otherwise the questions would be trivial */
    printf("%s - the index answers as the scan does\n", real ? "ok" : "not ok");
    return real;
}

/* Most answers are found early, so some questions ask for the rules after a given one. */
#define LATE 32768
static bool test_tall(void)
{
    tall = true;
    struct rules *r = random_rules(1200, 60);
    bool same = r->n > LATE;
    unsigned late = 0;
    for (unsigned i = 0; same && (i < 400 || (late <= 20 && i < 100000)); i++) {
        struct question q = random_question();
        const struct rule *from = &r->rule[d((unsigned)r->n)], *want = scan(r, &q, from);
        same = rules_decide(r, &q, from) == want;
        late += want && want - r->rule > LATE;
    }
    printf("# %zu rules, %u late answers\n", r->n, late);
    printf("%s - also among tens of thousands of rules\n", same && late > 20 ? "ok" : "not ok");
    rules_free(r);
    tall = false;
    return same && late > 20;
}

static bool test_too_many(void)
{
    const struct rules r = {.n = INDEX_RULES_MAX + 1};
    struct rules_index *index = NULL;
    bool good = index_build(&r, NULL, &index) == -EFBIG && !index;
    printf("%s - more rules than there is room for are refused\n", good ? "ok" : "not ok");
    return good;
}

int main(int argc, char **argv)
{
    dice.state = argc > 1 ? strtoull(argv[1], NULL, 0) : 20240501;
    printf("# seed %llu\n", (unsigned long long)dice.state);
    bool good = test_tall();
    good &= test_too_many();
    good &= test_generations(argc > 2 ? (unsigned)atoi(argv[2]) : 300);
    return !good;
}
