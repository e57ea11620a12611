/*
 * Tells the service manager that started us that we are ready, and then that we live (sd_notify(3),
 * without libsystemd).
 */
#ifndef BTNS_BASE_NOTIFY_H
#define BTNS_BASE_NOTIFY_H

#include <stdint.h>

/*
 * Takes $NOTIFY_SOCKET and $WATCHDOG_... out of the environment, so that no child speaks for us.
 * Call it first.
 */
void notify_init(void);
/* Does nothing without a service manager. */
void notify_ready(void);
/* How often the service manager's watchdog wants notify_alive(), in ms; 0: never. */
uint64_t notify_alive_ms(void);
void notify_alive(void);

#endif
