/* Maps the result of a request to btnsctl's exit status. */
#include "btnsd/ctl/commands.h"

#include <errno.h>

int ctl_exit(int rc)
{
    switch (rc) {
    case 0:
        return CTL_OK;
    case -ENOENT:
        return CTL_UNKNOWN;
    case -EPERM:
    case -EACCES:
        return CTL_DENIED;
    default:
        return CTL_FAILED;
    }
}
