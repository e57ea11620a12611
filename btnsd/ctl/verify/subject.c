/* Finds the rule to verify, a program that it matches, and the address to try. */
#include "btnsd/ctl/verify/verify.h"
#include "libapi/tool/target.h"
#include "libapi/wire/service.h"

#include <errno.h>
#include <glob.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool subject_rule_is_named(const struct rule *r, const char *name)
{
    size_t n = strlen(r->program);
    return !strcmp(r->name, name) ||
           (!strncmp(name, r->program, n) && name[n] == '/' && !strcmp(name + n + 1, r->name));
}

const struct rule *subject_rule(const struct rules *r, const char *name, struct err *err)
{
    const struct rule *found = NULL;
    for (size_t i = 0; i < r->n; i++) {
        if (!subject_rule_is_named(&r->rule[i], name))
            continue;
        if (found) {
            err_set(err, "two rules have that name: write %s/%s or %s/%s", found->program,
                    found->name, r->rule[i].program, r->rule[i].name);
            return NULL;
        }
        found = &r->rule[i];
    }
    if (!found)
        err_set(err, "no rule of the host's policy is called '%s': write PROGRAM/RULE", name);
    return found;
}

/* For a script, /proc/PID/exe is its interpreter. */
static bool is_subject_executable(const char *path)
{
    char magic[4] = "";
    struct stat st;
    FILE *f =
        !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK) ? fopen(path, "rb") : NULL;
    bool elf =
        f && fread(magic, 1, sizeof magic, f) == sizeof magic && !memcmp(magic, "\177ELF", 4);
    if (f)
        fclose(f);
    return elf;
}

/* Finds the first file that the pattern matches; for "*", which is not a path, this program. */
static bool expand_subject_glob(const char *pattern, char out[PATH_MAX])
{
    glob_t g;
    bool found = false;
    if (pattern[0] != '/')
        return realpath("/proc/self/exe", out) != NULL;
    if (glob(pattern, GLOB_NOSORT, NULL, &g))
        return false;
    for (size_t i = 0; !found && i < g.gl_pathc; i++)
        found = is_subject_executable(g.gl_pathv[i]) && realpath(g.gl_pathv[i], out);
    globfree(&g);
    return found;
}

static int find_subject_program(struct subject *s, struct err *err)
{
    for (size_t i = 0; i < s->rule->matches; i++)
        if (expand_subject_glob(s->rule->match[i], s->program))
            return 0;
    if (!s->rule->matches && expand_subject_glob("*", s->program))
        return 0;
    err_set(err, "no program that the rule \"%s\" (%s:%u) is about is installed here",
            s->rule->name, s->rule->file, s->rule->line);
    return -ENOENT;
}

static bool is_subject_single_host(const struct prefix *p)
{
    return p->bits == btns_addr_bits(&p->net);
}

int subject_find(struct subject *s, const char *target, struct err *err)
{
    struct btns_addr address[TARGET_MAX];
    const struct rule *r = s->rule;
    size_t n;
    if (!(r->protocols & rule_protocol_bit(s->protocol)))
        s->protocol = IPPROTO_UDP;
    if (s->accept && protocol_is_datagrams(s->protocol)) {
        err_set(err,
                "the rule \"%s\" (%s:%u) is about datagrams that come in: nothing answers a "
                "stranger's, so verify cannot see whether it was let in; see `btnsctl explain "
                "--accept PROGRAM udp HOST:PORT`",
                r->name, r->file, r->line);
        return -ENOTSUP;
    }
    if (target) {
        int rc = target_parse(target, address, &n, err);
        if (rc)
            return rc;
        s->to = address[0];
    } else if (!s->accept && r->remotes == 1 && is_subject_single_host(r->remote) &&
               r->ports == 1 && r->port->from == r->port->to) {
        s->to = r->remote->net;
        s->to.port = r->port->from;
    } else {
        err_set(err,
                "the rule \"%s\" (%s:%u) is about more than one address and port: say which "
                "HOST:PORT to try",
                r->name, r->file, r->line);
        return -EINVAL;
    }
    return find_subject_program(s, err);
}
