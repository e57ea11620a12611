/* What translates this host's own connections: nftables' rules and BPF programs. */
#include "btnsd/ctl/translated.h"

#include <stdio.h>
#include <string.h>

#define CGROUPS "/sys/fs/cgroup"

bool translated_each(translator_found *found, void *arg, char *why, size_t size)
{
    int rules = translators_nftables(found, arg), programs = translators_bpf(CGROUPS, found, arg);
    if (rules)
        snprintf(why, size, "nftables' rules could not be read: %s", strerror(-rules));
    else if (programs)
        snprintf(why, size, "BPF programs in " CGROUPS " could not be read: %s",
                 strerror(-programs));
    return !rules && !programs;
}
