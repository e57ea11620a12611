/*
 * Tells the service manager that btnsd is ready, and then, for its watchdog, that btnsd is alive
 * (sd_notify(3), without libsystemd).
 */
#ifndef BTNS_BASE_NOTIFY_H
#define BTNS_BASE_NOTIFY_H

#include <stdint.h>

/*
 * Removes $NOTIFY_SOCKET and $WATCHDOG_... from the environment, so that no child speaks for btnsd.
 * Call it first.
 */
void notify_init(void);
/* Does nothing without a service manager. */
void notify_ready(void);
/* How often the service manager's watchdog wants notify_alive(), in ms; 0: never. */
uint64_t notify_alive_ms(void);
void notify_alive(void);

#endif
