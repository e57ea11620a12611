/* A user's patterns are limited, because others wait while they are compared. TAP. */
#include "btnsd/users/users.h"
#include "test/unit/check.h"

#include <errno.h>
#include <string.h>

/* N patterns that differ only at their end. */
static struct rules *rules_with(unsigned n, struct err *err)
{
    static char text[300000];
    size_t len = (size_t)snprintf(text, sizeof text, "format = 1\nprogram \"p\" {\n match = {");
    for (unsigned i = 0; i < n; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s\"/a*%u\"", i ? ", " : " ", i);
    len += (size_t)snprintf(text + len, sizeof text - len,
                            " }\n rule \"r\" { at = { connect } action = protect }\n}\n");
    return rules_load_text("policy", text, len, err);
}

int main(void)
{
    struct err err = {""};
    struct rules *few = rules_with(100, &err), *many = rules_with(5000, &err);
    check(few && many, "both can be read: %s", err.text);
    check(few && !user_check_rules(few, 1000, &err), "a user may have a hundred patterns");
    err.text[0] = '\0';
    check(many && user_check_rules(many, 1000, &err) == -E2BIG && strstr(err.text, " 32768"),
          "but not thousands: %s", err.text);
    check(many && !user_check_rules(many, 0, &err), "root may");
    rules_free(few);
    rules_free(many);
    return check_end();
}
