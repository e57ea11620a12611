/*
 * The kernel's counters of TCP segments that were dropped for their signature (RFC 2385, RFC 5925).
 */
#include "btnsd/tcp/sign_counters.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *words;
} counters[SIGN_COUNTERS] = {
    [MD5_NOT_FOUND] = {"TCPMD5NotFound", "without a signature, from peers that must sign"},
    [MD5_UNEXPECTED] = {"TCPMD5Unexpected", "signed, from peers for which no rule has a key"},
    [MD5_FAILURE] = {"TCPMD5Failure", "signed with another key"},
    [AO_REQUIRED] = {"TCPAORequired", "without TCP-AO, from peers that must sign by it"},
    [AO_KEY_NOT_FOUND] = {"TCPAOKeyNotFound",
                          "signed by TCP-AO with a key whose identifier no rule has"},
    [AO_BAD] = {"TCPAOBad", "signed by TCP-AO with another key of the same identifier"},
};

#define PREFIX "TcpExt:"

/* Each word of the first line names the number at the same place in the second. */
static void read_counter_pairs(const char *name, const char *value, struct sign_counters *c)
{
    for (;;) {
        size_t name_len, value_len;
        name += strspn(name, " ");
        value += strspn(value, " ");
        name_len = strcspn(name, " \n");
        value_len = strcspn(value, " \n");
        if (!name_len || !value_len)
            return;
        for (unsigned i = 0; i < SIGN_COUNTERS; i++)
            if (name_len == strlen(counters[i].name) && !strncmp(name, counters[i].name, name_len))
                c->of[i] = strtoull(value, NULL, 10);
        name += name_len;
        value += value_len;
    }
}

bool sign_counters_parse(const char *text, struct sign_counters *c)
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
    read_counter_pairs(names + strlen(PREFIX), values + strlen(PREFIX), c);
    return true;
}

bool sign_counters_read(struct sign_counters *c)
{
    char text[16384];
    FILE *f = fopen("/proc/net/netstat", "re");
    if (!f)
        return false;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = '\0';
    return sign_counters_parse(text, c);
}

const char *sign_counters_words(const struct sign_counters *from, const struct sign_counters *to,
                                char buf[SIGN_WORDS])
{
    size_t n = 0;
    *buf = '\0';
    for (unsigned i = 0; i < SIGN_COUNTERS; i++)
        if (to->of[i] > from->of[i] && n < SIGN_WORDS)
            n += (size_t)snprintf(buf + n, SIGN_WORDS - n, "%s%" PRIu64 " %s (%s)", n ? ", " : "",
                                  to->of[i] - from->of[i], counters[i].words, counters[i].name);
    return buf;
}
