/* The filter of system calls: which calls of the program come to its supervisor. */
#ifndef BTNS_SHIM_SUPERVISE_FILTER_H
#define BTNS_SHIM_SUPERVISE_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FILTER_MAX = 255 }; /* instructions: the longest conditional jump */

struct filter {
    struct sock_filter code[FILTER_MAX];
    size_t len;
};

/*
 * Builds the filter. A call that carries `mark` in its last argument register passes. require: also
 * the calls by which something could leave that cannot be protected.
 */
void filter_build(struct filter *f, uint64_t mark, bool require);
/*
 * Puts the calling thread and its children under the filter, for ever. Returns the descriptor of
 * its notifications, or -errno. -EBUSY: it is under another program's filter that notifies. Without
 * CAP_SYS_ADMIN it sets no_new_privs.
 */
int filter_install(const struct filter *f);

enum filter_found { FILTER_NONE, FILTER_OF_RULES, FILTER_OF_REQUIRE };
/* Which filter with this mark the calling process is under. */
enum filter_found filter_find(uint64_t mark);

#endif
