/* Splits a text that an administrator wrote into lines, without comments. */
#include "btnsd/ike/peers/text_lines.h"

#include <string.h>

static bool take_text_line(char *line, size_t len, size_t number, line_each *each, void *arg,
                           struct err *why)
{
    if (strlen(line) != len)
        err_set(why, "a NUL octet");
    else if (len > LINES_LONGEST)
        err_set(why, "the line is too long");
    else {
        line += strspn(line, " \t");
        return !*line || *line == '#' || each(arg, line, number, why);
    }
    return false;
}

bool lines_each(const char *path, char *text, size_t len, line_each *each, void *arg,
                struct err *err)
{
    struct err why;
    size_t number = 0;
    for (char *end = text + len, *next; text < end; text = next) {
        char *newline = memchr(text, '\n', (size_t)(end - text));
        next = newline ? newline + 1 : end;
        size_t line = (size_t)((newline ? newline : end) - text);
        text[line] = '\0';
        if (take_text_line(text, line, ++number, each, arg, &why))
            continue;
        err_set(err, "%s:%zu: %s", path, number, why.text);
        return false;
    }
    return true;
}
