/* Reads charon's packets on a VICI connection: answers and events. */
#include "btnsd/ike/vici/vici_conn.h"

#include <stdlib.h>
#include <string.h>

static bool is_vici_well_formed(const uint8_t *body, size_t len)
{
    struct vici_reader r;
    struct vici_item it;
    vici_reader_init(&r, body, len);
    while (vici_next(&r, &it) > VICI_END)
        ;
    return it.type == VICI_END;
}

/* Handles the answer to the first request. known false: charon does not know the name. */
static const char *take_vici_answer(struct vici_conn *c, enum packet request, bool known,
                                    const uint8_t *body, size_t len)
{
    struct vici_request *r = c->first;
    if (!r || c->sent < r->len || r->type != request)
        return "charon answered a request that was not made";
    if (!known ? len != 0 : !is_vici_well_formed(body, len))
        return "charon sent a malformed answer";
    c->first = r->next;
    if (!c->first)
        c->last = &c->first;
    c->queued -= r->len - VICI_HEADER;
    c->sent = 0;
    free(r);
    vici_conn_flush(c);
    c->ops->answer(c->arg, known ? body : NULL, len);
    return NULL;
}

static const char *take_vici_event(struct vici_conn *c, const uint8_t *p, size_t len)
{
    char name[256];
    if (!len || !p[0] || (size_t)p[0] + 1 > len || memchr(p + 1, '\0', p[0]))
        return "charon sent an event without a name";
    size_t name_len = p[0];
    memcpy(name, p + 1, name_len);
    name[name_len] = '\0';
    p += 1 + name_len;
    len -= 1 + name_len;
    if (!is_vici_well_formed(p, len))
        return "charon sent a malformed event";
    c->ops->event(c->arg, name, p, len);
    return NULL;
}

/* Handles one whole packet, without its length. Returns why the connection must end, or NULL. */
static const char *take_vici_packet(struct vici_conn *c, const uint8_t *p, size_t len)
{
    static const struct {
        bool answer, known;
        enum packet request;
    } kinds[] = {
        [CMD_RESPONSE] = {true, true, CMD_REQUEST},
        [CMD_UNKNOWN] = {true, false, CMD_REQUEST},
        [EVENT_CONFIRM] = {true, true, EVENT_REGISTER},
        [EVENT_UNKNOWN] = {true, false, EVENT_REGISTER},
        [EVENT] = {0},
    };
    if (p[0] == EVENT)
        return take_vici_event(c, p + 1, len - 1);
    if (p[0] < EVENT && kinds[p[0]].answer)
        return take_vici_answer(c, kinds[p[0]].request, kinds[p[0]].known, p + 1, len - 1);
    return "charon sent a packet of an unknown type";
}

static uint32_t vici_packet_len(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

const char *vici_conn_take(struct vici_conn *c)
{
    size_t at = 0, len = 0;
    const char *why = NULL;
    while (!why && !c->freed && c->in_len - at >= VICI_HEADER) {
        len = vici_packet_len(c->in + at);
        if (!len || len > VICI_MAX)
            return "charon sent a packet of a bad length";
        if (c->in_len - at - VICI_HEADER < len)
            break;
        why = take_vici_packet(c, c->in + at + VICI_HEADER, len);
        at += VICI_HEADER + len;
    }
    c->in_len -= at;
    memmove(c->in, c->in + at, c->in_len);
    return why;
}
