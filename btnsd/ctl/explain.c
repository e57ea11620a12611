/* btnsctl explain: shows btnsd's decision about a program and an address, and the reason. */
#include "btnsd/ctl/about.h"
#include "btnsd/ctl/commands.h"
#include "btnsd/ctl/explain_rules.h"
#include "btnsd/ctl/user.h"
#include "libapi/client/explain_question.h"
#include "libapi/tool/find.h"
#include "libapi/tool/json.h"
#include "libapi/tool/target.h"
#include "libapi/tool/text.h"
#include "libapi/wire/service.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

/* Resolves links, as btnsd knows a process by /proc/PID/exe, which has no symbolic links in it. */
static int explained_executable(const char *name, char real[PATH_MAX], struct err *err)
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

static int parse_explained_protocol(const char *text, uint32_t *number, struct err *err)
{
    *number = protocol_number(text);
    if (*number)
        return 0;
    err_set(err, "'%s' is no protocol: write tcp or udp", text);
    return -EINVAL;
}

/* Sets the user of the process, and the groups that this user gets at login. */
static int parse_explained_user(const char *text, struct explain_question *q, struct err *err)
{
    int groups = BTNS_EXPLAIN_GROUPS, rc = user_parse(text, &q->uid, err);
    const struct passwd *pw = rc ? NULL : getpwuid(q->uid);
    if (pw && getgrouplist(pw->pw_name, pw->pw_gid, q->gid, &groups) < 0) {
        err_set(err, "--user: %s is in more than %d groups: more cannot be asked about", text,
                BTNS_EXPLAIN_GROUPS);
        return -E2BIG; /* with only some of the groups, the answer could be wrong */
    }
    q->gids = pw ? (uint32_t)groups : 0;
    return rc;
}

static void print_explanation_json(struct json *j, const struct explain_question *q,
                                   const struct btns_verdict_msg *v,
                                   const struct candidates *candidates)
{
    char ip[BTNS_ADDR_STR];
    json_begin_list(j);
    json_open_record(j, NULL);
    json_string(j, "program", q->program);
    json_string(j, "at", q->flags & BTNS_F_ACCEPT ? "accept" : "connect");
    json_string(j, "address", btns_addr_ip_str(&q->address, ip));
    json_number(j, "port", q->address.port);
    json_string(j, "protocol", protocol_name((int)q->protocol));
    json_string(j, "verdict", explain_question_verdict(v->verdict));
    json_string(j, "error", v->error ? strerrorname_np((int)v->error) : NULL);
    json_string(j, "text", v->text);
    about_json(j, &v->about);
    explain_rules_json(candidates, j);
    json_close(j, '}');
}

/*
 * The length of the first two lines of the reason. For a listener the second line says which other
 * peers may come in.
 */
static size_t brief_explanation_length(const char *text)
{
    size_t n = strcspn(text, "\n");
    return text[n] ? n + 1 + strcspn(text + n + 1, "\n") : n;
}

static void print_explanation(const struct explain_question *q, const struct btns_verdict_msg *v,
                              bool verbose)
{
    char text[sizeof v->text];
    char path[PATH_MAX], address[BTNS_ADDR_STR];
    const char *error = v->error ? strerrorname_np((int)v->error) : NULL;
    printf("%s %s %s: %s%s%s\n", text_clean(path, sizeof path, q->program),
           q->flags & BTNS_F_ACCEPT ? "accepting at" : "connecting to",
           btns_addr_str(&q->address, address), explain_question_verdict(v->verdict),
           error ? ": " : "", error ? error : "");
    /* There is one record for each rule that was compared. */
    snprintf(text, sizeof text, "%.*s",
             (int)(verbose ? sizeof text - 1 : brief_explanation_length(v->text)), v->text);
    fputs("  ", stdout);
    text_print(text, "  ");
}

static int explain_each(const struct ctl *c, struct explain_question *q,
                        const struct btns_addr *address, size_t n, struct err *err)
{
    struct json j = {.to = stdout};
    for (size_t i = 0; i < n; i++) {
        struct btns_verdict_msg v;
        struct candidates candidates = {0};
        q->address = address[i];
        int ret = explain_candidates(c->socket, q, explain_rules_add, &candidates, &v, err);
        if (!ret && c->json)
            print_explanation_json(&j, q, &v, &candidates);
        else if (!ret)
            print_explanation(q, &v, c->verbose);
        if (!ret && !c->json) {
            char line[ABOUT_LINE];
            explain_rules_print(&candidates, c->verbose);
            if (c->verbose && v.about.outcome)
                printf("  %s\n", about_line(&v.about, line));
        }
        explain_rules_free(&candidates);
        if (ret)
            return ctl_exit(ret);
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
    struct explain_question q = {.program = program,
                                 .flags = c->accept ? BTNS_F_ACCEPT : 0,
                                 .protocol = PROTOCOL_UNSAID,
                                 .uid = BTNS_UID_OWN,
                                 .cgroup = c->cgroup};

    int ret = c->n == 3 ? parse_explained_protocol(c->args[1], &q.protocol, err) : 0;
    if (!ret && c->user)
        ret = parse_explained_user(c->user, &q, err);
    if (!ret)
        ret = target_parse(c->args[c->n - 1], address, &n, err);
    if (ret)
        return ret == -EINVAL ? CTL_USAGE : CTL_FAILED;
    if (explained_executable(c->args[0], program, err))
        return CTL_FAILED;
    return explain_each(c, &q, address, n, err);
}
