/* Stands in for the shim: writes to standard error that it was loaded. */
#include <unistd.h>

__attribute__((constructor)) static void loaded(void)
{
    (void)!write(2, "marker: loaded\n", 15);
}
