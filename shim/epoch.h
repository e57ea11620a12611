/* btnsd's epoch page, which says whether a cached verdict still holds. */
#ifndef SHIM_EPOCH_H
#define SHIM_EPOCH_H

#include "shim/link.h"

/* There is a page that was received after this link was opened. */
bool epoch_known(link_name link);
/* Maps the page in fd for use with link, which was open before the page was asked for. */
void epoch_map(link_name link, int fd);
/* Is `epoch` still the present one, and `link` still the one that the page goes with? */
bool epoch_holds(link_name link, uint64_t epoch);

#endif
