/*
 * Tells the service manager that started us when we are ready (sd_notify(3), without libsystemd).
 */
#ifndef BTNS_BASE_NOTIFY_H
#define BTNS_BASE_NOTIFY_H

/* Takes $NOTIFY_SOCKET out of the environment, so that no child speaks for us. Call it first. */
void notify_init(void);
/* Does nothing without a service manager. */
void notify_ready(void);

#endif
