/* A user as a person writes it. */
#ifndef BTNS_CTL_USER_H
#define BTNS_CTL_USER_H

#include "libapi/wire/err.h"

#include <stdint.h>

/* A user's name, or number. 0, or -EINVAL with err. */
int user_parse(const char *text, uint32_t *uid, struct err *err);

#endif
