/* btnsctl audit tcp: is this host's TCP hardened against blind attackers? */
#include "btnsd/ctl/audit/audit_report.h"
#include "btnsd/ctl/commands.h"

#include <string.h>

int ctl_audit(const struct ctl *c, struct err *err)
{
    struct audit a = {.here = c->here};
    if (strcmp(c->args[0], "tcp")) {
        err_set(err, "audit what? Only \"tcp\" can be audited, not %s", c->args[0]);
        return CTL_USAGE;
    }
    settings_read(&a.settings);
    a.test = selftest_run(c->here, &a.settings);
    if (!a.test) {
        err_set(err, "out of memory");
        return CTL_FAILED;
    }
    bool good = c->json ? audit_print_json(&a) : audit_print(&a);
    if (!a.test->done)
        err_set(err, "%s", a.test->why.text);
    else if (!selftest_whole(a.test))
        err_set(err, "a part of the self-test could not be done: see the last lines");
    else if (!good)
        err_set(err, "something is bad in this host's TCP: see the rows");
    selftest_free(a.test);
    return good ? CTL_OK : CTL_FAILED;
}
