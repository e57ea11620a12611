/*
 * Closes inherited descriptors in the supervisor and the keeper, which must not hold the program's
 * files open.
 */
#ifndef BTNS_SHIM_SUPERVISE_DESCRIPTORS_H
#define BTNS_SHIM_SUPERVISE_DESCRIPTORS_H

#include <stddef.h>

/*
 * Closes every descriptor except those in `keep` (-1: none). 0, 1 and 2 become /dev/null, if that
 * can be opened.
 */
void descriptors_close_but(const int *keep, size_t n);

#endif
