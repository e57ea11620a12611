/* Mandatory rules as SPD entries: for every packet what the rules say, and within bounds. TAP. */
#include "btnsd/latch/floor/mandatory.h"
#include "btnsd/latch/admission/service_rules.h"
#include "btnsd/rules/compile/compile.h"
#include "test/unit/check.h"

#include <errno.h>

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static struct rules *load_by(const char *body, bool ask)
{
    static char text[60000];
    struct err err = {""};
    struct policy_text one = {.file = "f", .text = text, .source = SOURCE_ADMIN};
    one.len = (size_t)snprintf(text, sizeof text, "format = 1\n%s", body);
    struct rules *r = policy_load_texts_by("f", &one, 1, &(struct lookup_how){.ask = ask}, &err);
    if (!r) {
        check(false, "%s", err.text);
        exit(1);
    }
    return r;
}

static struct rules *load(const char *body)
{
    return load_by(body, true);
}

#define M " mandatory = true reason = \"x\" "

static bool port_in(uint16_t port, uint16_t exact, struct spd_port_mask several)
{
    return exact ? port == exact : (port & several.mask) == several.port;
}

/* The kernel's decision about a packet: 'B'lock, 'A'llow or '-', by priority. */
static char verdict(const struct mandatory *m, enum spd_dir dir, const char *local, uint16_t lport,
                    const char *remote, uint16_t rport)
{
    struct btns_addr from, to;
    const struct spd_entry *best = NULL;
    btns_addr_parse(&from, local);
    btns_addr_parse(&to, remote);
    for (const struct spd_entry *e = m->entry; e < m->entry + m->n; e++)
        if (e->dir == dir && btns_addr_in(&from, &e->local, e->local_bits) &&
            btns_addr_in(&to, &e->remote, e->remote_bits) &&
            port_in(lport, e->local.port, e->local_ports) &&
            port_in(rport, e->remote.port, e->remote_ports) &&
            (!best || e->priority < best->priority))
            best = e;
    return !best ? '-' : best->action == SPD_BLOCK ? 'B' : 'A';
}

static void test_ranges(void)
{
    static const struct ports ranges[] = {{1, 65535},   {80, 80},       {1, 1},     {1000, 2000},
                                          {1024, 2047}, {65535, 65535}, {3, 65534}, {32768, 65535}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        char text[300];
        struct mandatory m;
        struct err err;
        bool good = true;
        snprintf(text, sizeof text,
                 "program \"p\" { match = \"*\" rule \"r\" { at = connect remote = \"10.0.0.0/8\" "
                 "port = \"%u-%u\" action = protect" M "} }\n",
                 ranges[i].from, ranges[i].to);
        struct rules *r = load(text);
        int rc = mandatory_plan(r, &m, &err);
        for (unsigned port = 1; !rc && port < 65536; port++) {
            bool in = port >= ranges[i].from && port <= ranges[i].to;
            good &= verdict(&m, SPD_OUT, "192.0.2.1", 5, "10.1.1.1", (uint16_t)port) ==
                    (in ? 'B' : '-');
        }
        check(!rc && good && m.n <= 2 * 30, "ports %u to %u are %zu entries, and exactly those",
              ranges[i].from, ranges[i].to, m.n);
        free(m.entry);
        rules_free(r);
    }
}

