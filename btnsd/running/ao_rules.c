/* Finds rules that sign by TCP-AO although the kernel has no TCP-AO. */
#include "btnsd/running/ao_rules.h"

#include "btnsd/tcp/ao.h"

#include <errno.h>
#include <stdio.h>

bool ao_rules_refused(const struct rules *r, char *buf, size_t size)
{
    char needs[TCP_AO_NEEDS];
    size_t i = 0;
    while (i < r->n && !(r->rule[i].sign && r->rule[i].sign->auth == SIGN_AO))
        i++;
    if (i == r->n || tcp_ao_try() != -ENOPROTOOPT)
        return false;
    snprintf(buf, size, "%s:%u: connections of rule \"%s\" (sign, auth = ao) are refused: %s",
             r->rule[i].file, r->rule[i].line, r->rule[i].name, tcp_ao_needs(needs));
    return true;
}
