/* Reads one short rule: its words may come in any order, each once, with their values. */
#include "btnsd/rules/read/short_rule.h"

#include "libapi/wire/array.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 256 /* values of one word, because rules are compared with each other */

static const char *const verbs[SHORT_VERBS] = {
    [SHORT_PROTECT] = "protect",
    [SHORT_PREFER] = "prefer",
    [SHORT_BYPASS] = "bypass",
    [SHORT_DENY] = "deny",
};

enum takes { NOTHING, ONE, SEVERAL };
static const struct {
    const char *name;
    enum takes takes;
} words[SHORT_WORDS] = {
    [SHORT_ALWAYS] = {"always", NOTHING},
    [SHORT_LOG] = {"log", NOTHING},
    [SHORT_NO_DOWNGRADE] = {"no-downgrade", NOTHING},
    [SHORT_ALL] = {"all", NOTHING},
    [SHORT_IN] = {"in", NOTHING},
    [SHORT_OUT] = {"out", NOTHING},
    [SHORT_TCP] = {"tcp", NOTHING},
    [SHORT_UDP] = {"udp", NOTHING},
    [SHORT_TO] = {"to", SEVERAL},
    [SHORT_FROM] = {"from", SEVERAL},
    [SHORT_WITH] = {"with", SEVERAL},
    [SHORT_PORT] = {"port", SEVERAL},
    [SHORT_USER] = {"user", SEVERAL},
    [SHORT_GROUP] = {"group", SEVERAL},
    [SHORT_PROGRAM] = {"program", SEVERAL},
    [SHORT_PROFILE] = {"profile", ONE},
    [SHORT_IDENTITY] = {"identity", ONE},
    [SHORT_BECAUSE] = {"because", ONE},
    [SHORT_LABEL] = {"label", ONE},
};

enum short_verb short_verb_find(const char *word)
{
    unsigned v = 0;
    while (v < SHORT_VERBS && strcmp(verbs[v], word))
        v++;
    return (enum short_verb)v;
}

static int no_memory_for_rule(struct policy_fault *f)
{
    policy_fault(f, 0, "out of memory");
    return -ENOMEM;
}

static int add_short_value(struct short_values *v, const char *text, unsigned line,
                           struct policy_fault *f)
{
    if (v->n == VALUES_MAX)
        return policy_fault(f, line, "more than %d values in one list of a rule on one line",
                            VALUES_MAX);
    char **more = array_grow(v->item, &v->room, v->n + 1, sizeof *more);
    if (!more)
        return no_memory_for_rule(f);
    v->item = more;
    if (!(v->item[v->n] = strdup(text)))
        return no_memory_for_rule(f);
    v->n++;
    return 0;
}

static void free_short_values(struct short_values *v)
{
    for (size_t i = 0; i < v->n; i++)
        free(v->item[i]);
    free(v->item);
    *v = (struct short_values){0};
}

void short_rule_free(struct short_rule *r)
{
    for (int w = 0; w < SHORT_WORDS; w++)
        free_short_values(&r->value[w]);
}

/* ---- words */

struct reading {
    struct policy_lexer *x;
    struct policy_token *token;
    struct short_rule *r;
    size_t *end; /* end of the last token that was read */
    struct policy_fault *f;
};

static bool is_on_rules_line(const struct reading *s)
{
    return s->token->kind != TOKEN_END && s->token->line == s->r->line;
}

static int next_rule_token(struct reading *s)
{
    *s->end = s->x->at;
    return lexer_next(s->x, s->token, s->f);
}

static bool is_rule_value(const struct reading *s)
{
    return is_on_rules_line(s) && (s->token->kind == TOKEN_WORD || s->token->kind == TOKEN_STRING);
}

static int find_rule_word(const struct reading *s)
{
    for (int w = 0; s->token->kind == TOKEN_WORD && w < SHORT_WORDS; w++)
        if (!strcmp(words[w].name, s->token->text))
            return w;
    return -1;
}

static int take_rule_value(struct reading *s, enum short_word word)
{
    int other = find_rule_word(s);
    if (!is_rule_value(s) || other >= 0)
        return policy_fault(s->f, s->r->line, "\"%s\" wants a value behind it%s%s%s",
                            words[word].name, other >= 0 ? ", not the word \"" : "",
                            other >= 0 ? words[other].name : "",
                            other >= 0 ? "\" (a value of that name stands in quotes)" : "");
    char number[16], quoted[POLICY_QUOTED];
    const char *text = s->token->text;
    unsigned port = word == SHORT_PORT ? port_of_name(text) : 0;
    if (word == SHORT_PORT && !port && (*text < '0' || *text > '9'))
        return policy_fault(s->f, s->r->line,
                            "%s is no service that is known here: write its number",
                            fault_quote(quoted, text));
    snprintf(number, sizeof number, "%u", port);
    int rc = add_short_value(&s->r->value[word], port ? number : text, s->r->line, s->f);
    return rc ? rc : next_rule_token(s);
}

static int take_rule_values(struct reading *s, enum short_word word)
{
    int rc = take_rule_value(s, word);
    while (!rc && is_on_rules_line(s) && s->token->kind == TOKEN_COMMA) {
        rc = words[word].takes == SEVERAL
                 ? next_rule_token(s)
                 : policy_fault(s->f, s->r->line, "\"%s\" takes one value", words[word].name);
        if (!rc)
            rc = take_rule_value(s, word);
    }
    return rc;
}

