/* Makes the shared page that ends cached verdicts; see struct btns_page in wire.h. */
#include "btnsd/server/epoch.h"

#include "libapi/wire/wire.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct epoch {
    int fd;
    _Atomic uint64_t *page; /* struct btns_page.epoch */
};

static int page_fd(void)
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

struct epoch *epoch_new(void)
{
    struct epoch *e = calloc(1, sizeof *e);
    int fd = page_fd();
    if (!e || fd < 0)
        goto fail;
    e->page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (e->page == MAP_FAILED)
        goto fail;
    /* No new writable mapping from here on, not even through a descriptor reopened for writing. */
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
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
    atomic_store(e->page, 0);
    munmap((void *)e->page, (size_t)sysconf(_SC_PAGESIZE));
    close(e->fd);
    free(e);
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
