/* Checks that a message is a complete answer of btnsd's to the question that was asked. */
#include "libapi/client/conversation.h"

#include <errno.h>
#include <string.h>

/* The layout of each answer: its exact length, and where its strings are. */
static const struct shape {
    uint16_t type;
    size_t size;
    struct {
        size_t at, size;
    } text[12];
} shapes[] = {
#define TEXT(s, field)                                                                             \
    {                                                                                              \
        offsetof(struct s, field), sizeof((struct s *)0)->field                                    \
    }
    {BTNS_REP_VERDICT,
     sizeof(struct btns_verdict_msg),
     {TEXT(btns_verdict_msg, text), TEXT(btns_verdict_msg, about.service)}},
    {BTNS_REP_POLICY,
     sizeof(struct btns_policy_msg),
     {TEXT(btns_policy_msg, text), TEXT(btns_policy_msg, about.service)}},
    {BTNS_REP_STATUS,
     sizeof(struct btns_status_msg),
     {TEXT(btns_status_msg, refused), TEXT(btns_status_msg, version), TEXT(btns_status_msg, system),
      TEXT(btns_status_msg, in_force), TEXT(btns_status_msg, wrong)}},
    {BTNS_REP_LATCH,
     sizeof(struct btns_latch_msg),
     {TEXT(btns_latch_msg, program), TEXT(btns_latch_msg, suite), TEXT(btns_latch_msg, rule),
      TEXT(btns_latch_msg, reason), TEXT(btns_latch_msg, name), TEXT(btns_latch_msg, subject),
      TEXT(btns_latch_msg, authority)}},
    {BTNS_REP_PEER,
     sizeof(struct btns_peer_msg),
     {TEXT(btns_peer_msg, name), TEXT(btns_peer_msg, file)}},
    {BTNS_REP_END,
     sizeof(struct btns_end_msg),
     {TEXT(btns_end_msg, text), TEXT(btns_end_msg, about.service)}},
    {BTNS_REP_CANDIDATE,
     sizeof(struct btns_candidate_msg),
     {TEXT(btns_candidate_msg, rule), TEXT(btns_candidate_msg, program),
      TEXT(btns_candidate_msg, file), TEXT(btns_candidate_msg, author),
      TEXT(btns_candidate_msg, action), TEXT(btns_candidate_msg, profile),
      TEXT(btns_candidate_msg, suite), TEXT(btns_candidate_msg, identity),
      TEXT(btns_candidate_msg, why), TEXT(btns_candidate_msg, rank),
      TEXT(btns_candidate_msg, vendor), TEXT(btns_candidate_msg, description)}},
    {BTNS_REP_EVENT,
     sizeof(struct btns_event_msg),
     {TEXT(btns_event_msg, program), TEXT(btns_event_msg, suite), TEXT(btns_event_msg, rule),
      TEXT(btns_event_msg, text)}},
    {BTNS_REP_POLICY_ITEM,
     sizeof(struct btns_policy_item),
     {TEXT(btns_policy_item, name), TEXT(btns_policy_item, vendor),
      TEXT(btns_policy_item, description)}},
#undef TEXT
};

static const struct shape *answer_shape(uint16_t type)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (shapes[i].type == type)
            return &shapes[i];
    return NULL;
}

int refuse_answer(const struct conversation *c, const char *what, struct err *err)
{
    err_set(err,
            "btnsd at %s gave an answer that is no answer (%s): is it of the same release as "
            "this program? Restart btnsd after an upgrade",
            c->path, what);
    return -EPROTO;
}

/*
 * The part of an answer that names the requestor and the request; NULL if this type of answer has
 * none.
 */
static const struct btns_about *answer_about(const union btns_reply *r)
{
    switch (r->hdr.type) {
    case BTNS_REP_VERDICT:
        return &r->verdict.about;
    case BTNS_REP_POLICY:
        return &r->policy.about;
    case BTNS_REP_END:
        return &r->end.about;
    default:
        return NULL;
    }
}

/* Is the answer about our request? BTNS_REP_END names no request. */
static bool is_answer_about(const struct conversation *c, const union btns_reply *r)
{
    const struct btns_about *about = answer_about(r);
    return !about || !about->outcome ||
           (about->outcome < BTNS_OUTCOMES && about->request == c->type);
}

int check_answer(const struct conversation *c, union btns_reply *r, size_t len, struct err *err)
{
    if (len < sizeof r->hdr)
        return refuse_answer(c, "shorter than a header", err);
    if (r->hdr.version != BTNS_WIRE_VERSION) {
        err_set(err,
                "btnsd at %s speaks version %u of its protocol, this program version %d: restart "
                "btnsd after an upgrade",
                c->path, r->hdr.version, BTNS_WIRE_VERSION);
        return -EPROTO;
    }
    const struct shape *shape = answer_shape(r->hdr.type);
    if (!shape)
        return refuse_answer(c, "of no known type", err);
    if (len != shape->size)
        return refuse_answer(c, "of the wrong length", err);
    if (r->hdr.id != c->id || !is_answer_about(c, r))
        return refuse_answer(c, "to another question", err);
    for (size_t i = 0; i < sizeof shape->text / sizeof *shape->text && shape->text[i].size; i++)
        ((char *)r)[shape->text[i].at + shape->text[i].size - 1] = '\0';
    return 0;
}

int end_of_answer(const struct btns_end_msg *end, struct err *err)
{
    if (!end->error)
        return 0;
    int error = end->error <= INT16_MAX ? (int)end->error : EPROTO;
    err_set(err, "%s", *end->text ? end->text : strerror(error));
    return -error;
}
