/* Numbers the moments in which messages that are found together are handled. */
#include "btnsd/base/message_batch.h"

#include <stdbool.h>

static uint64_t number;
static bool lasts;

void batch_begin(void)
{
    number++;
    lasts = true;
}

void batch_end(void)
{
    lasts = false;
}

uint64_t batch_number(void)
{
    return lasts ? number : 0;
}
