/*
 * Describes the nftables and iptables rules and the BPF programs that translate this host's own
 * connections.
 */
#include "btnsd/ctl/translated.h"
#include "btnsd/xfrm/legacy_nat.h"

#include <stdio.h>
#include <string.h>

bool translated_each(translator_found *found, void *arg, char *why, size_t size)
{
    int rules = translators_nftables(found, arg),
        programs = translators_bpf(TRANSLATORS_CGROUPS, found, arg);
    int legacy = translators_legacy(found, arg);
    if (rules)
        snprintf(why, size, "nftables' rules could not be read: %s", strerror(-rules));
    else if (programs)
        snprintf(why, size, "BPF programs in " TRANSLATORS_CGROUPS " could not be read: %s",
                 strerror(-programs));
    else if (legacy)
        snprintf(why, size, "the nat tables of iptables-legacy could not be read: %s",
                 strerror(-legacy));
    return !rules && !programs && !legacy;
}
