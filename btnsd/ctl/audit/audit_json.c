/* Prints the audit as one JSON object. */
#include "btnsd/ctl/audit/audit_report.h"

#include "libapi/tool/json.h"

static void audit_json_settings(struct json *j, const struct settings *s, struct audit_count *count)
{
    json_open(j, "settings", '[');
    for (unsigned i = 0; i < setting_rows_n; i++) {
        char why[SETTING_TEXT], advice[SETTING_TEXT];
        enum verdict v = setting_judge(&setting_rows[i], s->value[i], why, advice);
        json_open(j, NULL, '{');
        json_string(j, "name", setting_rows[i].name);
        json_string_or_null(j, "value", s->value[i]);
        json_string(j, "verdict", verdict_name(v));
        json_string(j, "why", why);
        json_string_or_null(j, "advice", advice);
        json_close(j, '}');
        count->of[v]++;
    }
    json_close(j, ']');
}

static void audit_json_row(void *arg, const struct audit_row *r)
{
    struct json *j = arg;
    json_open(j, NULL, '{');
    json_string(j, "row", r->row);
    json_string(j, "family", r->family == AF_INET ? "ipv4" : "ipv6");
    if (r->pass)
        json_bool(j, "timestamps", r->pass->stamps);
    else
        json_string(j, "timestamps", NULL);
    json_string(j, "sent", r->sent);
    json_string(j, "came_back", r->came);
    json_string(j, "expected", r->expected);
    json_string(j, "verdict", verdict_name(r->verdict));
    json_close(j, '}');
}

static void audit_json_left_out(struct json *j, const struct selftest *t)
{
    json_open(j, "left_out", '[');
    for (unsigned i = 0; t->done && i < PASSES; i++) {
        if (t->pass[i].done)
            continue;
        json_open(j, NULL, '{');
        json_string(j, "family", t->pass[i].family == AF_INET ? "ipv4" : "ipv6");
        json_bool(j, "timestamps", t->pass[i].stamps);
        json_bool(j, "on_purpose", t->pass[i].left_out);
        json_string(j, "why", t->pass[i].why.text);
        json_close(j, '}');
    }
    json_close(j, ']');
}

bool audit_print_json(const struct audit *a)
{
    struct json j = {.to = stdout};
    struct audit_count n = {{0}};
    json_open_record(&j, NULL);
    audit_json_settings(&j, &a->settings, &n);
    json_string_or_null(&j, "no_test", a->test->why.text);
    json_string(&j, "namespace", a->here ? "here" : "private");
    json_string_or_null(&j, "unlike_host", a->test->unlike.text);
    json_open(&j, "test", '[');
    if (a->test->done) {
        struct audit_count rows = audit_rows(a->test, audit_json_row, &j);
        for (unsigned v = 0; v < 4; v++)
            n.of[v] += rows.of[v];
    }
    json_close(&j, ']');
    audit_json_left_out(&j, a->test);
    for (unsigned v = 0; v < 4; v++)
        json_number(&j, verdict_name((enum verdict)v), n.of[v]);
    json_close(&j, '}');
    return selftest_whole(a->test) && !n.of[VERDICT_BAD];
}
