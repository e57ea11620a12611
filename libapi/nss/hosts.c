/*
 * Searches the file with the names of inner addresses. It runs inside other people's programs: it
 * allocates nothing, and keeps only one line and one block of the file.
 */
#include "libapi/nss/hosts.h"

#include "libapi/wire/inner_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define LINE_MAX_OCTETS (INET6_ADDRSTRLEN + HOSTS_NAME_MAX)
#define FILE_MAX_OCTETS (32u << 20) /* more than btnsd writes about all the peers it can know */

/* The length of a name without the dot that may be at its end. */
static size_t hosts_name_length(const char *name)
{
    size_t n = strlen(name);
    return n && name[n - 1] == '.' ? n - 1 : n;
}

bool hosts_is_ours(const char *name)
{
    const size_t domain = strlen(HOSTS_DOMAIN), n = hosts_name_length(name);
    return n > domain && !strncasecmp(name + n - domain, HOSTS_DOMAIN, domain);
}

/* Reads a line of the file, without its newline. */
static bool parse_hosts_line(char *text, struct hosts_line *line)
{
    char *name = strchr(text, ' ');
    if (!name)
        return false;
    *name++ = '\0';
    if (inet_pton(AF_INET6, text, &line->addr) != 1 || !is_inner_address(&line->addr))
        return false;
    size_t n = strlen(name);
    if (n >= sizeof line->name || strpbrk(name, " \t\r") || !hosts_is_ours(name))
        return false;
    memcpy(line->name, name, n + 1);
    return true;
}

/* One of the two is asked for. */
struct search {
    const char *name;
    const struct in6_addr *addr;
    char text[LINE_MAX_OCTETS]; /* the line that is being read */
    size_t len;
    bool too_long;
};

static bool is_wanted_hosts_line(const struct search *s, const struct hosts_line *line)
{
    if (s->addr)
        return !memcmp(s->addr, &line->addr, sizeof line->addr);
    size_t n = hosts_name_length(s->name);
    return n == strlen(line->name) && !strncasecmp(line->name, s->name, n);
}

/* Takes one octet of the file. True: a line has ended that is the wanted one. */
static bool take_hosts_octet(struct search *s, char c, struct hosts_line *found)
{
    if (c != '\n') {
        if (s->len + 1 < sizeof s->text && c)
            s->text[s->len++] = c;
        else
            s->too_long = true;
        return false;
    }
    s->text[s->len] = '\0';
    bool whole = !s->too_long;
    s->len = 0;
    s->too_long = false;
    return whole && parse_hosts_line(s->text, found) && is_wanted_hosts_line(s, found);
}

static ssize_t read_hosts_block(int fd, char *block, size_t size)
{
    ssize_t n;
    do
        n = read(fd, block, size);
    while (n < 0 && errno == EINTR);
    return n;
}

static bool find_hosts_line(int fd, struct search *s, struct hosts_line *found)
{
    char block[4096];
    ssize_t n;
    for (size_t total = 0; total < FILE_MAX_OCTETS; total += (size_t)n) {
        if ((n = read_hosts_block(fd, block, sizeof block)) <= 0)
            return false;
        for (ssize_t i = 0; i < n; i++)
            if (take_hosts_octet(s, block[i], found))
                return true;
    }
    return false;
}

bool hosts_find_name(int fd, const char *name, struct hosts_line *found)
{
    struct search s = {.name = name};
    return find_hosts_line(fd, &s, found);
}

bool hosts_find_addr(int fd, const struct in6_addr *addr, struct hosts_line *found)
{
    struct search s = {.addr = addr};
    return find_hosts_line(fd, &s, found);
}
