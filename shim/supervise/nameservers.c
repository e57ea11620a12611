/* Reads /etc/resolv.conf, again when it has changed. */
#include "shim/supervise/nameservers.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { SERVERS = 16, PORT = 53 };

static struct btns_addr servers[SERVERS];
static size_t count;

/* Parses a server's address; "%INTERFACE" behind it is ignored. */
static bool read_nameserver(const char *text, struct btns_addr *a)
{
    char host[64];
    snprintf(host, sizeof host, "%.*s", (int)strcspn(text, "%"), text);
    return btns_addr_parse(a, host);
}

static void read_nameservers(FILE *f)
{
    char line[512], host[64];
    count = 0;
    while (count < SERVERS && fgets(line, sizeof line, f))
        if (sscanf(line, "nameserver %63s", host) == 1 && read_nameserver(host, &servers[count]))
            count++;
}

static void refresh_nameservers(void)
{
    static struct stat last;
    static bool known;
    struct stat st;
    FILE *f = fopen("/etc/resolv.conf", "re");
    if (!f || fstat(fileno(f), &st)) {
        count = 0;
        known = false;
    } else if (!known || st.st_ino != last.st_ino || st.st_dev != last.st_dev ||
               st.st_size != last.st_size || st.st_mtim.tv_sec != last.st_mtim.tv_sec ||
               st.st_mtim.tv_nsec != last.st_mtim.tv_nsec) {
        read_nameservers(f);
        last = st;
        known = true;
    }
    if (f)
        fclose(f);
}

bool nameserver_is(const struct btns_addr *a)
{
    if (a->port != PORT)
        return false;
    refresh_nameservers();
    for (size_t i = 0; i < count; i++)
        if (servers[i].family == a->family && !memcmp(servers[i].ip, a->ip, sizeof a->ip))
            return true;
    return false;
}
