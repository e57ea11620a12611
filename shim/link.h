/* The process's one long-lived connection to btnsd, for messages that need no answer. */
#ifndef SHIM_LINK_H
#define SHIM_LINK_H

#include "libapi/wire/wire.h"

#include <stdbool.h>

/*
 * A link's name: its descriptor and the socket's cookie in one word, so that threads read and
 * replace both at once. No two links of a process have the same name; 0: no link.
 */
typedef uint64_t link_name;

/* The present link as it was last seen: no system call, it may be gone. */
link_name link_last(void);
/*
 * The present link, found alive; opened if there was none. 0: btnsd cannot be reached. With seldom,
 * an attempt that failed is not repeated within a second.
 */
link_name link_get(bool seldom);
/* The network namespace that the link was opened in, as sock_netns() names it. */
uint64_t link_netns(link_name name);
/* Is btnsd still there? */
bool link_alive(link_name name);
/* Never waits. False: it was not sent. A link that failed is given up. */
bool link_send(link_name name, const struct btns_flow *flow);

#endif
