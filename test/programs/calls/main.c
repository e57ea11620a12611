/*
 * Makes every call that the shim interposes, in success and in failure, and prints what came of it:
 * the output with the shim has to be that without. Descriptor numbers are part of it.
 */
#include "test/programs/calls/calls.h"

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    sockets();
    listening();
    connect_failures();
    connect_successes();
    connect_v6();
    connect_nonblocking();
    connect_unanswered();
    accepting();
    duplicating();
    shutting_down();
    numbers();
    remote();
    messages();
    fast_open();
    options();
    processes();
    return 0;
}
