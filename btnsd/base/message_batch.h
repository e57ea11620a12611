/*
 * Groups messages that are found together into one moment: btnsd asks the kernel about their
 * process and their route for the first message, and uses the answers for the others.
 */
#ifndef BTNS_BASE_MESSAGE_BATCH_H
#define BTNS_BASE_MESSAGE_BATCH_H

#include <stdint.h>

void batch_begin(void);
void batch_end(void);
/*
 * The number of the present moment; no two moments have the same. 0: outside of any moment, so
 * everything is asked anew.
 */
uint64_t batch_number(void);

#endif
