/*
 * btnsd --drop-mandatory: deletes the SPD entries of mandatory rules, so that nothing is blocked by
 * them.
 */
#include "btnsd/start/drop_mandatory.h"

#include "btnsd/base/log.h"
#include "btnsd/latch/floor/floor.h"
#include "btnsd/latch/floor/mandatory.h"
#include "btnsd/start/instance.h"

#include <string.h>

int drop_mandatory(void)
{
    struct err err = {""};
    struct mandatory stands, none = {.n = 0};
    struct xfrm *x = NULL;
    int rc = instance_only("/run/btns", &err);
    if (!rc)
        rc = (x = xfrm_open(&err)) ? mandatory_adopt(x, &stands) : -1;
    size_t n = rc ? 0 : stands.n;
    if (!rc)
        rc = mandatory_put(x, &stands, &none, &err);
    if (!rc)
        own_ipv6_unspare(x);
    xfrm_close(x);
    if (rc)
        log_error("the SPD entries of mandatory rules were not deleted: %s",
                  err.text[0] ? err.text : strerror(-rc));
    else
        log_note("%zu SPD entries of mandatory rules were deleted", n);
    return rc ? 1 : 0;
}
