/* The process's one long-lived connection to btnsd, for messages that need no answer. */
#ifndef BTNS_SHIM_LINK_H
#define BTNS_SHIM_LINK_H

#include "libapi/wire/wire.h"

#include <stdbool.h>

/*
 * A link's name: its descriptor and the socket's cookie in one word, so that threads read and
 * replace both at once. No two links of a process have the same name; 0: no link.
 */
typedef uint64_t link_name;

/* The current link, unchecked: makes no system call, but the link may be dead. */
link_name link_last(void);
/*
 * Returns the current link if it is alive, else opens a new one. 0: btnsd cannot be reached. With
 * `seldom`, a failed attempt is not repeated within a second.
 */
link_name link_get(bool seldom);
/* The network namespace that the link was opened in, as sock_netns() names it. */
uint64_t link_netns(link_name name);
/* Is the link's btnsd still connected? */
bool link_alive(link_name name);
/* Sends without waiting. Returns false, and closes the link, if the message was not sent. */
bool link_send(link_name name, const struct btns_flow *flow);
/* Sends a message of this type that is only a header, with a descriptor: 0, or -errno. */
long link_send_file(link_name name, enum btns_type type, int fd);

#endif
