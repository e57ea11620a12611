/*
 * Large generations of several kinds, usual and worst cases, for test/bench/decide.c and effort.c.
 */
#ifndef BTNS_TEST_UNIT_RULES_KINDS_H
#define BTNS_TEST_UNIT_RULES_KINDS_H

#include "test/unit/rules/make.h"

#include <netinet/in.h>

struct kind {
    const char *name;
    unsigned in_section; /* number of rules of one program */
    const char *match;   /* the program's pattern in section number %u */
    const char *program; /* a program that the pattern matches */
    /* sets rule i's remote address; NULL: leaves the field out */
    void (*remote)(struct make *m, unsigned i);
    void (*port)(struct make *m, unsigned i);
    const char *what;
    void (*process)(struct make *m, unsigned i); /* likewise for the process */
    void (*ask)(struct question *q, unsigned i, char *program);
};

static void own_net(struct make *m, unsigned i)
{
    make_value(m, SECTION_RULE, "remote", "10.%u.%u.0/24", i / 256 % 256, i % 256);
}

static void nested_net(struct make *m, unsigned i)
{
    make_value(m, SECTION_RULE, "remote", "%s/%u", i % 33 ? "128.0.0.0" : "0.0.0.0",
               i % 33 ? 1 + i % 32 : 0);
}

static void own_port(struct make *m, unsigned i)
{
    make_value(m, SECTION_RULE, "port", "%u", 1 + i);
}

/* Each port of the lower half is in nearly half of the rules. */
static void wide_ports(struct make *m, unsigned i)
{
    make_value(m, SECTION_RULE, "port", "%u-%u", 1 + i, 20001 + i);
}

/* The questions below match the port of one half of the rules and the net of the other. */
static void crossed_net(struct make *m, unsigned i)
{
    make_value(m, SECTION_RULE, "remote", "%s", i % 2 ? "10.0.0.0/8" : "192.0.2.0/24");
}

static void crossed_port(struct make *m, unsigned i)
{
    make_value(m, SECTION_RULE, "port", "%u", i % 2 ? 60000 : 50000);
}

/* Conditions on the process and its route to the peer, and a question that meets them. */
static void own_user(struct make *m, unsigned i)
{
    make_value(m, SECTION_RULE, "user", "%u", i);
}

static void ask_user(struct question *q, unsigned i, char *program)
{
    (void)program;
    q->uid = i;
}

static void own_group(struct make *m, unsigned i)
{
    make_value(m, SECTION_RULE, "group", "%u", i);
}

static void ask_group(struct question *q, unsigned i, char *program)
{
    static gid_t gid[100000];
    (void)program;
    for (gid_t k = 0; k < 16; k++)
        gid[i + k] = i + k;
    q->gid = &gid[i];
    q->gids = 16;
}

static void own_cgroup(struct make *m, unsigned i)
{
    make_value(m, SECTION_RULE, "cgroup", "/user.slice/*/app%u.scope", i);
}

static void ask_cgroup(struct question *q, unsigned i, char *program)
{
    snprintf(program, 64, "/user.slice/me/app%u.scope/inner", i);
    q->cgroup = program;
    q->program = "/usr/bin/any";
}

static void own_way(struct make *m, unsigned i)
{
    make_value(m, SECTION_RULE, "at", "connect");
    make_value(m, SECTION_RULE, "interface", "if%u", i / 4);
    make_value(m, SECTION_RULE, "peer", "%s", i % 2 ? "known" : "new");
    make_value(m, SECTION_RULE, "local", "10.0.0.0/%u", i % 4 < 2 ? 8u : 9u);
}

static void ask_way(struct question *q, unsigned i, char *program)
{
    snprintf(program, 64, "if%u", i / 4);
    q->interface = program;
    q->program = "/usr/bin/any";
    q->peer = i % 2 ? SEEN_KNOWN : SEEN_NEW;
    btns_addr_parse(&q->local, "10.0.0.1");
}

/*
 * Every kind of condition at once, each with few values, so that no single condition excludes many
 * rules.
 */
