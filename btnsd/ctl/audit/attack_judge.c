/* Makes an attack's segment, and judges the victim's reaction to it. Pure. */
#include "btnsd/ctl/audit/attacks.h"

#include <stdio.h>

#define OLD_STAMP 100000 /* how much older an old timestamp is, in ticks */

static uint32_t attack_window_edge(enum edge e, const struct numbers *n)
{
    switch (e) {
    case RCV_NXT:
        return n->rcv_nxt;
    case RCV_MIDDLE:
        return n->rcv_nxt + n->rcv_wnd / 2;
    case RCV_END:
        return n->rcv_nxt + n->rcv_wnd;
    case SND_UNA:
        return n->snd_una;
    case SND_NXT:
        return n->snd_nxt;
    case ACK_FLOOR:
        return n->snd_una - n->max_snd_wnd;
    }
    return 0;
}

struct segment attack_segment(const struct attack *a, const struct numbers *n,
                              const struct segment *last)
{
    struct segment s = *last;
    s.flags = a->flags;
    s.seq = attack_window_edge(a->seq_from, n) + (uint32_t)a->seq_plus;
    s.ack = a->flags & SEG_ACK ? attack_window_edge(a->ack_from, n) + (uint32_t)a->ack_plus : 0;
    s.payload = a->payload;
    /* Linux takes a shorter path if the window is the same as the last one. */
    s.window = (uint16_t)(a->same_window ? last->window : last->window ^ 1);
    s.stamped = last->stamped && a->stamps != STAMPS_NONE;
    s.stamp = a->stamps == STAMPS_OLD ? last->stamp - OLD_STAMP : last->stamp;
    return s;
}

static bool is_attack_challenged(const struct segment *s, const struct numbers *n)
{
    return s->flags == SEG_ACK && s->seq == n->snd_nxt && s->ack == n->rcv_nxt && !s->payload;
}

enum outcome attack_outcome(const struct aftermath *seen)
{
    if (seen->taken)
        return OUT_TAKEN;
    if (!seen->alive)
        return OUT_RESET;
    if (!seen->alive_later)
        return OUT_RESET_LATER;
    if (seen->lost)
        return OUT_UNSEEN;
    if (!seen->answers)
        return OUT_SILENCE;
    if (seen->answers > 1 || !is_attack_challenged(&seen->answer[0], &seen->before))
        return OUT_ANSWER;
    return OUT_CHALLENGE;
}

/* Writes "+5", "-1" or "": by how much a number differs from the expected one. */
static const char *attack_sequence_distance(uint32_t number, uint32_t from, char buf[16])
{
    int32_t d = (int32_t)(number - from);
    snprintf(buf, 16, d ? "%+d" : "", d);
    return buf;
}

static void describe_attack_answer(const struct aftermath *seen, char text[CAME_BACK])
{
    const struct segment *s = &seen->answer[0];
    char seq[16], ack[16], more[32] = "";
    if (seen->answers > 1)
        snprintf(more, sizeof more, ", %u segments in all", seen->answers);
    snprintf(text, CAME_BACK, "%s%s%s%sSEQ=SND.NXT%s ACK=RCV.NXT%s, %u octets%s; it lives",
             s->flags & SEG_SYN ? "SYN " : "", s->flags & SEG_RST ? "RST " : "",
             s->flags & SEG_FIN ? "FIN " : "", s->flags & SEG_ACK ? "ACK " : "",
             attack_sequence_distance(s->seq, seen->before.snd_nxt, seq),
             attack_sequence_distance(s->ack, seen->before.rcv_nxt, ack), s->payload, more);
}

enum verdict attack_judge(const struct attack *a, const struct aftermath *seen,
                          char text[CAME_BACK])
{
    static const char *const words[OUTCOMES] = {
        [OUT_SILENCE] = "nothing; the connection lives",
        [OUT_CHALLENGE] = "challenge ACK; the connection lives",
        [OUT_TAKEN] = "the program received the data",
        [OUT_RESET] = "the connection was reset",
        [OUT_RESET_LATER] = "the connection was reset soon after",
        [OUT_UNSEEN] = "the capture lost packets: run it again on a quieter host",
    };
    enum outcome o = attack_outcome(seen);
    if (o == OUT_ANSWER)
        describe_attack_answer(seen, text);
    else
        snprintf(text, CAME_BACK, "%s", words[o]);
    if (a->good & 1u << o)
        return VERDICT_GOOD;
    if (a->weak & 1u << o)
        return VERDICT_WEAK;
    return o == OUT_UNSEEN ? VERDICT_UNKNOWN : VERDICT_BAD;
}
