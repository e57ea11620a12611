/* Which sockets a process has, by the numbers of their inodes in /proc. */
#include "btnsd/requests/held_sockets.h"

#include "libapi/wire/array.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void note_held_inode(struct held_sockets *h, uint32_t inode)
{
    uint32_t *more = array_grow(h->inode, &h->room, h->n + 1, sizeof *more);
    if (!more)
        return;
    h->inode = more;
    h->inode[h->n++] = inode;
}

static int compare_held_inodes(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void read_held_descriptors(struct held_sockets *h, pid_t pid, unsigned *most)
{
    char path[32], link[32];
    unsigned inode;
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *d = opendir(path);
    for (struct dirent *e; d && *most && (e = readdir(d)); --*most) {
        ssize_t n = readlinkat(dirfd(d), e->d_name, link, sizeof link - 1);
        link[n > 0 ? n : 0] = '\0';
        if (sscanf(link, "socket:[%u]", &inode) == 1)
            note_held_inode(h, inode);
    }
    if (d)
        closedir(d);
    if (h->n)
        qsort(h->inode, h->n, sizeof *h->inode, compare_held_inodes);
}

bool held_sockets_has(struct held_sockets *h, pid_t pid, uint32_t inode, unsigned *most)
{
    if (!h->read)
        read_held_descriptors(h, pid, most);
    h->read = true;
    return h->n && bsearch(&inode, h->inode, h->n, sizeof inode, compare_held_inodes);
}

void held_sockets_free(struct held_sockets *h)
{
    free(h->inode);
    *h = (struct held_sockets){.inode = NULL};
}