static void everything(struct make *m, unsigned i)
{
    make_value(m, SECTION_RULE, "user", "%u", i % 7);
    make_value(m, SECTION_RULE, "group", "%u", i / 7 % 7);
    make_value(m, SECTION_RULE, "cgroup", "/a/%u", i / 49 % 7);
    make_value(m, SECTION_RULE, "local", "10.%u.0.0/16", i / 343 % 7);
}

static void ask_everything(struct question *q, unsigned i, char *program)
{
    char ip[32];
    q->uid = i % 7;
    ask_group(q, i / 7 % 7, program);
    snprintf(program, 64, "/a/%u", i / 49 % 7);
    q->cgroup = program;
    q->program = "/usr/bin/any";
    snprintf(ip, sizeof ip, "10.%u.0.1", i / 343 % 7);
    btns_addr_parse(&q->local, ip);
}

/* A process in many groups, each of which is in many rules. */
static void crowd(struct make *m, unsigned i)
{
    make_value(m, SECTION_RULE, "group", "%u", i % 200);
    make_value(m, SECTION_RULE, "user", "%u", i);
}

static void ask_crowd(struct question *q, unsigned i, char *program)
{
    static gid_t gid[100];
    (void)program;
    for (gid_t k = 0; k < 100; k++)
        gid[k] = k;
    q->uid = i;
    q->gid = gid;
    q->gids = 100;
}

/* Half of the rules have each condition, and it is true; only one of the last two is false. */
static void late(struct make *m, unsigned i)
{
    make_value(m, SECTION_RULE, "at", "connect");
    if (i & 1)
        make_value(m, SECTION_RULE, "remote", "10.0.0.0/8");
    if (i & 2)
        make_value(m, SECTION_RULE, "port", "80");
    if (i & 4)
        make_value(m, SECTION_RULE, "user", "1");
    if (i & 8)
        make_value(m, SECTION_RULE, "group", "1");
    if (i & 16)
        make_value(m, SECTION_RULE, "cgroup", "/a");
    if (i & 32)
        make_value(m, SECTION_RULE, "local", "10.0.0.0/8");
    if (i & 64)
        make_value(m, SECTION_RULE, "interface", "eth1");
    else
        make_value(m, SECTION_RULE, "peer", "new");
}

static void ask_late(struct question *q, unsigned i, char *program)
{
    static const gid_t gid = 1;
    (void)i;
    (void)program;
    q->uid = 1;
    q->gids = 1;
    q->gid = &gid;
    q->cgroup = "/a";
    q->interface = "eth0";
    q->peer = SEEN_KNOWN;
    q->remote.port = 80;
    btns_addr_parse(&q->local, "10.0.0.1");
}

/* Conditions with several values, one of which is close to the question's. */
static void several(struct make *m, unsigned i)
{
    for (unsigned k = 0; k < 3; k++)
        make_value(m, SECTION_RULE, "remote", "10.%u.%u.0/28", i / 64 % 256, i % 64 * 4 + k);
    for (unsigned k = 0; k < 3; k++)
        make_value(m, SECTION_RULE, "user", "%u", 3 * i + k);
    for (unsigned k = 0; k < 3; k++)
        make_value(m, SECTION_RULE, "group", "%u", 3 * i + k);
}

