/* What rules say about a peer and a service of ours, whatever program it is. Pure. */
#ifndef BTNS_STANDING_H
#define BTNS_STANDING_H

#include "btnsd/rules/model/rules.h"

/* Is the rule about that service of ours and that peer? */
bool rule_is_about(const struct rule *r, const struct btns_addr *local,
                   const struct btns_addr *remote, uint16_t port);
/*
 * The mandatory rule for everybody that decides about who calls there, or NULL: it stands also
 * where no program under btns-run listens.
 */
const struct rule *standing_rule(const struct rules *all, const struct btns_addr *local,
                                 const struct btns_addr *remote, uint16_t port);

#endif
