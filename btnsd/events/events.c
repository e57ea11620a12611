/* Hands each event to every subscriber. */
#include "btnsd/events/events.h"

#include <stddef.h>

void event_subscribe(struct events *es, struct subscriber *s)
{
    struct subscriber **p = &es->first;
    while (*p)
        p = &(*p)->next;
    s->next = NULL;
    *p = s;
}

void event_unsubscribe(struct events *es, struct subscriber *s)
{
    struct subscriber **p = &es->first;
    while (*p && *p != s)
        p = &(*p)->next;
    if (*p)
        *p = s->next;
}

static const char *event_text_or_empty(const char *text)
{
    return text ? text : "";
}

void event_emit(struct events *es, const struct event *e)
{
    struct event whole = *e;
    if (!es)
        return;
    whole.program = event_text_or_empty(e->program);
    whole.suite = event_text_or_empty(e->suite);
    whole.rule = event_text_or_empty(e->rule);
    whole.text = event_text_or_empty(e->text);
    for (struct subscriber *s = es->first; s; s = s->next)
        s->event(s, &whole);
}

bool event_is_latch(enum btns_event_kind kind)
{
    return kind >= BTNS_E_CREATED && kind <= BTNS_E_UNPROTECTED;
}