static void ask_several(struct question *q, unsigned i, char *program)
{
    char ip[32];
    ask_group(q, 3 * i, program);
    q->uid = 3 * i + 1;
    snprintf(ip, sizeof ip, "10.%u.%u.1", i / 64 % 256, i % 64 * 4 + 2);
    btns_addr_parse(&q->remote, ip);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
static const struct kind kinds[] = {
    {"programs", 10, "/usr/bin/program%u", "/usr/bin/program%u", own_net, NULL,
     "ten rules each for many programs"},
    {"one", 100000, "/usr/bin/one", "/usr/bin/one", own_net, own_port, "all for one program"},
    {"any", 100000, "*", "/usr/bin/any", own_net, NULL, "all for every program"},
    {"ports", 100000, "*", "/usr/bin/any", NULL, own_port, "a port a rule"},
    {"patterns", 1, "/opt/app%u/bin/*", "/opt/app%u/bin/tool", NULL, NULL, "a pattern a rule"},
    {"tails", 1, "/home/*/bin/tool%u", "/home/me/bin/tool%u", NULL, NULL,
     "patterns that differ in their tails"},
    {"nested", 100000, "*", "/usr/bin/any", nested_net, NULL, "prefixes inside each other"},
    {"wide", 100000, "*", "/usr/bin/any", NULL, wide_ports, "port ranges over each other"},
    {"crossed", 100000, "*", "/usr/bin/any", crossed_net, crossed_port,
     "half of the rules fail by their port, half by their prefix"},
    {"late", 100000, "*", "/usr/bin/any", NULL, NULL,
     "in half of the rules each condition, and all but the last two hold", late, ask_late},
    {"alike", 1, "/opt/*[%u]*x", "/opt/toolx", NULL, NULL,
     "patterns with all their letters in common"},
    {"repeated", 1, "/opt/*aaaa*[%u]", "/opt/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL,
     NULL, "likewise, and these many times in the program"},
    {"starry", 1, "/opt/*a*[%u]*a*b", "/opt/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL,
     NULL, "likewise, with many stars"},
    {"middles", 1, "/opt/*/app%u/*/tool", "/opt/a/app%u/b/tool", NULL, NULL,
     "patterns that differ in their middles alone"},
    {"inner", 1, "/opt/*-app%u-*/tool", "/opt/a-app%u-b/tool", NULL, NULL,
     "patterns that differ in the middle of one name"},
    {"users", 100000, "*", "/usr/bin/any", NULL, NULL, "a user a rule", own_user, ask_user},
    {"groups", 100000, "*", "/usr/bin/any", NULL, NULL, "a group a rule, processes in 16",
     own_group, ask_group},
    {"crowd", 100000, "*", "/usr/bin/any", NULL, NULL, "processes in a hundred groups", crowd,
     ask_crowd},
    {"cgroups", 100000, "*", "/usr/bin/any", NULL, NULL, "a control group a rule", own_cgroup,
     ask_cgroup},
    {"several", 100000, "*", "/usr/bin/any", NULL, NULL, "three prefixes, users and groups a rule",
     several, ask_several},
    {"ways", 100000, "*", "/usr/bin/any", NULL, NULL, "interfaces, peers and local addresses",
     own_way, ask_way},
    {"all", 100000, "*", "/usr/bin/any", NULL, NULL, "every condition at once", everything,
     ask_everything},
    {0},
};
#pragma GCC diagnostic pop

static inline struct rules *kind_rules(const struct kind *k, unsigned rules)
{
    struct make m = {0};
    make_section(&m, SECTION_FILE, "%s", "");
    for (unsigned i = 0; i < rules; i++) {
        if (i % k->in_section == 0) {
            char match[128];
            make_section(&m, SECTION_PROGRAM, "p%u", i);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            snprintf(match, sizeof match, k->match, i / k->in_section);
            make_value(&m, SECTION_PROGRAM, "match", "%s", match);
        }
        make_section(&m, SECTION_RULE, "r%u", i);
        if (k->remote)
            k->remote(&m, i);
        if (k->port)
            k->port(&m, i);
        if (k->process)
            k->process(&m, i);
        make_value(&m, SECTION_RULE, "action", "%s", "protect");
    }
    return make_rules(&m);
}

/* A question that a rule in the middle matches, if any can. */
static inline void kind_question(const struct kind *k, unsigned rules, struct dice *dice,
                                 struct question *q, char program[64])
{
    char host[32] = "128.0.0.1";
    unsigned i = roll(dice, rules);
    snprintf(program, 64, k->program, i / k->in_section);
#pragma GCC diagnostic pop
    if (k->remote == own_net)
        snprintf(host, sizeof host, "10.%u.%u.7", i / 256 % 256, i % 256);
    if (k->remote == crossed_net || k->process == late)
        snprintf(host, sizeof host, "10.1.2.3");
    *q = (struct question){.point = POINT_CONNECT, .program = program, .protocol = IPPROTO_TCP};
    btns_addr_parse(&q->remote, host);
    q->remote.port = (uint16_t)(k->port == crossed_port ? 50000 : 1 + i);
    if (k->ask)
        k->ask(q, i, program);
}

#endif
