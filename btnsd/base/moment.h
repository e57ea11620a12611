/*
 * Messages that are handled at one moment, because they were found together: what the kernel says
 * of their process and their route is asked for the first of them, and holds for the others.
 */
#ifndef BTNS_BASE_MOMENT_H
#define BTNS_BASE_MOMENT_H

#include <stdint.h>

void moment_begin(void);
void moment_end(void);
/* No two moments have the same number. 0: it is none, and everything is asked anew. */
uint64_t moment_number(void);

#endif
