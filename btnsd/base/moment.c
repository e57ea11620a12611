/* Numbers the moments in which messages that are found together are handled. */
#include "btnsd/base/moment.h"

#include <stdbool.h>

static uint64_t number;
static bool lasts;

void moment_begin(void)
{
    number++;
    lasts = true;
}

void moment_end(void)
{
    lasts = false;
}

uint64_t moment_number(void)
{
    return lasts ? number : 0;
}
