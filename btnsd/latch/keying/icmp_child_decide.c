/* What is done about the child SA for ICMP errors between two addresses (pure). */
#include "btnsd/latch/keying/icmp_child_decide.h"

#include <netinet/in.h>

enum icmp_child_step icmp_child_decide(const struct icmp_child_facts *f)
{
    if (f->asking)
        return ICMP_CHILD_STAYS;
    if (!f->needed)
        return f->there && f->ours ? ICMP_CHILD_END : ICMP_CHILD_STAYS;
    if (f->there)
        return ICMP_CHILD_STAYS;
    return f->early ? ICMP_CHILD_ASK_LATER : ICMP_CHILD_ASK;
}

bool icmp_child_is(const struct sad_entry *sa)
{
    int protocol = sa->src.family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
    return sa->sel_protocol == protocol && !sa->sel_several_ports && !sa->sel_sport &&
           !sa->sel_dport && sa->sel_single_hosts;
}
