/* Closes the descriptors that the process inherited. */
#include "shim/supervise/descriptors.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

static int compare_descriptors(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void close_descriptors_between(int first, int last)
{
    if (first <= last)
        close_range((unsigned)first, (unsigned)last, 0);
}

void descriptors_close_but(const int *keep, size_t n)
{
    int kept[8];
    size_t count = 0;
    for (size_t i = 0; i < n && count < sizeof kept / sizeof *kept; i++)
        if (keep[i] >= 0)
            kept[count++] = keep[i];
    qsort(kept, count, sizeof *kept, compare_descriptors);
    int next = 0;
    for (size_t i = 0; i < count; i++) {
        close_descriptors_between(next, kept[i] - 1);
        next = kept[i] + 1;
    }
    close_descriptors_between(next, INT_MAX);
    int fd;
    do
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (fd >= 0 && fd <= 2);
    if (fd > 2)
        close(fd);
}
