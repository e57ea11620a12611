/* Subordinate uids and the users that they belong to, from /etc/subuid. */
#include "btnsd/base/account.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANGES_MAX 4096

static struct range {
    uid_t first;
    unsigned long count;
    uid_t account;
} * ranges;
static size_t ranges_n;

static int compare_account_ranges(const void *a, const void *b)
{
    const struct range *x = a, *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

uid_t account_of(uid_t uid)
{
    size_t low = 0, high = ranges_n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (ranges[mid].first <= uid)
            low = mid + 1;
        else
            high = mid;
    }
    return low && uid - ranges[low - 1].first < ranges[low - 1].count ? ranges[low - 1].account
                                                                      : uid;
}

/* Reads /etc/passwd itself: a name service may take any time to answer. */
static uid_t account_uid_named(const char *name, const char *passwd)
{
    const struct passwd *p = NULL;
    char *end;
    unsigned long n = strtoul(name, &end, 10);
    if (*name && !*end)
        return (uid_t)n;
    FILE *f = fopen(passwd, "re");
    while (f && (p = fgetpwent(f)) && strcmp(p->pw_name, name))
        ;
    uid_t uid = p ? p->pw_uid : 0;
    if (f)
        fclose(f);
    return uid;
}

void accounts_read(const char *subuid, const char *passwd)
{
    char line[256], name[64];
    struct range r;
    FILE *f = fopen(subuid, "re");
    if (!ranges)
        ranges = calloc(RANGES_MAX, sizeof *ranges);
    ranges_n = 0;
    while (f && ranges && ranges_n < RANGES_MAX && fgets(line, sizeof line, f)) {
        if (sscanf(line, "%63[^:]:%u:%lu", name, &r.first, &r.count) != 3 || !r.first)
            continue;
        uid_t owner = account_uid_named(name, passwd);
        r.account = owner ? owner : r.first;
        ranges[ranges_n++] = r;
    }
    if (f)
        fclose(f);
    if (ranges_n)
        qsort(ranges, ranges_n, sizeof *ranges, compare_account_ranges);
}
