/* Exit statuses of btns-run itself, the same as those of env(1), nice(1) and timeout(1). */
#ifndef BTNS_SHIM_RUN_EXITS_H
#define BTNS_SHIM_RUN_EXITS_H

enum { EXIT_OWN_FAILURE = 125, EXIT_CANNOT_RUN = 126, EXIT_NOT_FOUND = 127 };

#endif
