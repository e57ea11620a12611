/* Work that needs descriptors, in a program that has none left. */
#ifndef BTNS_SHIM_APART_H
#define BTNS_SHIM_APART_H

#include <stdbool.h>

/*
 * Runs work(arg) with a copy of the program's table of descriptors, in which `fd` is what it is and
 * there is room for three more. What the work opens is closed when it returns. No signal is handled
 * meanwhile. False: it could not be run.
 */
bool apart_run(int fd, void (*work)(void *arg), void *arg);

#endif
