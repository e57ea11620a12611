/*
 * Makes every call that the shim intercepts, with success and with failure, and prints the results.
 * The output must be the same with and without the shim, including descriptor numbers.
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
