/* The interposed calls that need no work: each is a jump to the real function. */
#include "shim/calls.h"

#define WORK(ret, name, params, args, nr)
#define PASS(ret, name, params, args, nr)                                                          \
    ret shim_##name params                                                                         \
    {                                                                                              \
        return REAL(name, PASS_ARGS args);                                                         \
    }
#define PASS_ARGS(...) __VA_ARGS__
#include "shim/calls.def"
