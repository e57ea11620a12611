/* Why the last call of this thread was refused: libbtns tells it to the program. */
#ifndef BTNS_SHIM_LAST_REASON_H
#define BTNS_SHIM_LAST_REASON_H

void last_reason_set(const char *text);

#endif
