/* Reads the interpreter from a script's first line, with the kernel's rules. */
#include "shim/run/script.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static bool is_script_blank(char c)
{
    return c == ' ' || c == '\t';
}

int script_interpreter(const char *buf, size_t len, char interpreter[SCRIPT_LINE])
{
    if (len > SCRIPT_LINE)
        len = SCRIPT_LINE;
    if (len < 2 || buf[0] != '#' || buf[1] != '!')
        return 0;
    const char *newline = memchr(buf, '\n', len);
    const char *end = newline ? newline : buf + len;
    const char *from = buf + 2;
    while (from < end && is_script_blank(*from))
        from++;
    const char *to = from;
    while (to < end && !is_script_blank(*to) && *to)
        to++;
    if (to == from)
        return -ENOEXEC;
    /* No newline, blank or NUL within the buffer: the path may continue beyond it. */
    if (to == end && !newline && len == SCRIPT_LINE)
        return -ENOEXEC;
    memcpy(interpreter, from, (size_t)(to - from));
    interpreter[to - from] = '\0';
    return 1;
}
