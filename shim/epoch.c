/*
 * Maps btnsd's epoch page. The page belongs to the link that was open before the page was received,
 * so it comes from that link's btnsd or from a later one; in the latter case the link is dead. A
 * verdict that relies on the page is used only after the link was found alive, and so never
 * outlives its btnsd.
 */
#include "shim/epoch.h"

#include "shim/raw.h"

#include <sys/mman.h>
#include <sys/stat.h>

static struct btns_page *page; /* never unmapped: other threads may be reading it */
static link_name page_link;    /* 0 while the page is being replaced */
static int replacing;          /* process id of the process that is replacing the page, or 0 */

/*
 * Takes the lock if it is free; never waits. A forked child may inherit the lock from a thread that
 * the child does not have: the process id differs then, and the lock counts as free.
 */
static bool try_epoch_lock(void)
{
    int own = getpid(), holder = __atomic_load_n(&replacing, __ATOMIC_SEQ_CST);
    return holder != own && __atomic_compare_exchange_n(&replacing, &holder, own, false,
                                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static bool is_epoch_page(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof *page;
}

/* Maps the new page over the old one in one step, so that a reader sees one or the other. */
static bool map_epoch_page(int fd)
{
    struct btns_page *old = __atomic_load_n(&page, __ATOMIC_SEQ_CST);
    void *p = mmap(old, sizeof *page, PROT_READ, MAP_SHARED | (old ? MAP_FIXED : 0), fd, 0);
    if (p == MAP_FAILED)
        return false;
    __atomic_store_n(&page, p, __ATOMIC_SEQ_CST);
    return true;
}

void epoch_map(link_name link, int fd)
{
    if (link && is_epoch_page(fd) && try_epoch_lock()) {
        if (link == link_last()) {
            __atomic_store_n(&page_link, 0, __ATOMIC_SEQ_CST);
            if (map_epoch_page(fd))
                __atomic_store_n(&page_link, link, __ATOMIC_SEQ_CST);
        }
        __atomic_store_n(&replacing, 0, __ATOMIC_SEQ_CST);
    }
}

bool epoch_known(link_name link)
{
    return link && __atomic_load_n(&page_link, __ATOMIC_SEQ_CST) == link;
}

/*
 * The kernel clears the owner when btnsd dies. A btnsd that hangs counts as alive, as its socket
 * would.
 */
bool epoch_alive(void)
{
    const struct btns_page *p = __atomic_load_n(&page, __ATOMIC_SEQ_CST);
    return p && (__atomic_load_n(&p->owner, __ATOMIC_SEQ_CST) & BTNS_PAGE_OWNER);
}

bool epoch_is_of(uint64_t btnsd)
{
    const struct btns_page *p = __atomic_load_n(&page, __ATOMIC_SEQ_CST);
    return p && btnsd && __atomic_load_n(&p->btnsd, __ATOMIC_SEQ_CST) == btnsd && epoch_alive();
}

/*
 * Reads the epoch first and compares the link last: if the link is unchanged, the epoch came from
 * its page.
 */
bool epoch_holds(link_name link, uint64_t epoch)
{
    struct btns_page *p = __atomic_load_n(&page, __ATOMIC_SEQ_CST);
    if (!p || !epoch)
        return false;
    uint64_t now = __atomic_load_n(&p->epoch, __ATOMIC_SEQ_CST);
    return now == epoch && epoch_known(link) && link_last() == link;
}
