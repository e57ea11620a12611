/* The seccomp filter that sends the program's calls to its supervisor. */
#ifndef BTNS_SHIM_SUPERVISE_FILTER_H
#define BTNS_SHIM_SUPERVISE_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FILTER_MAX = 255 }; /* instructions, so that every conditional jump reaches its target */

struct filter {
    struct sock_filter code[FILTER_MAX];
    size_t len;
};

/*
 * Builds the filter. A call with `mark` in its last argument register passes. With `require`, calls
 * that could send something unprotectable are stopped as well.
 */
void filter_build(struct filter *f, uint64_t mark, bool require);
/*
 * Puts the calling thread and its children under the filter, for ever. Returns the descriptor of
 * its notifications, or -errno (-EBUSY: another program's filter notifies already). Without
 * CAP_SYS_ADMIN it sets no_new_privs.
 */
int filter_install(const struct filter *f);

enum filter_found { FILTER_NONE, FILTER_OF_RULES, FILTER_OF_REQUIRE };
/* Is the calling process under a filter with this mark, and under which kind? */
enum filter_found filter_find(uint64_t mark);

#endif
