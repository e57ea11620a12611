/* Reads the id of this boot of the host. */
#include "btnsd/base/boot.h"

#include <stdio.h>

bool boot_id(char id[BOOT_ID])
{
    FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
    bool ok = f && fscanf(f, "%39s", id) == 1;
    if (f)
        fclose(f);
    return ok;
}