static void test_rules(void)
{
    struct mandatory m = {.n = 0};
    struct err err;
    struct rules *r =
        load("program \"all\" { match = \"*\"\n"
             "rule \"hole\" { at = connect remote = \"10.0.0.1\" action = bypass" M "}\n"
             "rule \"out\" { at = connect remote = \"10.0.0.0/8\" port = 80 action = "
             "protect" M "}\n"
             "rule \"in\" { at = accept port = 22 action = discard" M "}\n"
             "rule \"late\" { at = connect remote = \"10.0.0.2\" action = bypass" M "}\n"
             "rule \"own\" { at = connect local = \"192.0.2.9\" action = protect" M "}\n"
             "rule \"some\" { user = 0 action = protect" M "}\n"
             "rule \"not\" { remote = \"172.16.0.0/12\" action = protect } }\n"
             "program \"one\" { match = \"/usr/bin/one\"\n"
             "rule \"one\" { remote = \"198.51.100.0/24\" action = protect" M "} }\n");
    check(!mandatory_plan(r, &m, &err), "planned");
    const struct {
        char want;
        enum spd_dir dir;
        const char *local;
        uint16_t lport;
        const char *remote;
        uint16_t rport;
        const char *what;
    } cases[] = {
        {'B', SPD_OUT, "192.0.2.1", 5, "10.9.9.9", 80,
         "what must be protected goes out in no other way"},
        {'B', SPD_IN, "192.0.2.1", 5, "10.9.9.9", 80, "nor comes in"},
        {'-', SPD_OUT, "192.0.2.1", 5, "10.9.9.9", 81, "other ports are left alone"},
        {'-', SPD_OUT, "192.0.2.1", 80, "10.9.9.9", 5, "the own port is not the service's"},
        {'A', SPD_OUT, "192.0.2.1", 5, "10.0.0.1", 80, "an earlier rule's hole"},
        {'B', SPD_OUT, "192.0.2.1", 5, "10.0.0.2", 80, "a later one makes none"},
        {'B', SPD_IN, "192.0.2.1", 22, "203.0.113.1", 5, "what is accepted, by its own port"},
        {'B', SPD_OUT, "192.0.2.1", 22, "203.0.113.1", 5, "and no answer leaves"},
        {'B', SPD_IN, "2001:db8::1", 22, "2001:db8::2", 5, "and over IPv6"},
        {'-', SPD_OUT, "192.0.2.1", 5, "203.0.113.1", 22, "accept is not connect"},
        {'B', SPD_OUT, "192.0.2.9", 5, "203.0.113.1", 99, "from one address of the host's"},
        {'-', SPD_OUT, "192.0.2.8", 5, "203.0.113.1", 99, "not from another"},
        {'-', SPD_OUT, "192.0.2.1", 5, "172.16.0.1", 80,
         "what is not mandatory is not in the kernel"},
        {'-', SPD_OUT, "192.0.2.1", 5, "198.51.100.1", 80, "nor what is for some programs"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(verdict(&m, cases[i].dir, cases[i].local, cases[i].lport, cases[i].remote,
                      cases[i].rport) == cases[i].want,
              "%s", cases[i].what);
    bool band = true;
    for (size_t i = 0; i < m.n; i++)
        band &= m.entry[i].priority > PRIO_CHARON && m.entry[i].priority < PRIO_FLOOR;
    check(band, "below guards and charon's, above listeners' floors");
    free(m.entry);
    rules_free(r);
}

static void test_bound(void)
{
    static char text[50000];
    struct mandatory m;
    struct err err = {""};
    size_t n = (size_t)snprintf(text, sizeof text,
                                "program \"p\" { match = \"*\" rule \"r\" {\n"
                                "action = protect" M "port = {");
    for (unsigned i = 0; i < 200; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s \"%u-%u\"", i ? "," : "", 3 + i * 300,
                              200 + i * 300);
    snprintf(text + n, sizeof text - n, " } } }\n");
    struct rules *r = load(text);
    check(mandatory_plan(r, &m, &err) == -E2BIG && !m.entry &&
              strstr(err.text, "f:2: with rule \"r\""),
          "too many are refused: %s", err.text);
    rules_free(r);
}

/* A caller of a service is judged by the first mandatory rule for all users that covers both. */
static void test_standing(void)
{
    static const struct {
        const char *local, *remote;
        uint16_t port;
        const char *rule;
    } t[] = {
        {"10.0.0.1", "10.9.0.1", 80, "one"},  {"10.0.0.1", "10.9.0.1", 81, "wide"},
        {"10.0.0.1", "11.9.0.1", 80, NULL},   {"10.0.0.1", "10.9.0.1", 443, "some"},
        {"10.0.0.2", "12.0.0.1", 443, NULL},  {"10.0.0.1", "12.0.0.1", 443, "some"},
        {"fd00::1", "fd00::2", 80, NULL},     {"fd00::1", "fd00::2", 25, "six"},
        {"10.0.0.1", "10.9.0.1", 25, "wide"}, {"10.0.0.1", "13.0.0.1", 9, NULL},
    };
    struct rules *r =
        load("program \"out\" { match = \"*\""
             " rule \"out\" { at = connect action = discard" M "} }"
             "program \"other\" { match = \"/bin/x\""
             " rule \"x\" { at = accept action = discard" M "} }"
             "program \"p\" { match = \"*\""
             " rule \"one\" { at = accept port = 80 remote = \"10.0.0.0/8\""
             "  action = discard" M "}"
             " rule \"some\" { at = accept port = 443 local = \"10.0.0.1\""
             "  action = protect" M "}"
             " rule \"six\" { at = accept port = { \"20-30\" } remote = \"fd00::/8\""
             "  action = protect" M "}"
             " rule \"wide\" { at = accept remote = \"10.0.0.0/8\" action = bypass" M "}"
             " rule \"plain\" { at = accept action = protect } }");
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct btns_addr local, remote;
        btns_addr_parse(&local, t[i].local);
        btns_addr_parse(&remote, t[i].remote);
        const struct rule *got =
            service_mandatory_rule(r, &local, &remote, (struct service){IPPROTO_TCP, t[i].port});
        check(t[i].rule ? got && !strcmp(got->name, t[i].rule) : !got, "%s at %s:%u: %s, %s",
              t[i].remote, t[i].local, t[i].port, t[i].rule ? t[i].rule : "none",
              got ? got->name : "none");
    }
    check(!service_mandatory_rule(NULL, NULL, NULL, (struct service){0}),
          "without rules none stands");
    rules_free(r);
}

/* Names are not looked up here, so they have no addresses. */
static void test_unresolved(void)
{
    static const struct {
        const char *rule;
        uint16_t local, remote;
        char out;
    } t[] = {
        {"action = protect remote = db.example", 5000, 5432, 'B'},
        {"action = protect remote = db.example", 5000, 53, '-'},
        {"action = protect remote = db.example", 5000, 853, '-'},
        {"at = accept action = discard remote = db.example", 22, 5000, 'B'},
        {"at = accept action = discard remote = db.example", 5000, 53, '-'},
        {"action = protect remote = db.example port = 5432", 5000, 5432, 'B'},
        {"action = protect remote = db.example port = 5432", 5000, 80, '-'},
        {"action = protect remote = { db.example, \"10.0.0.0/8\" } port = 53", 5000, 53, 'B'},
        {"action = protect user = somebody", 5000, 80, '-'}, /* it never was for everybody */
        {"action = bypass remote = db.example", 5000, 80, '-'},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        char text[300];
        struct mandatory m;
        struct err err;
        snprintf(text, sizeof text, "program \"p\" { match = \"*\" rule \"r\" { %s" M "} }\n",
                 t[i].rule);
        struct rules *r = load_by(text, false);
        int rc = mandatory_plan(r, &m, &err);
        char out = verdict(&m, SPD_OUT, "192.0.2.1", t[i].local, "192.0.2.9", t[i].remote);
        check(!rc && out == t[i].out, "%s: port %u to %u is %c, %c", t[i].rule, t[i].local,
              t[i].remote, t[i].out, out);
        free(m.entry);
        rules_free(r);
    }
}

int main(void)
{
    test_unresolved();
    test_ranges();
    test_rules();
    test_bound();
    test_standing();
    return check_end();
}
