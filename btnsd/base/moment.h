/*
 * Groups messages that are found together into one moment: what the kernel says about their process
 * and their route is asked for the first message, and used for the others.
 */
#ifndef BTNS_BASE_MOMENT_H
#define BTNS_BASE_MOMENT_H

#include <stdint.h>

void moment_begin(void);
void moment_end(void);
/*
 * The number of the present moment; no two moments have the same. 0: outside of any moment, so
 * everything is asked anew.
 */
uint64_t moment_number(void);

#endif
