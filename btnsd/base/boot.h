/* The id of this boot of the host. Files in /run that are useless after the next boot name it. */
#ifndef BTNS_BASE_BOOT_H
#define BTNS_BASE_BOOT_H

#include <stdbool.h>

#define BOOT_ID 40

/* False: the id cannot be read. */
bool boot_id(char id[BOOT_ID]);

#endif
