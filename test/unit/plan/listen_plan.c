/*
 * A listener's floor: rules in their order become SPD entries, for both address families, and text
 * for a person. packet() plays the kernel: of the entries that match, the one with the lowest
 * number decides. TAP.
 */
#include "btnsd/plan/listen_plan.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

static struct rules *rules;
static struct listening plan;
static char program[] = "/usr/bin/server";

/* Rules, one a line: "ACTION[ @LOCAL][ PREFIX...]"; named: protect, for one name */
static void load(const char *lines)
{
    char text[65536], line[8192];
    struct err err = {""};
    size_t n = (size_t)snprintf(text, sizeof text, "format = 1 %s\n%s",
                                "profile \"n\" { identity = named permit = \"bob\" }",
                                *lines ? "program \"p\" { match = { \"*\" }\n" : "# none ");
    for (int i = 0; *lines; i++) {
        size_t len = strcspn(lines, "\n");
        snprintf(line, sizeof line, "%.*s", (int)len, lines);
        lines += len + (lines[len] == '\n');
        char *save, *action = strtok_r(line, " ", &save), *p;
        n += (size_t)snprintf(text + n, sizeof text - n,
                              "rule \"r%d\" { at = { accept } action = %s", i,
                              !strcmp(action, "named") ? "protect profile = \"n\"" : action);
        const char *before = " remote = {";
        while ((p = strtok_r(NULL, " ", &save)))
            if (*p == '@') {
                n += (size_t)snprintf(text + n, sizeof text - n, " local = \"%s\"", p + 1);
            } else {
                n += (size_t)snprintf(text + n, sizeof text - n, "%s \"%s\"", before, p);
                before = ",";
            }
        n += (size_t)snprintf(text + n, sizeof text - n, "%s }\n", *before == ',' ? " }" : "");
    }
    n += (size_t)snprintf(text + n, sizeof text - n, "}\n");
    rules_free(rules);
    rules = rules_load_text("policy", text, n, &err);
    if (!rules) {
        check(false, "%s", err.text);
        exit(1);
    }
}

static int listen_at(const char *local, bool both, uint32_t flags)
{
    struct question q = {.point = POINT_ACCEPT,
                         .program = program,
                         .protocol = IPPROTO_TCP,
                         .local = addr(local, 80)};
    memset(&plan, 0xee, sizeof plan);
    const struct view view = {.host = rules};
    return listening_plan(&view, &q, both, flags, &plan);
}

/* What else the SPD may have for a peer: nothing, a guard, charon's policies, a mandatory block. */
static const struct {
    uint32_t priority;
    char what;
} others[] = {{UINT32_MAX, '-'}, {PRIO_GUARD, 'G'}, {PRIO_CHARON, 'C'}, {PRIO_MANDATORY, 'M'}};

/* A packet's fate, with others[other] in the SPD as well: '-' no entry, else the kernel's word. */
static char packet(enum spd_dir dir, const char *peer, const char *local, size_t other)
{
    struct btns_addr from = addr(peer, 0), to = addr(local, 80);
    if (btns_addr_is_any(&to))
        to.family = from.family; /* listens on both families */
    uint32_t best = others[other].priority;
    char what = others[other].what;
    for (size_t i = 0; i < plan.entries; i++) {
        const struct spd_entry *e = &plan.entry[i];
        if (e->dir != dir || e->protocol != IPPROTO_TCP || e->local.port != 80 || e->remote.port ||
            !btns_addr_in(&from, &e->remote, e->remote_bits) ||
            !btns_addr_in(&to, &e->local, e->local_bits) || e->priority >= best)
            continue;
        best = e->priority;
        what = e->action == SPD_BLOCK ? 'B' : e->action == SPD_ALLOW ? 'A' : '?';
    }
    return what;
}

