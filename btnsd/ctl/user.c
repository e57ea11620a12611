/* Parses a user's name or number. */
#include "btnsd/ctl/user.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>

int user_parse(const char *text, uint32_t *uid, struct err *err)
{
    char *end;
    const struct passwd *pw = getpwnam(text);
    errno = 0;
    unsigned long number = pw ? pw->pw_uid : strtoul(text, &end, 10);
    if (pw || (*text >= '0' && *text <= '9' && !*end && !errno && number < UINT32_MAX)) {
        *uid = (uint32_t)number;
        return 0;
    }
    err_set(err, "--user: '%s' is no user", text);
    return -EINVAL;
}
