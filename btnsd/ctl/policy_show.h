/* btnsctl policy show: prints policy files as they were written, or in the long form. */
#ifndef BTNS_CTL_POLICY_SHOW_H
#define BTNS_CTL_POLICY_SHOW_H

#include "btnsd/ctl/commands.h"

/* Returns an exit status. */
int policy_show(const struct ctl *c, struct err *err);

#endif
