/* Stands in for the program towards the process that started btns-run. */
#ifndef BTNS_SHIM_SUPERVISE_KEEPER_H
#define BTNS_SHIM_SUPERVISE_KEEPER_H

#include <sys/types.h>

/*
 * Passes signals on to the program, and stops and ends as the program does, as the supervisor
 * reports it over `news`. All signals must be blocked. Does not return.
 */
_Noreturn void keeper_run(pid_t supervisor, int news);

#endif
