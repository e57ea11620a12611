/* Notices when the last process has closed a socket that a program passed to btnsd. */
#include "btnsd/base/socket_holder.h"

#include "btnsd/base/log.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SOON_MS 10 /* processes that die within this time are handled by one search */
#define SHARE   5  /* at most one part in this many of the time is spent searching */

static struct {
    struct holder *list; /* sockets whose process died */
    struct timer timer;
    uint64_t last_ms; /* how long the last search took */
} orphans;

static void on_holder_search(struct timer *t);

static void leave_holders(struct holder *h)
{
    if (!h->link)
        return;
    *h->link = h->next;
    if (h->next)
        h->next->link = h->link;
    h->link = NULL;
}

static void orphan_holder(struct holder *h)
{
    h->next = orphans.list;
    h->link = &orphans.list;
    if (h->next)
        h->next->link = &h->next;
    orphans.list = h;
    h->had = h->pid;
    h->pid = h->found = 0;
    if (!orphans.timer.slot)
        loop_after(h->loop, &orphans.timer, SOON_MS + SHARE * orphans.last_ms, on_holder_search,
                   NULL);
}

static void unwatch_holder(struct holder *h)
{
    if (!h->watch.ready)
        return;
    loop_unwatch(h->loop, &h->watch);
    close(h->watch.fd);
}

static void holder_died(struct watch *w, uint32_t events)
{
    struct holder *h = w->arg;
    (void)events;
    unwatch_holder(h);
    orphan_holder(h);
}

static void watch_holder(struct holder *h, pid_t pid)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    h->pid = pid;
    if (fd >= 0 && !loop_watch(h->loop, &h->watch, fd, EPOLLIN, holder_died, h))
        return;
    if (fd >= 0)
        close(fd);
    orphan_holder(h); /* the process died just now, or we have no descriptor left */
}

void holder_begin(struct holder *h, struct loop *l, int fd, pid_t pid, void (*gone)(void *arg),
                  void *arg)
{
    struct stat st;
    if (fstat(fd, &st))
        return;
    h->loop = l;
    h->inode = st.st_ino;
    h->gone = gone;
    h->arg = arg;
    watch_holder(h, pid);
}

void holder_end(struct holder *h)
{
    if (!h->loop)
        return;
    unwatch_holder(h);
    leave_holders(h);
    h->loop = NULL;
}

void holder_check(struct holder *h)
{
    if (!h->loop || h->link)
        return;
    unwatch_holder(h);
    orphan_holder(h);
}

/* ---- looking through /proc ---- */

struct search {
    struct holder **by_inode;
    size_t n;
};

static int compare_socket_inodes(const void *a, const void *b)
{
    const struct holder *const *x = a, *const *y = b;
    return (*x)->inode < (*y)->inode ? -1 : (*x)->inode > (*y)->inode;
}

/* A datagram socket may be in the list several times, once for each destination. */
static void note_holder(const struct search *s, unsigned long inode, pid_t pid)
{
    struct holder key = {.inode = inode}, *k = &key;
    struct holder **at = bsearch(&k, s->by_inode, s->n, sizeof k, compare_socket_inodes);
    if (!at)
        return;
    while (at > s->by_inode && at[-1]->inode == inode)
        at--;
    for (; at < s->by_inode + s->n && (*at)->inode == inode; at++)
        (*at)->found = pid;
}

static void search_process_for_holders(const struct search *s, pid_t pid)
{
    char path[32], link[64];
    unsigned long inode;
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));) {
        ssize_t n = readlinkat(dirfd(d), e->d_name, link, sizeof link - 1);
        link[n > 0 ? n : 0] = '\0';
        if (sscanf(link, "socket:[%lu]", &inode) == 1)
            note_holder(s, inode, pid);
    }
    if (d)
        closedir(d);
}

static bool search_all_for_holders(const struct search *s)
{
    DIR *d = opendir("/proc");
    for (struct dirent *e; d && (e = readdir(d));) {
        pid_t pid = isdigit((unsigned char)*e->d_name) ? (pid_t)atoi(e->d_name) : 0;
        if (pid > 0 && pid != getpid())
            search_process_for_holders(s, pid);
    }
    if (d)
        closedir(d);
    return d != NULL;
}

pid_t holder_find(struct holder *h)
{
    struct search s = {&h, 1};
    h->found = 0;
    return h->loop && search_all_for_holders(&s) ? h->found : 0;
}

/*
 * Looks first at the processes that had the sockets: most still do, which spares a search of all
 * processes. True: every socket was found.
 */
static bool search_known_for_holders(const struct search *s)
{
    pid_t last = 0;
    bool all = true;
    for (struct holder *h = orphans.list; h; h = h->next) {
        if (!h->found && h->had && h->had != last)
            search_process_for_holders(s, last = h->had);
        all &= h->found != 0;
    }
    return all;
}

static bool fill_holder_search(struct search *s)
{
    for (struct holder *h = orphans.list; h; h = h->next)
        s->n++;
    s->by_inode = calloc(s->n + 1, sizeof(struct holder *));
    if (!s->by_inode)
        return false;
    s->n = 0;
    for (struct holder *h = orphans.list; h; h = h->next)
        s->by_inode[s->n++] = h;
    qsort(s->by_inode, s->n, sizeof(struct holder *), compare_socket_inodes);
    return true;
}

/* gone() may stop watching other sockets. */
static void settle_orphan_sockets(void)
{
    struct holder *rest = orphans.list;
    orphans.list = NULL;
    if (rest)
        rest->link = &rest;
    while (rest) {
        struct holder *h = rest;
        leave_holders(h);
        if (h->found)
            watch_holder(h, h->found);
        else
            h->gone(h->arg);
    }
}

static void on_holder_search(struct timer *t)
{
    uint64_t start = loop_now();
    struct search s = {0};
    (void)t;
    if (fill_holder_search(&s) && (search_known_for_holders(&s) || search_all_for_holders(&s)))
        settle_orphan_sockets();
    free(s.by_inode);
    orphans.last_ms = loop_now() - start;
}
