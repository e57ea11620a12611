/* Parses numbers, names, globs and ports in policy files. */
#include "btnsd/rules/compile/value.h"

#include "btnsd/rules/model/glob.h"

#include <stdio.h>
#include <string.h>

bool value_number(const char *text, unsigned *number)
{
    size_t n = strspn(text, "0123456789");
    if (!n || n > 9 || text[n] || (n > 1 && text[0] == '0'))
        return false;
    *number = 0;
    for (; *text; text++)
        *number = *number * 10 + (unsigned)(*text - '0');
    return true;
}

bool value_id(const char *text, uint32_t *id)
{
    uint64_t number = 0;
    size_t n = strspn(text, "0123456789");
    if (!n || n > 10 || text[n] || (n > 1 && text[0] == '0'))
        return false;
    for (; *text; text++)
        number = number * 10 + (unsigned)(*text - '0');
    *id = (uint32_t)number;
    return number < UINT32_MAX; /* UINT32_MAX is the kernel's value for "no user" */
}

int value_word(const char *const *names, const char *text)
{
    for (int i = 0; names[i]; i++)
        if (!strcmp(names[i], text))
            return i;
    return -1;
}

#define NAME_CHARS                                                                                 \
    "abcdefghijklmnopqrstuvwxyz"                                                                   \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"                                                                   \
    "0123456789._+-"

int value_check_name(const char *text, unsigned line, struct policy_fault *f)
{
    char quoted[POLICY_QUOTED];
    const size_t most = sizeof((struct rule *)NULL)->name - 1;
    if (!*text || text[strspn(text, NAME_CHARS)])
        return policy_fault(f, line,
                            "the name %s: use only letters, digits, \".\", \"_\", \"+\", \"-\"",
                            fault_quote(quoted, text));
    if (strlen(text) > most)
        return policy_fault(f, line, "the name %s is longer than %zu letters",
                            fault_quote(quoted, text), most);
    return 0;
}

/* Finds a part that no executable's path has, so that a pattern with it would never match. */
static const char *is_value_never_in_path(const char *text)
{
    size_t len = strlen(text);
    if (strstr(text, "//"))
        return "\"//\"";
    if (strstr(text, "/./") || (len >= 2 && !strcmp(text + len - 2, "/.")))
        return "\"/./\"";
    if (strstr(text, "/../") || (len >= 3 && !strcmp(text + len - 3, "/..")))
        return "\"/../\"";
    return text[len - 1] == '/' ? "a \"/\" at its end" : NULL;
}

int value_check_glob(const char *text, unsigned line, struct policy_fault *f)
{
    char quoted[POLICY_QUOTED];
    fault_quote(quoted, text);
    if (!strcmp(text, "*"))
        return 0;
    if (text[0] != '/')
        return policy_fault(f, line,
                            "%s is no absolute path: write one like \"/usr/bin/curl\" or "
                            "\"/opt/*/bin/tool\", or \"*\" alone for every program",
                            quoted);
    const char *odd = is_value_never_in_path(text);
    if (odd)
        return policy_fault(f, line, "%s never matches: no program's path has %s", quoted, odd);
    const char *fault = glob_fault(text);
    if (fault)
        return policy_fault(f, line, "%s has %s", quoted, fault);
    return 0;
}

static bool parse_port_value(const char *text, uint16_t *port)
{
    unsigned number;
    if (!value_number(text, &number) || number < 1 || number > 65535)
        return false;
    *port = (uint16_t)number;
    return true;
}

int value_ports(const char *text, struct ports *p, unsigned line, struct policy_fault *f)
{
    char quoted[POLICY_QUOTED], from[8];
    const char *dash = strchr(text, '-');
    size_t n = dash ? (size_t)(dash - text) : strlen(text);
    bool good = n < sizeof from;
    if (good) {
        snprintf(from, sizeof from, "%.*s", (int)n, text);
        good = parse_port_value(from, &p->from) && parse_port_value(dash ? dash + 1 : from, &p->to);
    }
    if (!good)
        return policy_fault(f, line,
                            "the port %s: write a number from 1 to 65535 without leading zeros, or "
                            "a range like \"8000-8010\"",
                            fault_quote(quoted, text));
    if (p->from > p->to)
        return policy_fault(f, line, "the port range %s is upside down: write \"%u-%u\"",
                            fault_quote(quoted, text), p->to, p->from);
    return 0;
}
