/* SPD entries that block packets with a mark. */
#include "btnsd/xfrm/xfrm.h"

#include <sys/socket.h>

static struct spd_entry spd_mark_entry(int family, uint32_t priority, uint32_t mark)
{
    return (struct spd_entry){.dir = SPD_OUT,
                              .priority = priority,
                              .action = SPD_BLOCK,
                              .local.family = (uint16_t)family,
                              .remote.family = (uint16_t)family,
                              .mark = mark};
}

int spd_block_mark(struct xfrm *x, uint32_t priority, uint32_t mark, struct err *err)
{
    const struct spd_entry ipv4 = spd_mark_entry(AF_INET, priority, mark);
    const struct spd_entry ipv6 = spd_mark_entry(AF_INET6, priority, mark);
    int rc = spd_set(x, &ipv4, err);
    return rc ? rc : spd_set(x, &ipv6, err);
}

void spd_unblock_mark(struct xfrm *x, uint32_t priority, uint32_t mark)
{
    const struct spd_entry ipv4 = spd_mark_entry(AF_INET, priority, mark);
    const struct spd_entry ipv6 = spd_mark_entry(AF_INET6, priority, mark);
    spd_del(x, &ipv4);
    spd_del(x, &ipv6);
}
