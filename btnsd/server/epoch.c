/* Makes the shared page that ends cached verdicts; see struct btns_page in wire.h. */
#include "btnsd/server/epoch.h"

#include "libapi/wire/wire.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

struct epoch {
    int fd;
    _Atomic uint64_t *page; /* struct btns_page.epoch */
};

static int epoch_page_fd(void)
{
    int fd = memfd_create("btns-epoch", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -1;
    if (ftruncate(fd, sysconf(_SC_PAGESIZE)) || fchmod(fd, 0444)) {
        close(fd);
        return -1;
    }
    return fd;
}

_Static_assert(offsetof(pthread_mutex_t, __data.__lock) == 0, "the futex is the lock's first word");
_Static_assert(sizeof(pthread_mutex_t) <=
                   sizeof(struct btns_page) - offsetof(struct btns_page, owner),
               "there is room for it");

/*
 * The lock is never released. The kernel marks it when btnsd dies, however it dies, so a program
 * that has the page need not ask the kernel whether btnsd still runs.
 */
static bool hold_epoch_lock(struct btns_page *p)
{
    pthread_mutexattr_t robust;
    pthread_mutex_t *lock = (pthread_mutex_t *)(void *)&p->owner;
    bool ok = !pthread_mutexattr_init(&robust) &&
              !pthread_mutexattr_setrobust(&robust, PTHREAD_MUTEX_ROBUST) &&
              !pthread_mutexattr_setpshared(&robust, PTHREAD_PROCESS_SHARED) &&
              !pthread_mutex_init(lock, &robust) && !pthread_mutex_lock(lock);
    return ok && (p->owner & BTNS_PAGE_OWNER);
}

static bool fill_epoch_page(struct btns_page *p)
{
    bool ok = getrandom(&p->btnsd, sizeof p->btnsd, 0) == sizeof p->btnsd;
    p->btnsd |= 1;
    return ok && hold_epoch_lock(p);
}

struct epoch *epoch_new(void)
{
    struct epoch *e = calloc(1, sizeof *e);
    int fd = epoch_page_fd();
    if (!e || fd < 0)
        goto fail;
    e->page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (e->page == MAP_FAILED)
        goto fail;
    /*
     * After this, nobody can map the page for writing, not even through a descriptor that was
     * opened again.
     */
    if (!fill_epoch_page((struct btns_page *)(void *)e->page) ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
        goto fail;
    e->fd = fd;
    atomic_store(e->page, 1);
    return e;
fail:
    if (fd >= 0)
        close(fd);
    free(e);
    return NULL;
}

void epoch_free(struct epoch *e)
{
    if (!e)
        return;
    struct btns_page *page = (struct btns_page *)(void *)e->page;
    atomic_store(e->page, 0);
    pthread_mutex_unlock((pthread_mutex_t *)(void *)&page->owner);
    munmap((void *)e->page, (size_t)sysconf(_SC_PAGESIZE));
    close(e->fd);
    free(e);
}

uint64_t epoch_btnsd(const struct epoch *e)
{
    return ((const struct btns_page *)(const void *)e->page)->btnsd;
}

uint64_t epoch_now(const struct epoch *e)
{
    return atomic_load(e->page);
}

void epoch_move(struct epoch *e)
{
    atomic_fetch_add(e->page, 1);
}

int epoch_fd(const struct epoch *e)
{
    return e->fd;
}
