/* An inner address is reached in BEET mode, or not at all: the rule's action and the wish. TAP. */
#include "btnsd/plan/connect_plan.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"

#include <netinet/in.h>
#include <string.h>

int main(void)
{
    static const char profiles[] =
        "format = 1\nprofile \"b\" { mode = beet }\nprofile \"t\" { mode = transport }\n";
    static const struct {
        const char *rule;
        uint32_t flags;
        int protocol;
        const char *unreachable;
        enum plan_action plan;
        const char *why;
    } cases[] = {
        {"protect profile = \"b\"", 0, IPPROTO_TCP, NULL, PLAN_PROTECT, ""},
        {"protect profile = \"b\"", BTNS_F_PREFER, IPPROTO_TCP, NULL, PLAN_PROTECT, ""},
        {"protect profile = \"b\"", BTNS_F_BYPASS, IPPROTO_TCP, NULL, PLAN_REFUSE, "in the clear"},
        {"protect profile = \"b\"", 0, IPPROTO_TCP, "no key", PLAN_REFUSE, "no key"},
        {"protect profile = \"t\"", 0, IPPROTO_TCP, NULL, PLAN_REFUSE, "mode = beet"},
        {"prefer profile = \"t\"", 0, IPPROTO_TCP, NULL, PLAN_REFUSE, "mode = beet"},
        {"protect profile = \"t\" protocol = udp", 0, IPPROTO_UDP, NULL, PLAN_REFUSE, "TCP only"},
        {"bypass", 0, IPPROTO_TCP, NULL, PLAN_REFUSE, "in the clear"},
        {"bypass", BTNS_F_REQUIRE, IPPROTO_TCP, NULL, PLAN_REFUSE, "mode = beet"},
        {"discard", 0, IPPROTO_TCP, NULL, PLAN_DENY, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[400];
        struct err err = {""};
        struct plan p = {0};
        int n = snprintf(text, sizeof text,
                         "%sprogram \"p\" { match = { \"*\" }\nrule \"r\" { action = %s } }\n",
                         profiles, cases[i].rule);
        struct rules *rules = rules_load_text("policy", text, (size_t)n, &err);
        const struct view v = {.host = rules};
        struct connect_question q = {.rules = {.point = POINT_CONNECT,
                                               .program = "/usr/bin/p",
                                               .protocol = cases[i].protocol,
                                               .remote = addr("fd62:746e:7300::1", 80)},
                                     .flags = cases[i].flags,
                                     .may_bypass = true,
                                     .inner = true,
                                     .unreachable = cases[i].unreachable};
        if (rules)
            plan_connect(&v, &q, &p);
        check(rules && p.action == cases[i].plan && strstr(p.why, cases[i].why),
              "%s, flags %x, to an inner address: %d, %s (L24)", cases[i].rule, cases[i].flags,
              p.action, err.text[0] ? err.text : p.why);
        q.no_latch = BTNS_R_NO_LATCH;
        q.recent = q.without = "nobody answered";
        if (rules)
            plan_connect(&v, &q, &p);
        check(p.action != PLAN_WITHOUT && p.action != PLAN_CLEAR && p.action != PLAN_PREFER,
              "and never in the clear: %d", p.action);
        rules_free(rules);
    }
    return check_end();
}
