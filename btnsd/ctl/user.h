/* Parses a user's name or number. */
#ifndef BTNS_CTL_USER_H
#define BTNS_CTL_USER_H

#include "libapi/wire/err.h"

#include <stdint.h>

/* text: the argument of --user. 0, or -EINVAL with err. */
int user_parse(const char *text, uint32_t *uid, struct err *err);

#endif
