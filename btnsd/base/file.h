/* Joins paths, and writes files completely or not at all. */
#ifndef BTNS_BASE_FILE_H
#define BTNS_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#define FILE_PATH 256 /* the longest path used here, with its NUL; sockets allow less */

/* "dir/name" into path; 0 or -ENAMETOOLONG. */
int file_path(char path[FILE_PATH], const char *dir, const char *name);
int file_write_all(int fd, const void *data, size_t len); /* 0 or -errno */
/*
 * Writes the whole file under a temporary name beside path, then renames it. With replace false:
 * -EEXIST if path exists. 0 or -errno; after an error path is as before.
 */
int file_write(const char *path, const void *data, size_t len, mode_t mode, bool replace);
/*
 * Replaces path in the same way by the text that `print` writes to f. print returns 0 or -errno; it
 * need not check for errors of stdio.
 */
int file_print(const char *path, mode_t mode, int (*print)(FILE *f, void *arg), void *arg);
/*
 * Removes the temporary files in dir and below it. They are left when a process dies while it
 * writes one, so the caller is the only one that writes there.
 */
void file_remove_unfinished(const char *dir);

#endif
