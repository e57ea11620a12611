/* The SAs of guards, with what each has carried (latching -02, section 2.2). */
#include "btnsd/requests/latches_sas.h"

#include "btnsd/latch/guard/keying.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

static void note(void *arg, const struct sad_entry *sa)
{
    struct sa_list *list = arg;
    if (list->n == list->room) {
        size_t room = list->room ? list->room * 2 : 64;
        struct sad_entry *more = reallocarray(list->sa, room, sizeof *more);
        list->failed |= !more;
        if (!more)
            return;
        list->sa = more;
        list->room = room;
    }
    list->sa[list->n++] = *sa;
}

static int by_reqid(const void *a, const void *b)
{
    const struct sad_entry *x = a, *y = b;
    return (x->reqid > y->reqid) - (x->reqid < y->reqid);
}

int sa_list_read(struct sa_list *list, struct xfrm *x)
{
    int rc = sad_dump(x, note, list);
    if (list->n)
        qsort(list->sa, list->n, sizeof *list->sa, by_reqid);
    return rc ? rc : list->failed ? -ENOMEM : 0;
}

void sa_list_free(struct sa_list *list)
{
    free(list->sa);
}

static bool is_one_of(const uint32_t *spi, size_t n, uint32_t which)
{
    while (n && spi[n - 1] != which)
        n--;
    return n;
}

/* By what the kernel compares: the reqid and the selector, or the SPIs that entries name. */
static bool carries(const struct guard *g, const struct sad_entry *sa, bool out)
{
    const struct btns_addr *from = out ? &g->local : &g->remote, *to = out ? &g->remote : &g->local;
    uint16_t port = out == g->mirror ? sa->sel_sport : sa->sel_dport;
    if (!btns_addr_ip_equal(&sa->src, from) || !btns_addr_ip_equal(&sa->dst, to))
        return false;
    if (g->keying->pins)
        return is_one_of(out ? g->sa : g->sa_in, g->sas, sa->spi);
    return (!sa->sel_protocol || sa->sel_protocol == IPPROTO_TCP) && (!port || port == g->port);
}

/* The first of this reqid. */
static size_t first(const struct sa_list *list, uint32_t reqid)
{
    size_t low = 0, high = list->n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (list->sa[mid].reqid < reqid)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void sa_list_fill(const struct sa_list *list, const struct guard *g,
                  struct btns_latch_sa sa[BTNS_LATCH_SAS])
{
    size_t n = 0;
    for (size_t i = first(list, g->reqid); i < list->n && list->sa[i].reqid == g->reqid; i++) {
        const struct sad_entry *e = &list->sa[i];
        bool out = carries(g, e, true);
        if (n == BTNS_LATCH_SAS || (!out && !carries(g, e, false)))
            continue;
        sa[n++] = (struct btns_latch_sa){.spi = e->spi,
                                         .flags = (out ? BTNS_SA_OUT : 0) |
                                                  (out && e->spi == g->spi ? BTNS_SA_USED : 0),
                                         .packets = e->packets,
                                         .octets = e->octets};
    }
}
