/* Confines a process to its memory and one descriptor. */
#ifndef BTNS_RULES_READ_CONFINE_H
#define BTNS_RULES_READ_CONFINE_H

#include <stddef.h>

#define CONFINED_FD 3 /* the number that keep_fd gets; no other descriptor stays open */

/* A memory limit for a child: what this process uses, plus room to work. Call before fork(). */
size_t confine_memory_limit(void);
/*
 * Confines this process, which must have one thread. files: how many files it may still open, with
 * the rights of user nobody. After an -errno the process is not confined and must end.
 */
int policy_confine(int keep_fd, size_t memory, unsigned files);

#endif
