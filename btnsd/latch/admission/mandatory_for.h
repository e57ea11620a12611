/* What rules say about a peer and a service of ours, whatever program it is. Pure. */
#ifndef BTNS_STANDING_H
#define BTNS_STANDING_H

#include "btnsd/rules/model/rules.h"
#include "libapi/wire/service.h"

/* Is the rule about this service? One of protocol 0 stands for any protocol. */
bool rule_is_for(const struct rule *r, struct service service);
/* Is the rule about that service of ours and that peer? */
bool rule_is_about(const struct rule *r, const struct btns_addr *local,
                   const struct btns_addr *remote, struct service service);
/*
 * The mandatory rule for everybody that decides about who calls there, or NULL: it stands also
 * where no program under btns-run listens.
 */
const struct rule *standing_rule(const struct rules *all, const struct btns_addr *local,
                                 const struct btns_addr *remote, struct service service);

#endif
