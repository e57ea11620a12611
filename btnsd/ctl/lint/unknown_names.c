/* Checks the names in a policy: hosts that only DNS knows, and peers that btnsd does not know. */
#include "btnsd/ctl/lint/lint.h"
#include "btnsd/ike/peers/peers.h"
#include "btnsd/ike/peers/revoked.h"
#include "btnsd/rules/read/lookup.h"
#include "libapi/client/ask.h"
#include "libapi/wire/key.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Is the name one of those on a line of /etc/hosts? */
static bool is_name_in_hosts_line(char *line, const char *name)
{
    char *rest = line, *word;
    line[strcspn(line, "#\n")] = '\0';
    bool address = true;
    while ((word = strsep(&rest, " \t"))) {
        if (!*word)
            continue;
        if (!address && !strcasecmp(word, name))
            return true;
        address = false;
    }
    return false;
}

static bool is_name_in_hosts_file(const char *name)
{
    char line[2048];
    bool found = false;
    FILE *f = fopen("/etc/hosts", "re");
    while (f && !found && fgets(line, sizeof line, f))
        found = is_name_in_hosts_line(line, name);
    if (f)
        fclose(f);
    return found;
}

/*
 * Reports host names that only DNS can resolve, and rules by which the kernel would block btnsd's
 * own DNS queries.
 */
static void check_unknown_names(struct lint *l)
{
    for (size_t i = 0; l->place && i < l->rules->n; i++) {
        const struct rule *r = &l->rules->rule[i];
        if (lint_selector_binds_all(r) && r->at_connect && lint_datagrams_has_dns(r))
            finding_say(
                l, finding_check_named(l, "dns-waits"), i, finding_value_node(l, i, "mandatory", 0),
                "write addresses instead of names, or put the names into /etc/hosts",
                "the kernel stops btnsd's own questions to name servers, too, and other rules "
                "have names that only DNS knows: those rules fail closed");
    }
}

static bool check_unknown_host_name(struct lint *l, unsigned file, const struct policy_node *node)
{
    if (is_name_in_hosts_file(node->text))
        return false;
    struct lint_finding *f = finding_add(l, finding_check_named(l, "by-dns"), file, node->line);
    f->column = node->column;
    f->width = node->width;
    snprintf(f->why, sizeof f->why,
             "%.100s is not in /etc/hosts: an answer of DNS decides which host the rule is for",
             node->text);
    snprintf(f->instead, sizeof f->instead, "write its address, or put the name into /etc/hosts");
    return true;
}

void lint_unknown_names(struct lint *l)
{
    bool asks = false;
    for (unsigned i = 0; i < l->files; i++)
        for (size_t k = 0; k < l->tree[i].n; k++) {
            const struct policy_node *node = &l->tree[i].node[k];
            if (node->field != NODE_SECTION &&
                policy_schema[node->section].field[node->field].names == LOOKUP_HOST &&
                lookup_is_name(LOOKUP_HOST, node->text))
                asks |= check_unknown_host_name(l, i, node);
        }
    if (asks)
        check_unknown_names(l);
}

/* ---- peers */

struct search {
    const char *name;
    bool found;
};

static int compare_unknown_peer_name(void *arg, const union btns_reply *record, struct err *err)
{
    struct search *s = arg;
    (void)err;
    s->found |= !strcmp(record->peer.name, s->name);
    return 0;
}

static bool has_field_peer_names(const struct policy_node *node)
{
    return node->field != NODE_SECTION &&
           !strcmp(policy_schema[node->section].field[node->field].name, "permit");
}

void lint_revoked_names(struct lint *l)
{
    char where[REVOKED_WHERE];
    struct btns_key key;
    for (unsigned i = 0; i < l->files; i++)
        for (size_t k = 0; k < l->tree[i].n; k++) {
            const struct policy_node *node = &l->tree[i].node[k];
            if (!has_field_peer_names(node) || !btns_key_parse(&key, node->text) ||
                !revoked_has(l->revoked, &key, where))
                continue;
            struct lint_finding *f =
                finding_add(l, finding_check_named(l, "revoked-key"), i, node->line);
            f->column = node->column;
            f->width = node->width;
            snprintf(f->why, sizeof f->why, "the key is revoked (%.200s): nobody is accepted by it",
                     where);
            snprintf(f->instead, sizeof f->instead, "write the peer's new key, or its name");
        }
}

void lint_unknown_peers(struct lint *l, const char *socket)
{
    struct err ignored;
    for (unsigned i = 0; i < l->files; i++)
        for (size_t k = 0; k < l->tree[i].n; k++) {
            const struct policy_node *node = &l->tree[i].node[k];
            struct search s = {.name = node->text};
            if (!has_field_peer_names(node) || !btns_peer_name_ok(node->text) ||
                (l->fleet && peers_by_name(l->fleet, node->text)))
                continue;
            if (ask_list(socket, BTNS_REQ_PEERS, BTNS_REP_PEER, compare_unknown_peer_name, &s,
                         &ignored))
                return; /* only btnsd knows the peers */
            if (s.found)
                continue;
            struct lint_finding *f =
                finding_add(l, finding_check_named(l, "no-peer"), i, node->line);
            f->column = node->column;
            f->width = node->width;
            snprintf(f->why, sizeof f->why,
                     "no known peer is called %.100s: nobody is accepted under this name",
                     node->text);
            snprintf(f->instead, sizeof f->instead,
                     "give a peer that name (btnsctl peers), or write its key");
        }
}
