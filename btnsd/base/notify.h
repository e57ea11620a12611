/* Tells a service manager that started us when we are ready (sd_notify(3), without its library). */
#ifndef BTNS_NOTIFY_H
#define BTNS_NOTIFY_H

/* Takes $NOTIFY_SOCKET out of the environment: no child is to speak for us. Call it first. */
void notify_init(void);
/* Does nothing when nobody wants to know. */
void notify_ready(void);

#endif
