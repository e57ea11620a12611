/* The kernel's counters of TCP segments that were dropped for their signature (RFC 2385). */
#include "btnsd/tcp/md5_counters.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *words;
} counters[MD5_COUNTERS] = {
    [MD5_NOT_FOUND] = {"TCPMD5NotFound", "without a signature, from peers that must sign"},
    [MD5_UNEXPECTED] = {"TCPMD5Unexpected", "signed, from peers for which no rule has a key"},
    [MD5_FAILURE] = {"TCPMD5Failure", "signed with another key"},
};

#define PREFIX "TcpExt:"

/* The words of two lines belong together, one by one. */
static void read_pairs(const char *name, const char *value, struct md5_counters *c)
{
    for (;;) {
        size_t name_len, value_len;
        name += strspn(name, " ");
        value += strspn(value, " ");
        name_len = strcspn(name, " \n");
        value_len = strcspn(value, " \n");
        if (!name_len || !value_len)
            return;
        for (unsigned i = 0; i < MD5_COUNTERS; i++)
            if (name_len == strlen(counters[i].name) && !strncmp(name, counters[i].name, name_len))
                c->of[i] = strtoull(value, NULL, 10);
        name += name_len;
        value += value_len;
    }
}

bool md5_counters_parse(const char *text, struct md5_counters *c)
{
    memset(c, 0, sizeof *c);
    const char *names = text;
    while (strncmp(names, PREFIX, strlen(PREFIX))) {
        names = strchr(names, '\n');
        if (!names++)
            return false;
    }
    const char *values = strchr(names, '\n');
    if (!values++ || strncmp(values, PREFIX, strlen(PREFIX)))
        return false;
    read_pairs(names + strlen(PREFIX), values + strlen(PREFIX), c);
    return true;
}

bool md5_counters_read(struct md5_counters *c)
{
    char text[16384];
    FILE *f = fopen("/proc/net/netstat", "re");
    if (!f)
        return false;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = '\0';
    return md5_counters_parse(text, c);
}

const char *md5_counters_words(const struct md5_counters *from, const struct md5_counters *to,
                               char buf[MD5_WORDS])
{
    size_t n = 0;
    *buf = '\0';
    for (unsigned i = 0; i < MD5_COUNTERS; i++)
        if (to->of[i] > from->of[i] && n < MD5_WORDS)
            n += (size_t)snprintf(buf + n, MD5_WORDS - n, "%s%" PRIu64 " %s (%s)", n ? ", " : "",
                                  to->of[i] - from->of[i], counters[i].words, counters[i].name);
    return buf;
}
