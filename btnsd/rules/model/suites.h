/* The table of ESP suites that profiles may ask for. */
#ifndef BTNS_RULES_MODEL_SUITES_H
#define BTNS_RULES_MODEL_SUITES_H

#include <stdbool.h>

struct suite {
    const char *name;   /* as in policy files, and strongSwan's esp_proposals */
    const char *kernel; /* the kernel's name of the AEAD */
    unsigned key_bits;  /* with salt, as the kernel counts */
};

/* The first is the default. Ended by a NULL name. */
extern const struct suite suites[];

/* The suite of this name; NULL when there is none, or when name is NULL. */
const struct suite *suite_named(const char *name);
/* Like suite_named(), but returns the default suite if there is none of this name. */
const struct suite *suite_or_default(const char *name);
/* The name in static storage, so that it may be kept; NULL when no suite has it. */
const char *suite_text(const char *name);
/* May a request for `asked` use `has`, which is the same suite, or at least as strong? */
bool suite_serves(const struct suite *has, const struct suite *asked);
/* Has no other suite longer keys? */
bool suite_is_strongest(const struct suite *s);

#endif
