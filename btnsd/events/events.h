/* What happens, told to whoever subscribed: the log, watching clients, the audit log. */
#ifndef BTNS_EVENTS_H
#define BTNS_EVENTS_H

#include "libapi/wire/key.h"
#include "libapi/wire/wire.h"

#include <stdbool.h>
#include <sys/types.h>

/* Valid during the call alone. Texts are never NULL when a subscriber sees them. */
struct event {
    enum btns_event_kind kind;
    enum btns_reason reason;
    enum btns_state state; /* of the latch from now on; 0: the event is no latch's */
    uid_t uid;             /* whose latch it is; 0 also for what is nobody's */
    pid_t pid;
    uint64_t cookie;
    uint64_t count; /* RULES: the generation */
    struct btns_addr local, remote;
    const struct btns_key *key; /* NULL: none */
    const char *program, *suite, *rule, *text;
};

/* Embedded in its owner. event() may not subscribe or unsubscribe anybody. */
struct subscriber {
    struct subscriber *next;
    void (*event)(struct subscriber *s, const struct event *e);
};

/* Zeroed: nobody listens. */
struct events {
    struct subscriber *first;
};

void event_subscribe(struct events *es, struct subscriber *s);
void event_unsubscribe(struct events *es, struct subscriber *s);
/* Tells every subscriber, in the order they came. es NULL: nobody. */
void event_emit(struct events *es, const struct event *e);
bool event_is_latch(enum btns_event_kind kind);

/* event_log.c: the subscriber that writes the log. */
extern struct subscriber event_log;
/* A line for a person, without the time; returns buf. */
const char *event_text(const struct event *e, char *buf, size_t size);

#endif
