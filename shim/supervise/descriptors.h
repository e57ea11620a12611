/* Processes beside the program, which must not hold its descriptors open. */
#ifndef BTNS_SHIM_SUPERVISE_DESCRIPTORS_H
#define BTNS_SHIM_SUPERVISE_DESCRIPTORS_H

#include <stddef.h>

/* Closes every descriptor but these (-1: none); 0, 1 and 2 are /dev/null then, if there is one. */
void descriptors_close_but(const int *keep, size_t n);

#endif
