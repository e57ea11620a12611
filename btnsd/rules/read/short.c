/* Finds the short rules and peers in a policy's text, and replaces them by their long form. */
#include "btnsd/rules/read/short.h"

#include "btnsd/rules/read/short_rule.h"
#include "libapi/wire/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct rewriting {
    struct policy_lexer lexer;
    struct policy_token token;
    size_t begin;  /* of the token */
    size_t copied; /* the text up to here is in `out` */
    struct policy_stream out;
    struct short_peers peers;
    struct short_rule *rule;
    size_t rules, room;
    struct policy_long *l;
    struct policy_fault *f;
};

static int no_memory_for_short(struct policy_fault *f)
{
    policy_fault(f, 0, "out of memory");
    return -ENOMEM;
}

static int next_short_token(struct rewriting *w)
{
    int rc = lexer_next(&w->lexer, &w->token, w->f);
    w->begin = w->lexer.at - w->token.width;
    return rc;
}

static int copy_short_until(struct rewriting *w, size_t end)
{
    if (record_append(&w->out, w->lexer.text + w->copied, end - w->copied))
        return no_memory_for_short(w->f);
    w->copied = end;
    return 0;
}

static int check_earlier_rules(struct rewriting *w, const struct short_rule *r)
{
    for (const struct short_rule *e = w->rule; e < w->rule + w->rules; e++)
        if (short_covers(e, r))
            return policy_fault(w->f, r->line,
                                "this rule %s line %u, which decides about all of its connections "
                                "first: %s",
                                e->verb == r->verb ? "repeats" : "contradicts", e->line,
                                e->verb == r->verb ? "leave one out"
                                                   : "put the narrower rule before the wider one");
    return 0;
}

static int keep_rule(struct rewriting *w, struct short_rule **kept)
{
    if (w->rules == SHORT_RULES_MAX)
        return policy_fault(w->f, w->token.line, "more than %d rules on one line in this file",
                            SHORT_RULES_MAX);
    struct short_rule *more = array_grow(w->rule, &w->room, w->rules + 1, sizeof *more);
    if (!more)
        return no_memory_for_short(w->f);
    w->rule = more;
    *kept = &more[w->rules];
    **kept = (struct short_rule){0};
    return 0;
}

static int rewrite_rule(struct rewriting *w)
{
    struct short_rule *r = NULL;
    size_t end = w->lexer.at;
    int rc = copy_short_until(w, w->begin);
    if (!rc)
        rc = keep_rule(w, &r);
    if (rc)
        return rc;
    rc = short_rule_read(&w->lexer, &w->token, r, &end, w->f);
    if (!rc)
        rc = check_earlier_rules(w, r);
    w->rules++; /* to be freed, whatever is wrong with it */
    if (!rc)
        rc = short_print(r, &w->peers, &w->out, w->f);
    if (!rc && w->out.len > SHORT_TEXT_MAX)
        rc = policy_fault(w->f, r->line,
                          "what the rules of this file stand for is longer than %u octets",
                          SHORT_TEXT_MAX);
    if (r->line <= w->l->lines)
        w->l->is_short[r->line] = true;
    w->copied = end;
    w->begin = w->lexer.at - w->token.width;
    return rc;
}

/* A rule may have used this name before as a host's; from here on it would be a peer's. */
static int check_short_peers_used(struct rewriting *w)
{
    char quoted[POLICY_QUOTED];
    const struct short_peer *p = &w->peers.peer[w->peers.n - 1];
    for (const struct short_rule *r = w->rule; r < w->rule + w->rules; r++) {
        const struct short_values *hosts = short_hosts(r);
        for (size_t i = 0; hosts && i < hosts->n; i++)
            if (!strcmp(hosts->item[i], p->name))
                return policy_fault(w->f, p->line,
                                    "peer %s is named on line %u already: put the peer before it",
                                    fault_quote(quoted, p->name), r->line);
    }
    return 0;
}

