/* Prints each step of btnsctl verify as a line of text or as JSON. */
#include "btnsd/ctl/verify/report.h"

#include "libapi/tool/json.h"
#include "libapi/tool/text.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>

bool report_step(struct report *r, bool ok, const char *fmt, ...)
{
    va_list ap;
    r->failed |= !ok;
    if (r->n == REPORT_STEPS)
        return ok;
    struct step *s = &r->step[r->n++];
    s->ok = ok;
    va_start(ap, fmt);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    vsnprintf(s->text, sizeof s->text, fmt, ap);
#pragma GCC diagnostic pop
    va_end(ap);
    return ok;
}

static void print_report_json(const struct report *r)
{
    struct json j = {.to = stdout};
    const struct subject *s = r->subject;
    char ip[BTNS_ADDR_STR], actions[RULE_ACTIONS];
    json_open_record(&j, NULL);
    json_string(&j, "rule", s->rule->name);
    json_string(&j, "program", s->rule->program);
    json_string(&j, "file", s->rule->file);
    json_number(&j, "line", s->rule->line);
    json_string(&j, "action", rule_actions(s->rule, actions));
    json_string(&j, "at", point_name(s->accept ? POINT_ACCEPT : POINT_CONNECT));
    json_string(&j, "executable", s->program);
    json_string(&j, "address", btns_addr_ip_str(&s->to, ip));
    json_number(&j, "port", s->to.port);
    json_number(&j, "time", (uint64_t)time(NULL));
    json_string(&j, "result", r->failed ? "failed" : "verified");
    json_open(&j, "steps", '[');
    for (unsigned i = 0; i < r->n; i++) {
        json_open(&j, NULL, '{');
        json_string(&j, "result", r->step[i].ok ? "ok" : "failed");
        json_string(&j, "text", r->step[i].text);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_close(&j, '}');
}

void report_print(const struct report *r, bool json)
{
    const struct subject *s = r->subject;
    char actions[RULE_ACTIONS];
    char to[BTNS_ADDR_STR], clean[4 * sizeof r->step[0].text + 32], path[PATH_MAX];
    if (json) {
        print_report_json(r);
        return;
    }
    printf("%s/%s (%s:%u): %s, tried as %s %s %s\n", s->rule->program, s->rule->name, s->rule->file,
           s->rule->line, rule_actions(s->rule, actions), text_clean(path, sizeof path, s->program),
           s->accept ? "accepting at" : "connecting to", btns_addr_str(&s->to, to));
    for (unsigned i = 0; i < r->n; i++)
        printf("  %-6s  %s\n", r->step[i].ok ? "ok" : "FAILED",
               text_clean(clean, sizeof clean, r->step[i].text));
    puts(r->failed ? "the rule could not be shown to hold" : "the rule holds");
}
