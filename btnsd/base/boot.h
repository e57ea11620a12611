/* Which boot of the host this is: files in /run that mean nothing after the next one name it. */
#ifndef BTNS_BOOT_H
#define BTNS_BOOT_H

#include <stdbool.h>

#define BOOT_ID 40

/* False: it cannot be known. */
bool boot_id(char id[BOOT_ID]);

#endif
