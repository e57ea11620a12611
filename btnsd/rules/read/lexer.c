/*
 * Splits a policy's text into tokens. libconfuse 3.3 drops octets it does not know (an unquoted `*`
 * among them), takes the end of the text for the end of a comment, expands ${...} from the
 * environment, counts a comment's line three times and does not allow one inside a list. So the
 * lexer refuses what libconfuse would drop, and blanks what libconfuse would misread.
 */
#include "btnsd/rules/read/lexer.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The octet at distance `ahead`, or -1 behind the end. */
static int peek_octet(const struct policy_lexer *x, size_t ahead)
{
    return ahead < x->len - x->at ? (unsigned char)x->text[x->at + ahead] : -1;
}

static bool text_starts_with(const struct policy_lexer *x, const char *word)
{
    size_t n = strlen(word);
    return x->len - x->at >= n && !memcmp(x->text + x->at, word, n);
}

static void is_blank_octet(struct policy_lexer *x)
{
    if (x->text[x->at] != '\n') {
        x->text[x->at++] = ' ';
        return;
    }
    x->line++;
    x->line_at = ++x->at;
}

static int skip_block_comment(struct policy_lexer *x, struct policy_fault *f)
{
    unsigned line = x->line;
    is_blank_octet(x);
    is_blank_octet(x);
    while (!text_starts_with(x, "*/")) {
        if (peek_octet(x, 0) < 0)
            return policy_fault(f, line, "this comment is never closed: \"*/\" is missing");
        is_blank_octet(x);
    }
    is_blank_octet(x);
    is_blank_octet(x);
    return 0;
}

static int skip_blanks_and_comments(struct policy_lexer *x, struct policy_fault *f)
{
    for (;;) {
        int c = peek_octet(x, 0);
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            is_blank_octet(x);
        } else if (c == '#' || text_starts_with(x, "//")) {
            while (peek_octet(x, 0) >= 0 && peek_octet(x, 0) != '\n')
                is_blank_octet(x);
        } else if (text_starts_with(x, "/*")) {
            int rc = skip_block_comment(x, f);
            if (rc)
                return rc;
        } else {
            return 0;
        }
    }
}

static int append_octet(struct policy_token *t, size_t *n, int c, struct policy_fault *f)
{
    char quoted[POLICY_QUOTED];
    if (*n + 1 >= sizeof t->text)
        return policy_fault(f, t->line, "%s is longer than %d octets", fault_quote(quoted, t->text),
                            POLICY_VALUE_MAX - 1);
    t->text[(*n)++] = (char)c;
    t->text[*n] = 0;
    return 0;
}

/* Octets that a string may not hold, because libconfuse or a person could misread them. */
static int check_string_octet(const struct policy_lexer *x, int quote, unsigned line,
                              struct policy_fault *f)
{
    int c = peek_octet(x, 0), after = peek_octet(x, 1);
    if (c < 0 || c == '\n')
        return policy_fault(f, line, "this string is not closed on its line: %c is missing", quote);
    if (iscntrl(c))
        return policy_fault(f, line, "a string holds the control character 0x%02x", (unsigned)c);
    if (c == '$' && after == '{')
        return policy_fault(f, line, "\"${\" in a string: policies cannot use the environment");
    if (c == '\\' && after != '\\' && after != quote)
        return policy_fault(f, line, "a \\ in a string stands only before \\ or %c: write \\\\",
                            quote);
    return 0;
}

static int take_string_token(struct policy_lexer *x, struct policy_token *t, struct policy_fault *f)
{
    int quote = peek_octet(x, 0), rc;
    size_t n = 0;
    t->kind = TOKEN_STRING;
    for (x->at++; peek_octet(x, 0) != quote; x->at++) {
        if ((rc = check_string_octet(x, quote, t->line, f)))
            return rc;
        if (peek_octet(x, 0) == '\\')
            x->at++;
        if ((rc = append_octet(t, &n, peek_octet(x, 0), f)))
            return rc;
    }
    x->at++;
    return 0;
}

static bool is_word_octet(int c)
{
    return c > 0 && c < 0x80 && (isalnum(c) || strchr("_-.:/", c));
}

static int take_word_token(struct policy_lexer *x, struct policy_token *t, struct policy_fault *f)
{
    char quoted[POLICY_QUOTED];
    size_t n = 0;
    t->kind = TOKEN_WORD;
    for (; is_word_octet(peek_octet(x, 0)); x->at++) {
        int rc = append_octet(t, &n, peek_octet(x, 0), f);
        if (rc)
            return rc;
    }
    if (strstr(t->text, "//") || (t->text[n - 1] == '/' && peek_octet(x, 0) == '*'))
        return policy_fault(f, t->line, "%s could hold a comment: put it in quotes",
                            fault_quote(quoted, t->text));
    return 0;
}

static int refuse_token(const struct policy_lexer *x, const struct policy_token *t,
                        struct policy_fault *f)
{
    static const struct {
        const char *text, *reason;
    } known[] = {
        {"+=", "\"+=\" is not known: write the whole list after \"=\""},
        {"(", "\"(\" is not known: there are no functions, and no include: put each file into the "
              "policy directory"},
        {"\xef\xbb\xbf", "a byte order mark: save the file without one"},
        {"${", "\"${\" is not known: policies cannot use the environment"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (text_starts_with(x, known[i].text))
            return policy_fault(f, t->line, "%s", known[i].reason);
    int c = peek_octet(x, 0);
    if (c >= 0x80 || !isprint(c))
        return policy_fault(f, t->line, "octet 0x%02x outside a string", (unsigned)c);
    return policy_fault(f, t->line, "\"%c\" outside a string: put the whole value in quotes", c);
}

static int take_token(struct policy_lexer *x, struct policy_token *t, struct policy_fault *f)
{
    int c = peek_octet(x, 0);
    if (c < 0) {
        t->kind = TOKEN_END;
    } else if (strchr("{}=,", c)) {
        t->kind = (enum policy_token_kind)c;
        snprintf(t->text, sizeof t->text, "%c", c);
        x->at++;
    } else if (c == '"' || c == '\'') {
        return take_string_token(x, t, f);
    } else if (is_word_octet(c)) {
        return take_word_token(x, t, f);
    } else {
        return refuse_token(x, t, f);
    }
    return 0;
}

int lexer_next(struct policy_lexer *x, struct policy_token *t, struct policy_fault *f)
{
    int rc = skip_blanks_and_comments(x, f);
    if (rc)
        return rc;
    size_t begin = x->at;
    t->line = x->line;
    t->column = (unsigned)(begin - x->line_at);
    t->text[0] = 0;
    rc = take_token(x, t, f);
    t->width = (unsigned)(x->at - begin);
    return rc;
}
