/* Taking everything from a process but the memory and the one descriptor that it needs. */
#ifndef BTNS_RULES_CONFINE_H
#define BTNS_RULES_CONFINE_H

#include <stddef.h>

#define CONFINED_FD 3 /* where keep_fd is afterwards; there is no other */

/* The most memory a child may have: what this process has, and room to work. Call before fork(). */
size_t policy_memory_limit(void);
/*
 * It may open so many files itself, with the rights of nobody. 0, or -errno: then the process is
 * still a danger and must end. For a process of one thread.
 */
int policy_confine(int keep_fd, size_t memory, unsigned files);

#endif
