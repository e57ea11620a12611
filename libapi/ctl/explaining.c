/* btnsctl explain: what btnsd would decide about a program and an address, and why. */
#include "commands.h"
#include "explain.h"
#include "find.h"
#include "json.h"
#include "target.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* btnsd knows a process by /proc/PID/exe, which has no symbolic links in it. */
static int executable_of(const char *name, char real[PATH_MAX], struct err *err)
{
    char path[PATH_MAX];
    int ret = find_program(name, path, err);
    if (ret)
        return ret;
    if (realpath(path, real))
        return 0;
    ret = -errno;
    err_set(err, "%.400s: %s", path, strerror(-ret));
    return ret;
}

static void print_json(struct json *j, const struct explain_question *q,
                       const struct btns_verdict_msg *v)
{
    char ip[BTNS_ADDR_STR];
    json_begin_list(j);
    json_open(j, NULL, '{');
    json_string(j, "program", q->program);
    json_string(j, "at", q->flags & BTNS_F_ACCEPT ? "accept" : "connect");
    json_string(j, "address", btns_addr_ip_str(&q->address, ip));
    json_number(j, "port", q->address.port);
    json_string(j, "verdict", explain_verdict(v->verdict));
    json_string(j, "error", v->error ? strerrorname_np((int)v->error) : NULL);
    json_string(j, "text", v->text);
    json_close(j, '}');
}

/* btnsd's text may have several lines: one for each rule it looked at. */
static void print_lines(const char *text)
{
    char clean[BTNS_TEXT_MAX * 4 + 32], line[BTNS_TEXT_MAX];
    while (*text) {
        size_t n = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)n, text);
        printf("  %s\n", text_clean(clean, sizeof clean, line));
        text += n + (text[n] == '\n');
    }
}

static void print_text(const struct explain_question *q, const struct btns_verdict_msg *v)
{
    char path[PATH_MAX], address[BTNS_ADDR_STR];
    const char *error = v->error ? strerrorname_np((int)v->error) : NULL;
    printf("%s %s %s: %s%s%s\n", text_clean(path, sizeof path, q->program),
           q->flags & BTNS_F_ACCEPT ? "accepting at" : "connecting to",
           btns_addr_str(&q->address, address), explain_verdict(v->verdict), error ? ": " : "",
           error ? error : "");
    print_lines(v->text);
}

static int explain_each(const struct ctl *c, struct explain_question *q,
                        const struct btns_addr *address, size_t n, struct err *err)
{
    struct json j = {.to = stdout};
    for (size_t i = 0; i < n; i++) {
        struct btns_verdict_msg v;
        q->address = address[i];
        if (explain_ask(c->socket, q, &v, err))
            return CTL_FAILED;
        if (c->json)
            print_json(&j, q, &v);
        else
            print_text(q, &v);
    }
    if (c->json)
        json_close(&j, ']');
    return CTL_OK;
}

int ctl_explain(const struct ctl *c, struct err *err)
{
    char program[PATH_MAX];
    struct btns_addr address[TARGET_MAX];
    size_t n;
    struct explain_question q = {.program = program, .flags = c->accept ? BTNS_F_ACCEPT : 0};

    int ret = target_parse(c->args[1], address, &n, err);
    if (ret)
        return ret == -EINVAL ? CTL_USAGE : CTL_FAILED;
    if (executable_of(c->args[0], program, err))
        return CTL_FAILED;
    return explain_each(c, &q, address, n, err);
}
