/* A library whose constructor connects to $EARLY_HOST, $EARLY_PORT. */
#include "test/shim/tool.h"

__attribute__((constructor(101))) static void connect_early(void)
{
    struct place p = place_of(getenv("EARLY_HOST"), getenv("EARLY_PORT"));
    dprintf(1, "%s\n", visit(&p));
}
