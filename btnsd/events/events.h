/*
 * Events about latches, peers and rules, for subscribers: the log, watching clients, the audit log.
 */
#ifndef BTNS_EVENTS_EVENTS_H
#define BTNS_EVENTS_EVENTS_H

#include "libapi/wire/key.h"
#include "libapi/wire/wire.h"

#include <stdbool.h>
#include <sys/types.h>

/* Valid only during the call. Subscribers never see a NULL text. */
struct event {
    enum btns_event_kind kind;
    enum btns_reason reason;
    enum btns_state state; /* the latch's new state; 0: the event is not about a latch */
    uid_t uid;             /* the latch's owner; 0 also when there is none */
    pid_t pid;
    uint64_t cookie;
    uint64_t count; /* RULES: the generation */
    struct btns_addr local, remote;
    const struct btns_key *key; /* NULL: none */
    const char *program, *suite, *rule, *text;
};

/* Embedded in its owner. event() must not subscribe or unsubscribe. */
struct subscriber {
    struct subscriber *next;
    void (*event)(struct subscriber *s, const struct event *e);
};

/* Zeroed: no subscribers. */
struct events {
    struct subscriber *first;
};

void event_subscribe(struct events *es, struct subscriber *s);
void event_unsubscribe(struct events *es, struct subscriber *s);
/*
 * Hands the event to every subscriber, in the order in which they subscribed. es NULL: there are
 * none.
 */
void event_emit(struct events *es, const struct event *e);
bool event_is_latch(enum btns_event_kind kind);

/* event_log.c: the subscriber that writes the log. */
extern struct subscriber event_log;
/* Writes the event as a line for a person, without the time; returns buf. */
const char *event_text(const struct event *e, char *buf, size_t size);

#endif
