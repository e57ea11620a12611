/* Which sockets a process has, by the numbers of their inodes. */
#ifndef BTNS_REQUESTS_HELD_SOCKETS_H
#define BTNS_REQUESTS_HELD_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Zeroed: not read yet. */
struct held_sockets {
    uint32_t *inode; /* sorted */
    size_t n, room;
    bool read;
};

/*
 * Has the process this socket? Reads all of its descriptors the first time, but no more than *most,
 * which is lowered by as many as it reads.
 */
bool held_sockets_has(struct held_sockets *h, pid_t pid, uint32_t inode, unsigned *most);
void held_sockets_free(struct held_sockets *h);

#endif
