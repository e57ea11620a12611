/* Keeps the reason why this thread's last call was refused, for libbtns to show to the program. */
#ifndef BTNS_SHIM_LAST_REASON_H
#define BTNS_SHIM_LAST_REASON_H

void last_reason_set(const char *text);

#endif
