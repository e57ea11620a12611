/*
 * Memory that the program points to, where the kernel says EFAULT and a plain read or write would
 * crash.
 */
#ifndef BTNS_SHIM_MEMORY_H
#define BTNS_SHIM_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* To the kernel, an address that no program can read: the call ends as with the program's own. */
#define MEMORY_NONE ((void *)-4096L)

/*
 * On this thread's stack, in the program's own data or in its heap, which can be read and written:
 * found out without a system call, so others' memory may be sound too.
 */
bool memory_is_sure(const void *at, size_t len);
/*
 * Copies from the program's memory; false: it cannot be read, or fd, about which the call is, is no
 * socket. What is not sure costs a getsockopt() of the socket for each page.
 */
bool memory_read(int fd, void *to, const void *from, size_t len);
/* Writes a number into the program's memory; false: it cannot be written. What is not sure costs a
 * getsockopt() of the socket fd. */
bool memory_write(int fd, unsigned *to, unsigned value);

#endif
