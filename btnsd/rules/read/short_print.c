/*
 * Writes a short rule in the long form: a program section with a rule, or one section for each
 * peer.
 */
#include "btnsd/rules/read/short_rule.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *action;
} verbs[SHORT_VERBS] = {
    [SHORT_PROTECT] = {"protect", "protect"},
    [SHORT_PREFER] = {"prefer", "prefer"},
    [SHORT_BYPASS] = {"bypass", "bypass"},
    [SHORT_DENY] = {"deny", "discard"},
};

struct printing {
    const struct short_rule *r;
    struct policy_stream *out;
    struct policy_fault *f;
    int rc;
};

static void print_short_text(struct printing *p, const char *text)
{
    if (!p->rc && record_append(p->out, text, strlen(text))) {
        policy_fault(p->f, 0, "out of memory");
        p->rc = -ENOMEM;
    }
}

static void print_short_quoted(struct printing *p, const char *text)
{
    char one[3] = "\\";
    print_short_text(p, "\"");
    for (; *text; text++) {
        one[1] = *text;
        print_short_text(p, *text == '"' || *text == '\\' ? one : (char[2]){*text});
    }
    print_short_text(p, "\"");
}

static void print_short_list(struct printing *p, const char *field, char *const *item, size_t n)
{
    print_short_text(p, field);
    print_short_text(p, " = { ");
    for (size_t i = 0; i < n; i++) {
        print_short_text(p, i ? ", " : "");
        print_short_quoted(p, item[i]);
    }
    print_short_text(p, " } ");
}

static void print_short_word(struct printing *p, const char *field, enum short_word word)
{
    if (!p->r->given[word])
        return;
    print_short_text(p, field);
    print_short_text(p, " = ");
    print_short_quoted(p, p->r->value[word].item[0]);
    print_short_text(p, " ");
}

static void print_short_conditions(struct printing *p)
{
    const struct short_rule *r = p->r;
    int direction = short_direction(r);
    if (direction >= 0)
        print_short_text(p, direction == SHORT_IN ? "at = { accept } " : "at = { connect } ");
    if (r->given[SHORT_TCP] || r->given[SHORT_UDP])
        print_short_text(p, r->given[SHORT_TCP] ? "protocol = tcp " : "protocol = udp ");
    if (r->given[SHORT_PORT])
        print_short_list(p, "port", r->value[SHORT_PORT].item, r->value[SHORT_PORT].n);
    if (r->given[SHORT_USER])
        print_short_list(p, "user", r->value[SHORT_USER].item, r->value[SHORT_USER].n);
    if (r->given[SHORT_GROUP])
        print_short_list(p, "group", r->value[SHORT_GROUP].item, r->value[SHORT_GROUP].n);
}

static void print_short_action(struct printing *p)
{
    print_short_text(p, "action = { ");
    print_short_text(p, verbs[p->r->verb].action);
    print_short_text(p, p->r->given[SHORT_NO_DOWNGRADE] ? ", no-downgrade" : "");
    print_short_text(p, p->r->given[SHORT_LOG] ? ", log } " : " } ");
    print_short_word(p, "profile", SHORT_PROFILE);
    if (p->r->given[SHORT_ALWAYS]) {
        print_short_text(p, "mandatory = true ");
        print_short_word(p, "reason", SHORT_BECAUSE);
    }
}

/*
 * peer: the rule is for this peer's address and key; NULL: for the hosts in `hosts`, of any
 * identity.
 */
static void print_short_rule(struct printing *p, const struct short_peer *peer, char *const *hosts,
                             size_t n)
{
    char name[128];
    snprintf(name, sizeof name, "%s%s%s", verbs[p->r->verb].name, peer ? "-" : "",
             peer ? peer->name : "");
    print_short_text(p, "rule ");
    print_short_quoted(p, name);
    print_short_text(p, " { ");
    print_short_conditions(p);
    if (peer)
        print_short_list(p, "remote", peer->address.item, peer->address.n);
    else if (n)
        print_short_list(p, "remote", hosts, n);
    print_short_action(p);
    if (peer) {
        print_short_text(p, "identity = named ");
        print_short_list(p, "permit", &peer->key, 1);
    } else {
        print_short_word(p, "identity", SHORT_IDENTITY);
    }
    print_short_text(p, "} ");
}

/* A peer's key matters for `protect`; other rules use only its address. */
static int check_printed_peer(const struct printing *p)
{
    if (p->r->verb == SHORT_PREFER)
        return policy_fault(p->f, p->r->line,
                            "\"prefer\" goes on in the clear where a peer's key is not proved: "
                            "write \"protect\", or the peer's address");
    if (p->r->given[SHORT_IDENTITY])
        return policy_fault(p->f, p->r->line,
                            "a peer's identity is its key: leave \"identity\" out, or write the "
                            "peer's address");
    return 0;
}

static void print_short_peers(struct printing *p, const struct short_values *hosts,
                              const struct short_peers *peers)
{
    char *plain[256];
    size_t n = 0;
    for (size_t i = 0; hosts && i < hosts->n && !p->rc; i++) {
        const struct short_peer *peer = short_peer_find(peers, hosts->item[i]);
        bool by_key = peer && (p->r->verb == SHORT_PROTECT || p->r->verb == SHORT_PREFER);
        if (by_key && !(p->rc = check_printed_peer(p)))
            print_short_rule(p, peer, NULL, 0);
        for (size_t k = 0; !by_key && k < (peer ? peer->address.n : 1) && !p->rc; k++) {
            if (n == sizeof plain / sizeof *plain)
                p->rc = policy_fault(p->f, p->r->line, "more than %zu addresses in one rule", n);
            else
                plain[n++] = peer ? peer->address.item[k] : hosts->item[i];
        }
    }
    if (!hosts || n)
        print_short_rule(p, NULL, plain, n);
}

int short_print(const struct short_rule *r, const struct short_peers *peers,
                struct policy_stream *out, struct policy_fault *f)
{
    static char every_program[] = "*";
    char *any = every_program, name[32];
    struct printing p = {r, out, f, 0};
    const struct short_values *programs = &r->value[SHORT_PROGRAM];
    snprintf(name, sizeof name, "line-%u", r->line);
    print_short_text(&p, "program ");
    print_short_quoted(&p, r->given[SHORT_LABEL] ? r->value[SHORT_LABEL].item[0] : name);
    print_short_text(&p, " { ");
    print_short_list(&p, "match", programs->n ? programs->item : &any,
                     programs->n ? programs->n : 1);
    print_short_peers(&p, short_hosts(r), peers);
    print_short_text(&p, "}");
    return p.rc;
}
