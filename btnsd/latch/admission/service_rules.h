/* Finds rules that decide about a peer at a service of ours, whichever program listens. Pure. */
#ifndef BTNS_LATCH_ADMISSION_SERVICE_RULES_H
#define BTNS_LATCH_ADMISSION_SERVICE_RULES_H

#include "btnsd/rules/model/rules.h"
#include "libapi/wire/service.h"

/* Does the rule apply to this service? Protocol 0 means any protocol. */
bool service_rule_applies(const struct rule *r, struct service service);
/*
 * The mandatory rule for all programs that decides about this peer at this service, or NULL. It
 * applies even if no program under btns-run listens there.
 */
const struct rule *service_mandatory_rule(const struct rules *all, const struct btns_addr *local,
                                          const struct btns_addr *remote, struct service service);
/*
 * Does any rule at accept open the service in BEET mode to the peer at this inner address? Which
 * program listens there may not be known yet. Protocol 0 means any service.
 */
bool service_inner_is_open(const struct rules *all, const struct btns_addr *local,
                           const struct btns_addr *remote, struct service service);

#endif
