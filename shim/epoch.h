/* btnsd's epoch page, which says whether a cached verdict still holds. */
#ifndef BTNS_SHIM_EPOCH_H
#define BTNS_SHIM_EPOCH_H

#include "shim/link.h"

/* Has a page been mapped for this link? */
bool epoch_known(link_name link);
/* Maps the page in fd for link, which must have been open before the page was requested. */
void epoch_map(link_name link, int fd);
/* Is the btnsd alive that this page came from? No system call. */
bool epoch_alive(void);
/* Did this page come from the btnsd with this number, and is it alive? No system call. */
bool epoch_is_of(uint64_t btnsd);
/* Is `epoch` still the current one, and `link` the link that the page was mapped for? */
bool epoch_holds(link_name link, uint64_t epoch);

#endif
