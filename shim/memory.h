/*
 * Copies from and to the program's memory; a bad pointer gives an error, as in the kernel (EFAULT),
 * not a crash.
 */
#ifndef BTNS_SHIM_MEMORY_H
#define BTNS_SHIM_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * An address that no program can read. Given to the kernel in place of the program's bad pointer,
 * it makes the call fail in the same way.
 */
#define MEMORY_NONE ((void *)-4096L)

/*
 * Is this memory certainly readable and writable: on this thread's stack, in the program's data or
 * in its heap? Makes no system call, so false does not mean that the memory is bad.
 */
bool memory_is_sure(const void *at, size_t len);
/*
 * Copies from the program's memory. Returns false if it cannot be read, or if fd, the call's
 * socket, is no socket. Where memory_is_sure() is false, it costs one getsockopt() a page.
 */
bool memory_read(int fd, void *to, const void *from, size_t len);
/*
 * Writes a number into the program's memory. Returns false if it cannot be written. Where
 * memory_is_sure() is false, it costs one getsockopt() of the socket fd.
 */
bool memory_write(int fd, unsigned *to, unsigned value);

#endif