/* wanted: "PEER=XY... ...": X with nothing else in the SPD, Y with a guard ...; both directions */
static bool packets(const char *local, const char *wanted)
{
    char buf[1024], *save;
    bool ok = plan.entries <= FLOOR_ENTRIES;
    snprintf(buf, sizeof buf, "%s", wanted);
    for (char *w = strtok_r(buf, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
        char *is = strchr(w, '=');
        *is++ = '\0';
        for (size_t other = 0; is[other]; other++) {
            char in = packet(SPD_IN, w, local, other), out = packet(SPD_OUT, w, local, other);
            if (in == is[other] && out == is[other])
                continue;
            printf("# %s (%c): in %c, out %c, wanted %c\n", w, others[other].what, in, out,
                   is[other]);
            ok = false;
        }
    }
    return ok;
}

static bool gives(const char *local, bool both, uint32_t flags, const char *wanted)
{
    return !listen_at(local, both, flags) && packets(local, wanted);
}

static void test_one_rule(void)
{
    static const struct {
        const char *rules;
        uint32_t flags;
        const char *wanted;
        bool blocks, refused, untouched;
    } t[] = {
        {"protect", 0, "10.1.2.3=BG", true, false, false},
        {"prefer", 0, "10.1.2.3=AG", false, false, false},
        {"bypass", 0, "10.1.2.3=AG", false, false, true},
        {"discard", 0, "10.1.2.3=BB", true, true, false},
        {"", 0, "10.1.2.3=-G", false, false, true},
        {"protect", BTNS_F_REQUIRE, "10.1.2.3=BG", true, false, false},
        {"prefer", BTNS_F_REQUIRE, "10.1.2.3=BG", true, false, false},
        {"bypass", BTNS_F_REQUIRE, "10.1.2.3=BG", true, false, false},
        {"discard", BTNS_F_REQUIRE, "10.1.2.3=BB", true, true, false},
        {"", BTNS_F_REQUIRE, "10.1.2.3=BG", true, false, false},
        {"protect", BTNS_F_PREFER, "10.1.2.3=AG", false, false, false},
        {"prefer", BTNS_F_PREFER, "10.1.2.3=AG", false, false, false},
        {"bypass", BTNS_F_PREFER, "10.1.2.3=AG", false, false, true},
        {"discard", BTNS_F_PREFER, "10.1.2.3=BB", true, true, false},
        {"", BTNS_F_PREFER, "10.1.2.3=-G", false, false, true},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        load(t[i].rules);
        bool ok = gives("0.0.0.0", false, t[i].flags, t[i].wanted);
        check(ok && listening_blocks(&plan) == t[i].blocks &&
                  listening_refused(&plan) == t[i].refused &&
                  listening_untouched(&plan) == t[i].untouched,
              "\"%s\" with flags %x: %s", t[i].rules, t[i].flags, t[i].wanted);
    }
}

static void test_order(void)
{
    load("bypass 127.0.0.0/8 ::1/128\nprotect");
    check(gives("0.0.0.0", false, 0, "127.0.0.1=AG 10.0.0.1=BG"), "a narrower rule goes first");
    check(gives("0.0.0.0", false, BTNS_F_REQUIRE, "127.0.0.1=AG 10.0.0.1=BG"),
          "what does not leave the host is not required to be protected");
    check(!listening_untouched(&plan) && !listening_refused(&plan), "it is latched");
    load("bypass 10.0.0.0/8\nprotect 10.1.0.0/16\nprefer");
    check(gives("0.0.0.0", false, 0, "10.1.0.1=AG 10.2.0.1=AG 11.0.0.1=AG"),
          "a rule behind a wider one means nothing");
    load("protect 10.1.0.0/16\nbypass 10.0.0.0/8\nprotect 10.2.0.0/16 192.0.2.1/32\nbypass");
    check(gives("0.0.0.0", false, 0,
                "10.1.0.1=BG 10.2.0.1=AG 192.0.2.1=BG 192.0.2.2=AG 10.0.255.255=AG"),
          "four rules in their order");
    load("protect 10.0.0.0/8");
    check(gives("0.0.0.0", false, 0, "10.1.0.1=BG 11.1.0.1=-G"), "the rest stays untouched");
    check(gives("0.0.0.0", false, BTNS_F_REQUIRE, "10.1.0.1=BG 11.1.0.1=BG"),
          "unless it is required");
    load("protect 10.0.0.0/8\nbypass 0.0.0.0/0\nprotect");
    check(gives("0.0.0.0", false, 0, "10.1.0.1=BG 11.1.0.1=AG") && plan.entries == 4,
          "0.0.0.0/0 is everybody");
    check(gives("::", true, 0, "10.1.0.1=BG 11.1.0.1=AG fd00::1=BG"), "of IPv4");
}

static void test_discard(void)
{
    load("discard 10.66.0.0/16\nprotect");
    check(gives("0.0.0.0", false, 0, "10.66.1.1=BB 10.67.1.1=BG"),
          "a discarded peer is kept out though it is protected");
    check(!listening_refused(&plan), "others may come");
    load("protect 10.0.0.0/8\nprefer 192.0.2.128/25\ndiscard");
    check(gives("0.0.0.0", false, 0,
                "10.0.0.0=BG 10.255.255.255=BG 9.255.255.255=BB 11.0.0.0=BB 192.0.2.127=BB "
                "192.0.2.128=AG 192.0.2.255=AG 192.0.3.0=BB 0.0.0.1=BB 255.255.255.254=BB"),
          "discarding the rest leaves earlier rules alone, protected or not");
    check(!listening_refused(&plan), "and is no refusal to listen");
    load("protect fd00:1::/32\nbypass fd00:2::5/128\ndiscard fd00::/8\nprotect");
    check(
        gives(
            "::", false, 0,
            "fd00:1::1=BG fd00:2::5=AG fd00:2::4=BB fd00:2::6=BB fd00::1=BB fdff::1=BB fe00::1=BG"),
        "IPv6, too");
    load("discard 10.0.0.0/8\nprotect 10.1.0.0/16\ndiscard");
    check(gives("0.0.0.0", false, 0, "10.1.0.1=BB 10.2.0.1=BB 11.0.0.1=BB"),
          "what is discarded first stays so");
    load("bypass 127.0.0.0/8 ::1/128\ndiscard");
    check(gives("::", true, 0, "10.1.0.1=BB fd00::1=BB") && plan.entries == 8,
          "loopback, which meets no floor, is not cut out");
    check(!listening_refused(&plan), "and may be listened for");
    load("discard 10.0.0.0/8\ndiscard");
    listen_at("0.0.0.0", false, 0);
    check(listening_refused(&plan), "all discarded, one by one, is a refusal");
    load("discard fd00::5/128\ndiscard");
    check(!listen_at("::", false, 0) && plan.entries == 4, "and costs no more entries than that");
    load("prefer 10.0.0.0/8\ndiscard");
    check(gives("0.0.0.0", false, BTNS_F_REQUIRE, "10.0.0.1=BG 11.0.0.1=BB"),
          "required, but for what is discarded");
}

/* A program that names its peers: charon's policies let nobody in; mandatory rules still apply. */
static void test_strict(void)
{
    load("protect");
    check(gives("0.0.0.0", false, 0, "10.0.0.1=BGCM"), "any key: charon's policy is enough");
    load("named");
    check(gives("0.0.0.0", false, 0, "10.0.0.1=BGBB"), "a name: nothing but a guard is");
    load("bypass 10.66.0.0/16\nnamed");
    check(gives("0.0.0.0", false, 0, "10.66.1.1=AGCM 10.67.1.1=BGBB 10.65.255.255=BGBB"),
          "who comes in the clear before it does not get round a mandatory rule");
    load("prefer 10.66.0.0/16\nnamed 10.0.0.0/8\nbypass");
    check(gives("0.0.0.0", false, 0, "10.66.1.1=AGCM 10.67.1.1=BGBB 11.0.0.1=AGCM"),
          "nor who comes behind it");
    load("protect 10.66.0.0/16\nnamed");
    check(gives("0.0.0.0", false, 0, "10.66.1.1=BGCM 10.67.1.1=BGBB"), "any key for some");
    load("named 10.66.0.0/16\nprotect");
    check(gives("0.0.0.0", false, 0, "10.66.1.1=BGBB 10.67.1.1=BGCM"), "a name for some");
    load("bypass 10.0.0.0/8\nnamed 10.66.0.0/16");
    check(gives("0.0.0.0", false, 0, "10.66.1.1=AGCM"), "a rule behind a wider one means nothing");
    load("discard 10.66.0.0/16\nnamed");
    check(gives("0.0.0.0", false, 0, "10.66.1.1=BBBB 10.67.1.1=BGBB"), "what is discarded is");
    load("named 10.66.0.0/16\ndiscard");
    check(gives("0.0.0.0", false, 0, "10.66.1.1=BGBB 10.67.1.1=BBBB"), "in either order");
    load("bypass @10.77.0.1\nnamed");
    check(listen_at("0.0.0.0", false, 0) == -ENOTSUP,
          "in the clear at one address, and on all of them: an error, nothing by guesswork");
    check(gives("10.77.0.2", false, 0, "10.0.0.1=BGBB"), "but not on the other alone");
    load("protect @10.77.0.1\nnamed");
    check(gives("0.0.0.0", false, 0, "10.0.0.1=BGBB"), "any key at one: the stricter holds there");
    load("named @10.77.0.1\nbypass");
    check(!listen_at("0.0.0.0", false, 0) && packets("10.77.0.1", "10.0.0.1=BGBB") &&
              packets("10.77.0.2", "10.0.0.1=AGCM"),
          "a name at one, anybody at the others");
    load("bypass 10.0.0.0/8\nnamed");
    check(gives("::", true, 0, "10.0.0.1=AGCM 11.0.0.1=BGBB fd00::1=BGBB"), "of both families");
    check(gives("0.0.0.0", false, BTNS_F_PREFER, "11.0.0.1=BGBB"), "no wish makes it less");
}

/* With another manager's SAs charon's policies let nobody in, and no wish weakens that. */
static void test_foreign_keys(void)
{
    char text[BTNS_TEXT_MAX];
    load("protect 10.0.0.0/8\nprotect");
    struct profile hand = *rules->rule[0].profile;
    hand.source = (struct key_source){.keys = KEYS_MANUAL, .reqid = 7, .peer = "x"};
    rules->rule[0].profile = &hand;
    check(gives("0.0.0.0", false, 0, "10.0.0.1=BGBB 11.0.0.1=BGCM"),
          "keys made by hand: nothing but a guard lets anybody in");
    check(plan.term[0].source && plan.term[0].source->reqid == 7 && !plan.term[1].source,
          "the floor's terms say by which SAs");
    listening_say(&plan, text, sizeof text);
    check(listening_blocks(&plan) && gives("0.0.0.0", false, BTNS_F_PREFER, "10.0.0.1=BGBB"),
          "no wish makes it less");
    rules->rule[1].profile = &hand;
    listen_at("0.0.0.0", false, 0);
    listening_say(&plan, text, sizeof text);
    check(strstr(text, "keys = manual, reqid 7, peer \"x\"") != NULL, "a person is told");
}

static void test_families(void)
{
    load("bypass 10.0.0.0/8\nprefer fd00::/8\nprotect");
    check(gives("::", true, 0, "10.0.0.1=AG 11.0.0.1=BG fd00::1=AG fe00::1=BG"),
          "an IPv6 socket that takes IPv4 has both");
    check(gives("::", false, 0, "10.0.0.1=-G fd00::1=AG fe00::1=BG"), "else IPv6 alone");
    check(gives("0.0.0.0", false, 0, "10.0.0.1=AG 11.0.0.1=BG fd00::1=-G fe00::1=-G"),
          "an IPv4 socket IPv4");
    load("protect");
    check(gives("10.77.0.1", false, 0, "10.0.0.1=BG") &&
              packet(SPD_IN, "10.0.0.1", "10.77.0.2", 0) == '-' && plan.entry[0].local_bits == 32,
          "one address of the host's is no other");
    check(gives("127.0.0.1", false, 0, "10.0.0.1=-G") && plan.self && listening_untouched(&plan),
          "a listener on loopback is left alone");
    check(gives("::1", false, BTNS_F_REQUIRE, "fd00::1=-G") && plan.self, "whatever is required");
}

static void test_floor_bounds(void)
{
    static char lines[40000];
    size_t n = (size_t)snprintf(lines, sizeof lines, "bypass");
    bool distinct = true;
    for (int i = 0; i < 200; i++)
        n += (size_t)snprintf(lines + n, sizeof lines - n, " 10.%d.0.0/16", i);
    snprintf(lines + n, sizeof lines - n, "\nprotect");
    load(lines);
    check(gives("0.0.0.0", false, 0, "10.0.0.1=AG 10.199.0.1=AG 10.200.0.1=BG"), "200 prefixes");
    for (size_t i = 0; i < plan.entries; i++)
        for (size_t j = i + 1; j < plan.entries; j++)
            distinct &= plan.entry[i].dir != plan.entry[j].dir ||
                        plan.entry[i].priority != plan.entry[j].priority;
    check(distinct && plan.entries == 402,
          "each has a priority of its own, lest the kernel orders");
    check(plan.entry[0].priority >= PRIO_FLOOR && plan.entry[401].priority <= PRIO_FLOOR_END,
          "in the floor's band");
    n = (size_t)snprintf(lines, sizeof lines, "protect");
    for (int i = 0; i < 6; i++)
        n += (size_t)snprintf(lines + n, sizeof lines - n, " fd00:%d::1:2/128", i);
    snprintf(lines + n, sizeof lines - n, "\ndiscard");
    load(lines);
    check(listen_at("::", false, 0) == -E2BIG, "too many entries: an error, nothing cut off");
}

static bool says(const char *local, uint32_t flags, enum plan_action action, const char *wanted)
{
    char text[BTNS_TEXT_MAX] = "";
    bool both = !strcmp(local, "::");
    enum plan_action got =
        listen_at(local, both, flags) ? PLAN_DENY : listening_say(&plan, text, sizeof text);
    bool ok = got == action && !strcmp(text, wanted);
    if (!ok)
        printf("# %d: %s\n# wanted %d: %s\n", got, text, action, wanted);
    return ok;
}

#define PROFILE(name) "; profile \"" name "\": esp transport aes256gcm16, identity known-key"

static void test_words(void)
{
    load("bypass 127.0.0.0/8 ::1/128\nprotect");
    check(says("0.0.0.0", 0, PLAN_PROTECT,
               "a peer anywhere is protected, or kept out, by rule \"r1\" (policy:4)" PROFILE(
                   "default") "\nbut from 127.0.0.0/8 it may come in the clear, by rule \"r0\" "
                              "(policy:3)"),
          "the rule that decides for anybody, and narrower ones");
    check(
        says("::", 0, PLAN_PROTECT,
             "a peer anywhere is protected, or kept out, by rule \"r1\" (policy:4)" PROFILE(
                 "default") "\nbut from ::1/128 it may come in the clear, by rule \"r0\" (policy:3)"
                            "\nbut from 127.0.0.0/8 it may come in the clear, by rule \"r0\" "
                            "(policy:3)"),
        "of both families");
    check(says("127.0.0.1", 0, PLAN_CLEAR, "only this host reaches it, untouched"), "loopback");
    load("protect 0.0.0.0/0");
    check(
        says("::", 0, PLAN_CLEAR,
             "an IPv6 peer anywhere may come in the clear; no rule matches"
             "\nan IPv4 peer anywhere is protected, or kept out, by rule \"r0\" (policy:3)" PROFILE(
                 "default")),
        "families that differ: the lesser one is the verdict");
    load("bypass");
    check(says("0.0.0.0", BTNS_F_REQUIRE, PLAN_PROTECT,
               "a peer anywhere is protected, or kept out, by rule \"r0\" (policy:3)" PROFILE(
                   "built-in")),
          "--require");
    check(says("0.0.0.0", BTNS_F_PREFER, PLAN_CLEAR,
               "a peer anywhere may come in the clear, by rule \"r0\" (policy:3)"),
          "--prefer of what is bypassed");
    load("");
    check(says("0.0.0.0", 0, PLAN_CLEAR, "a peer anywhere may come in the clear; no rule matches"),
          "no rule");
    load("discard");
    check(says("0.0.0.0", 0, PLAN_DENY,
               "a peer anywhere is kept out, protected or not, by rule \"r0\" (policy:3)"),
          "discard");
    char text[40];
    listening_say(&plan, text, sizeof text);
    check(strlen(text) == sizeof text - 1, "what does not fit is cut");
}

static void test_names(void)
{
    char text[BTNS_TEXT_MAX];
    load("bypass 10.0.0.0/8\nprotect 11.0.0.0/8\nprefer");
    listen_at("0.0.0.0", false, 0);
    listening_rule_text(&plan, text, sizeof text);
    check(!strcmp(text, "rule \"r1\" (policy:4)"), "named after the first that does more: %s",
          text);
    load("");
    listen_at("0.0.0.0", false, BTNS_F_REQUIRE);
    listening_rule_text(&plan, text, sizeof text);
    check(strstr(text, "required"), "or after the wish: %s", text);
}

int main(void)
{
    test_one_rule();
    test_order();
    test_discard();
    test_strict();
    test_foreign_keys();
    test_families();
    test_floor_bounds();
    test_words();
    test_names();
    rules_free(rules);
    return check_end();
}
