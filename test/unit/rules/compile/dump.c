/*
 * rules_dump DIR|FILE [admin]: prints the compiled generation, a rule a line, or why it was
 * refused. rules_dump --refused text|admin FILE...: prints for each file, a line each, why it was
 * refused.
 */
#include "btnsd/rules/compile/compile.h"
#include "btnsd/rules/files/source.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Loads the file as one of the administrator's; its owner is not checked. */
static struct rules *load_admins(const char *path, struct err *err)
{
    struct policy_text one;
    memset(&one, 0, sizeof one);
    struct rules *r =
        source_read_any(path, &one, err) ? NULL : policy_load_texts(path, &one, 1, err);
    free(one.text);
    return r;
}

/* Loads the file as a text that a user submits. */
static struct rules *load_file(const char *path, struct err *err)
{
    static char text[1 << 18];
    FILE *f = fopen(path, "r");
    if (!f) {
        perror(path);
        exit(2);
    }
    size_t n = fread(text, 1, sizeof text, f);
    fclose(f);
    return rules_load_text(path, text, n, err);
}

static void print_prefixes(const char *name, const struct prefix *p, size_t n)
{
    char ip[BTNS_ADDR_STR];
    for (size_t i = 0; i < n; i++)
        printf("%s%s/%u", i ? "," : name, btns_addr_ip_str(&p[i].net, ip), p[i].bits);
}

static void print_numbers(const char *name, const uint32_t *number, size_t n)
{
    for (size_t i = 0; i < n; i++)
        printf("%s%u", i ? "," : name, number[i]);
}

static void print_texts(const char *name, char **text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        printf("%s%s", i ? "," : name, text[i]);
}

static void print_values(const struct rule *r)
{
    print_prefixes(" remote=", r->remote, r->remotes);
    for (size_t i = 0; i < r->ports; i++)
        printf("%s%u-%u", i ? "," : " port=", r->port[i].from, r->port[i].to);
    print_prefixes(" local=", r->local, r->locals);
    print_numbers(" user=", r->user, r->users);
    print_numbers(" group=", r->group, r->groups);
    print_texts(" cgroup=", r->cgroup, r->cgroups);
    print_texts(" interface=", r->interface, r->interfaces);
    if (r->peer)
        printf(" peer=%s", seen_name(r->peer));
    print_texts(" match=", r->match, r->matches);
}

static void print_source(const struct key_source *s)
{
    if (s->keys == KEYS_SYSTEM)
        printf(" keys=system(%s,%s,%s)", s->connection, s->child, s->peer);
    if (s->keys == KEYS_MANUAL)
        printf(" keys=manual(%u,%s,%s)", s->reqid, s->peer, s->accept_no_replay ? "yes" : "no");
}

static void print_rule(const struct rule *r)
{
    char who[DEMAND_STR];
    const char *file = strrchr(r->file, '/');
    printf("%s:%u %s/%s at=%s%s%s %s", file ? file + 1 : r->file, r->line, r->program, r->name,
           r->at_connect ? point_name(POINT_CONNECT) : "", r->at_connect && r->at_accept ? "," : "",
           r->at_accept ? point_name(POINT_ACCEPT) : "", action_name(r->action));
    if (r->log)
        printf(",log");
    if (r->sign)
        printf(",sign(%s%s)", r->sign->auth == SIGN_AO ? "ao " : "", r->sign->file);
    if (r->random_port)
        printf(",random-port");
    if (r->no_downgrade)
        printf(",no-downgrade");
    if (r->profile) {
        printf(" profile=%s(%s,%s,%u)", r->profile->name, r->profile->suite,
               demand_str(&r->profile->who, who), r->profile->timeout_ms);
        print_source(&r->profile->source);
        if (r->profile->source.lifetime)
            printf(" lifetime=%u", r->profile->source.lifetime);
    }
    print_values(r);
    if (r->unresolved)
        printf(" unresolved=%s", r->unresolved);
    if (r->rank == RANK_MANDATORY)
        printf(" mandatory: %s", r->reason);
    putchar('\n');
}

/* Compiles each file as a user's text or as the administrator's. Returns 0 if all are refused. */
static int print_refusals(bool admin, char **file)
{
    int taken = 0;
    for (; *file; file++) {
        struct err err = {"no reason given"};
        struct rules *r = admin ? load_admins(*file, &err) : load_file(*file, &err);
        printf("%s\n", r ? "is taken" : err.text);
        taken += r != NULL;
        rules_free(r);
    }
    return taken != 0;
}

int main(int argc, char **argv)
{
    if (argc > 3 && !strcmp(argv[1], "--refused"))
        return print_refusals(!strcmp(argv[2], "admin"), argv + 3);
    struct err err = {"no reason given"};
    struct stat st;
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: rules_dump DIR|FILE [admin]\n");
        return 2;
    }
    int is_file = !stat(argv[1], &st) && S_ISREG(st.st_mode);
    struct rules *r = argc == 3 ? load_admins(argv[1], &err)
                      : is_file ? load_file(argv[1], &err)
                                : rules_load(argv[1], &err);
    if (!r) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    for (size_t i = 0; i < r->n; i++)
        print_rule(&r->rule[i]);
    rules_free(r);
    return 0;
}
