/* What is done about the child SA for ICMP errors between two addresses: facts in, a step out
 * (pure).
 */
#ifndef BTNS_LATCH_KEYING_ICMP_CHILD_DECIDE_H
#define BTNS_LATCH_KEYING_ICMP_CHILD_DECIDE_H

#include "btnsd/xfrm/xfrm.h"

struct icmp_child_facts {
    bool needed; /* a guard of datagrams is up, for a service of the peer's */
    bool there;  /* an SA with the peer's key is up, whichever end has asked for it */
    bool ours;   /* this end has asked for it */
    bool asking; /* a request is under way */
    bool early;  /* the last request failed, or its SA ended, not long ago */
};

enum icmp_child_step {
    ICMP_CHILD_STAYS, /* as it is */
    ICMP_CHILD_ASK,
    ICMP_CHILD_ASK_LATER,
    ICMP_CHILD_END,
};

enum icmp_child_step icmp_child_decide(const struct icmp_child_facts *f);

/* Is the SA's selector ICMP of its addresses' family, between two hosts? */
bool icmp_child_is(const struct sad_entry *sa);

#endif
