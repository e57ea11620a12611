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

static void put_text(struct printing *p, const char *text)
{
    if (!p->rc && policy_append(p->out, text, strlen(text))) {
        policy_fault(p->f, 0, "out of memory");
        p->rc = -ENOMEM;
    }
}

static void put_quoted(struct printing *p, const char *text)
{
    char one[3] = "\\";
    put_text(p, "\"");
    for (; *text; text++) {
        one[1] = *text;
        put_text(p, *text == '"' || *text == '\\' ? one : (char[2]){*text});
    }
    put_text(p, "\"");
}

static void put_list(struct printing *p, const char *field, char *const *item, size_t n)
{
    put_text(p, field);
    put_text(p, " = { ");
    for (size_t i = 0; i < n; i++) {
        put_text(p, i ? ", " : "");
        put_quoted(p, item[i]);
    }
    put_text(p, " } ");
}

static void put_word(struct printing *p, const char *field, enum short_word word)
{
    if (!p->r->given[word])
        return;
    put_text(p, field);
    put_text(p, " = ");
    put_quoted(p, p->r->value[word].item[0]);
    put_text(p, " ");
}

static void put_conditions(struct printing *p)
{
    const struct short_rule *r = p->r;
    int direction = short_direction(r);
    if (direction >= 0)
        put_text(p, direction == SHORT_IN ? "at = { accept } " : "at = { connect } ");
    if (r->given[SHORT_TCP] || r->given[SHORT_UDP])
        put_text(p, r->given[SHORT_TCP] ? "protocol = tcp " : "protocol = udp ");
    if (r->given[SHORT_PORT])
        put_list(p, "port", r->value[SHORT_PORT].item, r->value[SHORT_PORT].n);
    if (r->given[SHORT_USER])
        put_list(p, "user", r->value[SHORT_USER].item, r->value[SHORT_USER].n);
    if (r->given[SHORT_GROUP])
        put_list(p, "group", r->value[SHORT_GROUP].item, r->value[SHORT_GROUP].n);
}

static void put_action(struct printing *p)
{
    put_text(p, "action = { ");
    put_text(p, verbs[p->r->verb].action);
    put_text(p, p->r->given[SHORT_NO_DOWNGRADE] ? ", no-downgrade" : "");
    put_text(p, p->r->given[SHORT_LOG] ? ", log } " : " } ");
    put_word(p, "profile", SHORT_PROFILE);
    if (p->r->given[SHORT_ALWAYS]) {
        put_text(p, "mandatory = true ");
        put_word(p, "reason", SHORT_BECAUSE);
    }
}

/*
 * peer: the rule is for this peer's address and key; NULL: for the hosts in `hosts`, of any
 * identity.
 */
static void put_rule(struct printing *p, const struct short_peer *peer, char *const *hosts,
                     size_t n)
{
    char name[128];
    snprintf(name, sizeof name, "%s%s%s", verbs[p->r->verb].name, peer ? "-" : "",
             peer ? peer->name : "");
    put_text(p, "rule ");
    put_quoted(p, name);
    put_text(p, " { ");
    put_conditions(p);
    if (peer)
        put_list(p, "remote", peer->address.item, peer->address.n);
    else if (n)
        put_list(p, "remote", hosts, n);
    put_action(p);
    if (peer) {
        put_text(p, "identity = named ");
        put_list(p, "permit", &peer->key, 1);
    } else {
        put_word(p, "identity", SHORT_IDENTITY);
    }
    put_text(p, "} ");
}

/* A peer's key matters for `protect`; other rules use only its address. */
static int check_peer(const struct printing *p)
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

static void put_peers(struct printing *p, const struct short_values *hosts,
                      const struct short_peers *peers)
{
    char *plain[256];
    size_t n = 0;
    for (size_t i = 0; hosts && i < hosts->n && !p->rc; i++) {
        const struct short_peer *peer = short_peer_find(peers, hosts->item[i]);
        bool by_key = peer && (p->r->verb == SHORT_PROTECT || p->r->verb == SHORT_PREFER);
        if (by_key && !(p->rc = check_peer(p)))
            put_rule(p, peer, NULL, 0);
        for (size_t k = 0; !by_key && k < (peer ? peer->address.n : 1) && !p->rc; k++) {
            if (n == sizeof plain / sizeof *plain)
                p->rc = policy_fault(p->f, p->r->line, "more than %zu addresses in one rule", n);
            else
                plain[n++] = peer ? peer->address.item[k] : hosts->item[i];
        }
    }
    if (!hosts || n)
        put_rule(p, NULL, plain, n);
}

int short_print(const struct short_rule *r, const struct short_peers *peers,
                struct policy_stream *out, struct policy_fault *f)
{
    static char every_program[] = "*";
    char *any = every_program, name[32];
    struct printing p = {r, out, f, 0};
    const struct short_values *programs = &r->value[SHORT_PROGRAM];
    snprintf(name, sizeof name, "line-%u", r->line);
    put_text(&p, "program ");
    put_quoted(&p, r->given[SHORT_LABEL] ? r->value[SHORT_LABEL].item[0] : name);
    put_text(&p, " { ");
    put_list(&p, "match", programs->n ? programs->item : &any, programs->n ? programs->n : 1);
    put_peers(&p, short_hosts(r), peers);
    put_text(&p, "}");
    return p.rc;
}
