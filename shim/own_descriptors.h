/* Runs work that needs descriptors when the program is at its limit of descriptors. */
#ifndef BTNS_SHIM_OWN_DESCRIPTORS_H
#define BTNS_SHIM_OWN_DESCRIPTORS_H

#include <stdbool.h>

/*
 * Runs work(arg) in a thread with a copy of the descriptor table, in which `fd` is still open and
 * there is room for three more descriptors. Descriptors that the work opens are closed when it
 * returns. No signal is handled meanwhile. Returns false if the work could not be run.
 */
bool own_descriptors_run(int fd, void (*work)(void *arg), void *arg);

#endif
