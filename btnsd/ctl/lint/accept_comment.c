/* Drops findings that the policy's author accepts, by a comment: # check: accept NAME, NAME */
#include "btnsd/ctl/lint/lint.h"

#include <string.h>

static const char mark[] = "# check: accept ";

/* Finds the beginning of a line of the text; NULL: the text has no such line. */
static const char *find_commented_line(const struct policy_text *t, unsigned line)
{
    const char *at = t->text, *end = t->text + t->len;
    for (unsigned n = 1; at && n < line; n++) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    return at && at < end ? at : NULL;
}

static size_t comment_line_length(const struct policy_text *t, const char *at)
{
    const char *newline = memchr(at, '\n', (size_t)(t->text + t->len - at));
    return (size_t)((newline ? newline : t->text + t->len) - at);
}

/* Finds the names behind the mark on that line; NULL: no mark. *len: up to the line's end. */
static const char *names_in_comment(const struct policy_text *t, const char *at, size_t *len)
{
    size_t all = comment_line_length(t, at);
    const char *found = memmem(at, all, mark, sizeof mark - 1);
    if (!found)
        return NULL;
    found += sizeof mark - 1;
    *len = (size_t)(at + all - found);
    return found;
}

static bool comment_has_name(const char *names, size_t len, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = names; at < names + len;) {
        at += strspn(at, ", ");
        size_t word = strcspn(at, ", \r\n");
        if (at + word > names + len || !word)
            return false;
        if (word == n && !memcmp(at, name, n))
            return true;
        at += word;
    }
    return false;
}

static bool is_comment(const char *line)
{
    line += strspn(line, " \t");
    return *line == '#';
}

/* Is the finding accepted, on its own line or by a comment right above it? */
static bool is_accepted_by_comment(const struct lint *l, const struct lint_finding *f)
{
    size_t len;
    if (f->file >= l->files || f->check->severity == LINT_ERROR)
        return false;
    const struct policy_text *t = &l->text[f->file];
    for (unsigned line = f->line; line; line--) {
        const char *at = find_commented_line(t, line);
        if (!at || (line != f->line && !is_comment(at)))
            return false;
        const char *names = names_in_comment(t, at, &len);
        if (names && comment_has_name(names, len, f->check->name))
            return true;
    }
    return false;
}

void lint_accept(struct lint *l)
{
    size_t kept = 0;
    for (size_t i = 0; i < l->findings; i++) {
        if (is_accepted_by_comment(l, &l->finding[i]))
            l->accepted++;
        else
            l->finding[kept++] = l->finding[i];
    }
    l->findings = kept;
}
