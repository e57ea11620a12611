/* Checks that an SA is for one service between two hosts, as a guard is (L19). */
#include "btnsd/latch/responder/one_service.h"

#include "libapi/wire/service.h"

#include <stddef.h>

const char *sa_not_one_service(const struct sad_entry *sa)
{
    if (!protocol_known(sa->sel_protocol))
        return "it names no protocol that can be latched";
    if (sa->sel_several_ports)
        return "it is for several ports";
    if (!sa->sel_sport && !sa->sel_dport)
        return "it names no port";
    if (sa->sel_sport && sa->sel_dport)
        return "it names ports at both ends";
    if (!sa->sel_single_hosts)
        return "it is not between two addresses";
    return NULL;
}
