/* btns-run --check: reports every step of the plan and btnsd's verdicts, and runs nothing. */
#include "shim/run/check.h"

#include "libapi/client/explain_question.h"
#include "libapi/tool/target.h"
#include "libapi/tool/text.h"
#include "shim/run/exits.h"

#include <sys/socket.h>

static void print_check_line(const char *name, const char *outcome, const char *text)
{
    struct err err;
    char clean[4 * sizeof err.text + 32];
    printf("%-8s  %s%s\n", name, outcome, text_clean(clean, sizeof clean, text));
}

/* Prints btnsd's verdict on connecting to this address or listening on it. */
static void check_verdict(const struct plan *p, uint32_t point, const struct btns_addr *address)
{
    struct btns_verdict_msg v;
    struct err err;
    char where[BTNS_ADDR_STR];
    const uint32_t by_mode[] = {[MODE_RULES] = 0,
                                [MODE_PREFER] = BTNS_F_PREFER,
                                [MODE_REQUIRE] = BTNS_F_REQUIRE,
                                [MODE_BYPASS] = BTNS_F_BYPASS};
    const struct explain_question q = {.program = p->program.image,
                                       .flags = point | by_mode[p->orders.mode],
                                       .policy = p->orders.policy,
                                       .address = *address};
    const char *name = point & BTNS_F_ACCEPT ? "accept" : "connect";

    if (explain_ask(ask_socket(), &q, &v, &err)) {
        print_check_line(name, "not known: ", err.text);
        return;
    }
    printf("%-8s  %s%s: %s: ", name, p->wish->to ? "" : "for instance ",
           btns_addr_str(address, where), explain_question_verdict(v.verdict));
    text_print(v.text, "          ");
}

/*
 * Without --to, shows two samples: a connection to another host (an address of RFC 5737, which no
 * host has) and a listener on this host.
 */
static void check_samples(const struct plan *p)
{
    static const struct btns_addr elsewhere = {AF_INET, 80, 0, {192, 0, 2, 1}};
    static const struct btns_addr here = {AF_INET, 80, 0, {0}};
    check_verdict(p, 0, &elsewhere);
    check_verdict(p, BTNS_F_ACCEPT, &here);
}

static int check_verdicts(const struct plan *p)
{
    struct btns_addr address[TARGET_MAX];
    struct err err;
    size_t n;

    if (!p->wish->to) {
        check_samples(p);
        return 0;
    }
    if (target_parse(p->wish->to, address, &n, &err)) {
        print_check_line("connect", "not known: ", err.text);
        return EXIT_OWN_FAILURE;
    }
    for (size_t i = 0; i < n; i++)
        check_verdict(p, 0, &address[i]);
    return 0;
}

int check_report(struct plan *p)
{
    int status = 0;
    for (const struct step *s = plan_steps; s->name; s++) {
        struct err err = {0};
        int outcome = s->run(p, &err);
        print_check_line(s->name,
                         outcome == STEP_WARNS ? "WARNING: "
                         : outcome             ? "NO: "
                                               : "",
                         err.text);
        if (outcome && outcome != STEP_WARNS && !status)
            status = outcome;
        if (outcome >= EXIT_OWN_FAILURE && s->vital)
            break;
    }
    if (!status && p->btnsd)
        status = check_verdicts(p);
    if (status)
        printf("result    it would not be run: exit status %d\n", status);
    else
        printf("result    it would be run, covered by %s\n", !p->orders.mark ? "the shim"
                                                             : p->shimmed
                                                                 ? "the shim and a supervisor"
                                                                 : "a supervisor");
    return status;
}
