/* Which rules cover a point of a line: by halving. */
#include "cover.h"

#include <string.h>

const uint64_t *cover_find_number(const struct cover *c, cover_number number)
{
    size_t from = 0, n = c->n;
    while (n) {
        size_t half = n / 2;
        bool right = c->number[from + half] <= number;
        from = right ? from + half + 1 : from;
        n = right ? n - half - 1 : half;
    }
    return from ? c->set[from - 1] : c->none;
}

static unsigned char octet(const char *text, size_t len, bool reversed, size_t i)
{
    return (unsigned char)text[reversed ? len - 1 - i : i];
}

/* Is the text at or behind `at`? *same: how many octets are known to be equal, and are found so. */
static bool reaches(const struct cover_at *at, const char *text, size_t len, bool reversed,
                    size_t *same)
{
    size_t i = *same;
    while (i < at->len && i < len && (unsigned char)at->text[i] == octet(text, len, reversed, i))
        i++;
    *same = i;
    if (i == at->len)
        return !at->after;
    return i < len && octet(text, len, reversed, i) > (unsigned char)at->text[i];
}

/*
 * What both ends of the part that is left share with the text, everything between them shares too:
 * no octet of a common beginning is looked at twice.
 */
static const uint64_t *find(const struct cover *c, const char *text, size_t len, bool reversed)
{
    size_t from = 0, to = c->n, left = 0, right = 0;
    while (from < to) {
        size_t middle = from + (to - from) / 2, same = left < right ? left : right;
        if (reaches(&c->text[middle], text, len, reversed, &same)) {
            from = middle + 1;
            left = same;
        } else {
            to = middle;
            right = same;
        }
    }
    return from ? c->set[from - 1] : c->none;
}

const uint64_t *cover_find_text(const struct cover *c, const char *text, size_t len)
{
    return find(c, text, len, false);
}

const uint64_t *cover_find_reversed(const struct cover *c, const char *text, size_t len)
{
    return find(c, text, len, true);
}