static int take_rule_word(struct reading *s)
{
    char quoted[POLICY_QUOTED];
    int w = find_rule_word(s);
    if (w < 0)
        return policy_fault(
            s->f, s->r->line,
            "%s is not known in a rule on one line; known are: always, log, in, out, "
            "tcp, udp, to, from, with, port, user, group, program, profile, "
            "identity, all, because, label, no-downgrade",
            fault_quote(quoted, s->token->text));
    if (s->r->given[w])
        return policy_fault(s->f, s->r->line,
                            "\"%s\" is given twice: keep one, with a list behind it",
                            words[w].name);
    s->r->given[w] = true;
    int rc = next_rule_token(s);
    return rc || words[w].takes == NOTHING ? rc : take_rule_values(s, (enum short_word)w);
}

/* ---- words that contradict each other */

static const struct {
    enum short_word one, other;
    const char *why;
} never_both[] = {
    {SHORT_IN, SHORT_OUT, "leave both out for a rule about both"},
    {SHORT_IN, SHORT_TO, "\"to\" is about this host's own connections: write \"from\""},
    {SHORT_OUT, SHORT_FROM, "\"from\" is about connections to this host: write \"to\""},
    {SHORT_TCP, SHORT_UDP, "write a rule for each"},
    {SHORT_TO, SHORT_FROM, "write \"with\" for both directions"},
    {SHORT_TO, SHORT_WITH, "keep one of them"},
    {SHORT_FROM, SHORT_WITH, "keep one of them"},
};

static bool has_short_condition(const struct short_rule *r)
{
    for (int w = SHORT_IN; w <= SHORT_PROGRAM; w++)
        if (r->given[w])
            return true;
    return false;
}

static int check_rule_words(const struct short_rule *r, struct policy_fault *f)
{
    const char *verb = verbs[r->verb];
    bool guards = r->verb == SHORT_PROTECT || r->verb == SHORT_PREFER;
    for (size_t i = 0; i < sizeof never_both / sizeof *never_both; i++)
        if (r->given[never_both[i].one] && r->given[never_both[i].other])
            return policy_fault(f, r->line, "\"%s\" and \"%s\" contradict each other: %s",
                                words[never_both[i].one].name, words[never_both[i].other].name,
                                never_both[i].why);
    if (r->given[SHORT_ALL] && has_short_condition(r))
        return policy_fault(f, r->line,
                            "\"all\" is a rule about every connection, and this one names some: "
                            "leave \"all\" out");
    if (!r->given[SHORT_ALL] && !has_short_condition(r))
        return policy_fault(f, r->line, "%s what? Say which connections, or \"%s all\"", verb,
                            verb);
    if (r->given[SHORT_ALWAYS] != r->given[SHORT_BECAUSE])
        return policy_fault(f, r->line,
                            "\"always\" and \"because\" go together: who may not weaken a rule is "
                            "told why");
    if (r->verb != SHORT_PREFER && r->given[SHORT_NO_DOWNGRADE])
        return policy_fault(f, r->line,
                            "\"no-downgrade\" goes with \"prefer\" alone: it is for what may go in "
                            "the clear");
    if (!guards && (r->given[SHORT_PROFILE] || r->given[SHORT_IDENTITY]))
        return policy_fault(f, r->line, "\"%s\" has no meaning with \"%s\", which protects nothing",
                            words[r->given[SHORT_PROFILE] ? SHORT_PROFILE : SHORT_IDENTITY].name,
                            verb);
    return 0;
}

int short_rule_read(struct policy_lexer *x, struct policy_token *token, struct short_rule *r,
                    size_t *end, struct policy_fault *f)
{
    struct reading s = {x, token, r, end, f};
    *r = (struct short_rule){.verb = short_verb_find(token->text), .line = token->line};
    int rc = next_rule_token(&s);
    while (!rc && is_on_rules_line(&s))
        rc = take_rule_word(&s);
    return rc ? rc : check_rule_words(r, f);
}

/* ---- comparing rules */

const struct short_values *short_hosts(const struct short_rule *r)
{
    for (int w = SHORT_TO; w <= SHORT_WITH; w++)
        if (r->given[w])
            return &r->value[w];
    return NULL;
}

int short_direction(const struct short_rule *r)
{
    if (r->given[SHORT_IN] || r->given[SHORT_FROM])
        return SHORT_IN;
    return r->given[SHORT_OUT] || r->given[SHORT_TO] ? SHORT_OUT : -1;
}

static bool has_short_value(const struct short_values *v, const char *text)
{
    for (size_t i = 0; i < v->n; i++)
        if (!strcmp(v->item[i], text))
            return true;
    return false;
}

/* Is each of the later values also one of the earlier ones? No values stand for all. */
static bool short_values_cover(const struct short_values *earlier, const struct short_values *later)
{
    if (!earlier || !earlier->n)
        return true;
    for (size_t i = 0; later && i < later->n; i++)
        if (!has_short_value(earlier, later->item[i]))
            return false;
    return later && later->n;
}

bool short_covers(const struct short_rule *earlier, const struct short_rule *later)
{
    int direction = short_direction(earlier);
    if (later->given[SHORT_ALWAYS] && !earlier->given[SHORT_ALWAYS])
        return false;
    if (direction >= 0 && direction != short_direction(later))
        return false;
    if (earlier->given[SHORT_UDP] != later->given[SHORT_UDP]) /* a rule is for tcp without either */
        return false;
    for (int w = SHORT_PORT; w <= SHORT_PROGRAM; w++)
        if (!short_values_cover(&earlier->value[w], &later->value[w]))
            return false;
    return short_values_cover(short_hosts(earlier), short_hosts(later));
}
