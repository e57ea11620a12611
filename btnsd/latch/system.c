/* keys = system: SAs of the IKE daemon that the administrator runs. */
#include "keying.h"

#include <errno.h>

static int begin(struct guard *g, enum guard_event *first, struct err *err)
{
    (void)g;
    (void)first;
    err_set(err, "keys = system is not supported yet");
    return -ENOTSUP;
}

const struct keying keying_system = {.hint = "", .pins = true, .begin = begin};
