/* The key managers, by the words that a rule has after "keys =". */
#include "btnsd/latch/keying/managers.h"

const struct keying *const key_managers[3] = {
    [KEYS_PRIVATE] = &keying_private,
    [KEYS_SYSTEM] = &keying_system,
    [KEYS_MANUAL] = &keying_manual,
};