/* Removes a peer section, but keeps its line ends, so that what follows stays on its line. */
static int drop_short_peer(struct rewriting *w)
{
    int rc = copy_short_until(w, w->begin);
    if (!rc)
        rc = short_peer_read(&w->lexer, &w->token, &w->peers, w->f);
    if (!rc)
        rc = check_short_peers_used(w);
    for (size_t at = w->copied; !rc && at < w->lexer.at; at++)
        if (w->lexer.text[at] == '\n' && record_append(&w->out, "\n", 1))
            rc = no_memory_for_short(w->f);
    w->copied = w->lexer.at;
    return rc ? rc : next_short_token(w);
}

/* Skips a statement of the long form: field = value, field = { ... }, or name "..." { ... }. */
static int pass_long_statement(struct rewriting *w)
{
    unsigned depth = 0;
    int rc = next_short_token(w);
    bool field = !rc && w->token.kind == TOKEN_EQUALS;
    if (!rc && field)
        rc = next_short_token(w);
    else if (!rc && w->token.kind != TOKEN_OPEN && w->token.kind != TOKEN_END)
        rc = next_short_token(w); /* a section's title */
    if (!rc && w->token.kind != TOKEN_OPEN)
        return field && w->token.kind != TOKEN_END ? next_short_token(w) : 0;
    while (!rc && w->token.kind != TOKEN_END) {
        depth += w->token.kind == TOKEN_OPEN;
        depth -= w->token.kind == TOKEN_CLOSE;
        rc = next_short_token(w);
        if (!depth)
            break;
    }
    return rc;
}

/* Returns 1 if the lexer refuses the long form; the scanner will refuse it again. */
static int rewrite_statement(struct rewriting *w)
{
    bool word = w->token.kind == TOKEN_WORD;
    if (word && short_verb_find(w->token.text) != SHORT_VERBS)
        return rewrite_rule(w);
    if (word && !strcmp(w->token.text, "peer"))
        return drop_short_peer(w);
    return pass_long_statement(w) ? 1 : 0;
}

static int rewrite_short(struct rewriting *w, const char *text, size_t len)
{
    if (memchr(text, 0, len))
        return policy_fault(w->f, 0, "holds a NUL octet: not a text file");
    char *copy = malloc(len + 1);
    int rc = copy ? 0 : no_memory_for_short(w->f);
    if (copy)
        memcpy(copy, text, len);
    w->lexer = (struct policy_lexer){.text = copy, .len = len, .line = 1};
    if (!rc && next_short_token(w))
        rc = 1;
    /*
     * A file that begins with a verb is refused by the scanner, because its format must come first.
     */
    if (!rc && (w->token.kind != TOKEN_WORD || strcmp(w->token.text, "format")))
        rc = 1;
    while (!rc && w->token.kind != TOKEN_END)
        rc = rewrite_statement(w);
    if (rc == 1) {
        *w->f = (struct policy_fault){.file = w->f->file};
        rc = 0;
        /*
         * The lexer has replaced comments by blanks; an octet at which it stopped is still in the
         * text.
         */
        memcpy(copy + w->copied, text + w->copied, len - w->copied);
    }
    if (!rc)
        rc = copy_short_until(w, len);
    free(copy);
    return rc;
}

static size_t count_short_lines(const char *text, size_t len)
{
    size_t n = 1;
    for (size_t i = 0; i < len; i++)
        n += text[i] == '\n';
    return n;
}

int short_to_long(const char *text, size_t len, struct policy_long *l, struct policy_fault *f)
{
    struct rewriting w = {.l = l, .f = f};
    *l = (struct policy_long){.lines = count_short_lines(text, len)};
    l->is_short = calloc(l->lines + 1, sizeof *l->is_short);
    int rc = l->is_short ? rewrite_short(&w, text, len) : no_memory_for_short(f);
    if (!rc && record_append(&w.out, "", 1))
        rc = no_memory_for_short(f);
    for (size_t i = 0; i < w.rules; i++)
        short_rule_free(&w.rule[i]);
    free(w.rule);
    short_peers_free(&w.peers);
    l->text = w.out.data;
    l->len = w.out.len ? w.out.len - 1 : 0;
    return rc;
}

void short_long_free(struct policy_long *l)
{
    free(l->text);
    free(l->is_short);
    *l = (struct policy_long){0};
}

bool short_line_is(const struct policy_long *l, unsigned line)
{
    return l->is_short && line <= l->lines && l->is_short[line];
}
