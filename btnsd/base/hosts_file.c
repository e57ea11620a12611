/* Reads /etc/hosts by itself: a look-up by the C library could ask DNS, and wait for it. */
#include "btnsd/base/hosts_file.h"

#include <stdio.h>
#include <string.h>

enum { LINES = 4096, LINE = 1024 };

static bool is_plain_hosts_name(const char *name)
{
    static const char chars[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789._-";
    size_t len = strlen(name);
    return len && len < HOSTS_FILE_NAME && strspn(name, chars) == len;
}

static bool find_hosts_line_name(char *line, const struct btns_addr *a, char name[HOSTS_FILE_NAME])
{
    static const char space[] = " \t\r\n";
    char *rest = line;
    struct btns_addr here;
    line[strcspn(line, "#")] = '\0';
    const char *address = strtok_r(rest, space, &rest);
    const char *first = address ? strtok_r(NULL, space, &rest) : NULL;
    if (!first || !btns_addr_parse(&here, address))
        return false;
    here.port = a->port;
    if (!btns_addr_equal(&here, a) || !is_plain_hosts_name(first))
        return false;
    strcpy(name, first);
    return true;
}

bool hosts_file_name(const char *path, const struct btns_addr *a, char name[HOSTS_FILE_NAME])
{
    char line[LINE];
    bool found = false, whole = true;
    FILE *f = fopen(path, "re");
    for (unsigned i = 0; f && !found && i < LINES && fgets(line, sizeof line, f); i++) {
        bool begins = whole; /* the rest of an overlong line is not taken for a line */
        whole = strchr(line, '\n');
        found = begins && find_hosts_line_name(line, a, name);
    }
    if (f)
        fclose(f);
    return found;
}
