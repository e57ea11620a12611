/* Stands in for the program towards the process that started it. */
#ifndef BTNS_SHIM_SUPERVISE_KEEPER_H
#define BTNS_SHIM_SUPERVISE_KEEPER_H

#include <sys/types.h>

/*
 * Passes on signals, and stops and ends as the program does, of which the supervisor tells by
 * `news`. All signals are blocked. Does not return.
 */
_Noreturn void keep(pid_t supervisor, int news);

#endif
