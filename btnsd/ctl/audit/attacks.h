/* The segments that the self-test sends into a connection, and how the results are judged. Pure. */
#ifndef BTNS_CTL_AUDIT_ATTACKS_H
#define BTNS_CTL_AUDIT_ATTACKS_H

#include "btnsd/ctl/audit/segment.h"
#include "btnsd/ctl/audit/verdict.h"

/* The victim's numbers (RFC 793, section 3.2), read with TCP_REPAIR. */
struct numbers {
    uint32_t rcv_nxt, rcv_wnd, snd_una, snd_nxt, max_snd_wnd;
};

/* The points from which a segment's numbers are counted. */
enum edge {
    RCV_NXT,
    RCV_MIDDLE, /* of the receive window */
    RCV_END,    /* RCV.NXT+RCV.WND */
    SND_UNA,
    SND_NXT,
    /*
     * SND.UNA-MAX.SND.WND; MAX.SND.WND is the largest window received from the peer (RFC 5961,
     * section 5.2), not advertised to it, as the document says
     */
    ACK_FLOOR,
};

/* The timestamps that a segment carries, if the connection uses them. */
enum stamps { STAMPS_RIGHT, STAMPS_NONE, STAMPS_OLD };

/* Possible outcomes; sets of them are made of bits. */
enum outcome {
    OUT_SILENCE,   /* nothing came back, and the connection lives */
    OUT_CHALLENGE, /* only <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> came back, and it lives */
    OUT_ANSWER,    /* something else came back, and it lives */
    OUT_TAKEN,     /* the program received the segment's data */
    OUT_RESET,     /* the connection has ended */
    OUT_RESET_LATER,
    OUT_UNSEEN, /* the capture lost packets */
    OUTCOMES
};
#define OUT(name) (1u << OUT_##name)

struct attack {
    const char *row;  /* "T1" */
    const char *sent; /* for a person */
    uint8_t flags;
    enum edge seq_from;
    int32_t seq_plus;
    enum edge ack_from; /* without SEG_ACK: not used */
    int32_t ack_plus;
    uint32_t payload;
    bool same_window; /* the window field is the peer's last one */
    enum stamps stamps;
    unsigned good, weak;  /* sets of outcomes; all others are bad */
    const char *expected; /* the outcome that the documents ask for */
};
extern const struct attack attacks[];
extern const unsigned attacks_n;

/* The self-test's observations after one attack. */
#define ANSWERS 4
struct aftermath {
    struct numbers before;
    struct segment answer[ANSWERS]; /* from the victim */
    unsigned answers;               /* number of answers, of which ANSWERS are kept at most */
    bool alive, alive_later;        /* right after the attack; at the end of the test */
    bool lost;                      /* the capture lost packets */
    uint32_t taken;                 /* octets that the program received */
};

/*
 * The attack's segment, from a template with addresses, the peer's last window and its timestamps.
 */
struct segment attack_segment(const struct attack *a, const struct numbers *n,
                              const struct segment *last);
enum outcome attack_outcome(const struct aftermath *seen);
/* text: describes the answer. */
#define CAME_BACK 160
enum verdict attack_judge(const struct attack *a, const struct aftermath *seen,
                          char text[CAME_BACK]);

#endif
