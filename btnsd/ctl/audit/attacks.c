/* The table of segments that the self-test sends into a connection: tcpsecure -01, and RFC 5961. */
#include "btnsd/ctl/audit/attacks.h"

#define FAR (1 << 30) /* outside of any window */

#define RST_OUTSIDE                                                                                \
    0, 0, 0, false, STAMPS_RIGHT, OUT(SILENCE), 0,                                                 \
        "a RST outside the window is dropped silently (2.2 A; RFC 5961, 3.2)"
#define RST_INSIDE(set)                                                                            \
    0, 0, 0, false, STAMPS_RIGHT, set, 0,                                                          \
        "a RST inside the window that is not exact is dropped, with a challenge ACK (2.2 C; "      \
        "RFC 5961, 3.2)"
#define RST_RIGHT_EDGE                                                                             \
    0, 0, 0, false, STAMPS_RIGHT, OUT(CHALLENGE) | OUT(SILENCE), 0,                                \
        "at the window's right edge the document wants a challenge ACK (<=, 2.2 C), RFC 5961 "     \
        "silence (<, 3.2): both are accepted"
#define SYN_ANYWHERE(plus, payload)                                                                \
    plus, payload, false, STAMPS_RIGHT, OUT(CHALLENGE), 0,                                         \
        "a SYN with any number is dropped, with a challenge ACK (3.2; RFC 5961, 4.2)"
#define SYN_CORNER(payload)                                                                        \
    0, payload, false, STAMPS_RIGHT, OUT(CHALLENGE), 0,                                            \
        "the peer that restarts with this number takes the ACK for its own: it has to choose "     \
        "another ISN, and the connection lives (3.2; RFC 5961, 4.2)"
#define ACK_INSIDE                                                                                 \
    1, false, STAMPS_RIGHT, OUT(TAKEN), 0,                                                         \
        "SND.UNA-MAX.SND.WND <= SEG.ACK <= SND.NXT is accepted (4.2; RFC 5961, 5.2): an "          \
        "attacker with both numbers gets data in; only signatures or ESP prevent that"
#define ACK_TOO_OLD(same_window, weak)                                                             \
    1, same_window, STAMPS_RIGHT, OUT(CHALLENGE) | OUT(SILENCE), weak,                             \
        "SEG.ACK < SND.UNA-MAX.SND.WND is dropped (4.2), with a challenge ACK (RFC 5961, 5.2): "   \
        "silence is accepted, too"
#define ACK_TOO_NEW                                                                                \
    1, false, STAMPS_RIGHT, OUT(CHALLENGE) | OUT(SILENCE), 0,                                      \
        "SEG.ACK > SND.NXT is dropped (4.2), with an ACK (RFC 793) or without, by version: both "  \
        "are accepted"

/* The flags, the sequence number and the acknowledgement come first; see struct attack. */
const struct attack attacks[] = {
    {"T1", "RST, SEQ=RCV.NXT-1", SEG_RST, RCV_NXT, -1, RST_OUTSIDE},
    {"T1", "RST, SEQ=RCV.NXT+RCV.WND+1", SEG_RST, RCV_END, 1, RST_OUTSIDE},
    {"T1", "RST, SEQ=RCV.NXT+2^30", SEG_RST, RCV_NXT, FAR, RST_OUTSIDE},
    {"T2", "RST, SEQ=RCV.NXT", SEG_RST, RCV_NXT, 0, 0, 0, 0, false, STAMPS_RIGHT, OUT(RESET), 0,
     "the exact number resets the connection (2.2 B; RFC 5961, 3.2)"},
    {"T3", "RST, SEQ=RCV.NXT+1", SEG_RST, RCV_NXT, 1, RST_INSIDE(OUT(CHALLENGE))},
    {"T3", "RST, SEQ=the window's middle", SEG_RST, RCV_MIDDLE, 0, RST_INSIDE(OUT(CHALLENGE))},
    {"T3", "RST, SEQ=RCV.NXT+RCV.WND-1", SEG_RST, RCV_END, -1, RST_INSIDE(OUT(CHALLENGE))},
    {"T3", "RST, SEQ=RCV.NXT+RCV.WND", SEG_RST, RCV_END, 0, RST_RIGHT_EDGE},
    {"T4", "SYN, SEQ=RCV.NXT", SEG_SYN, RCV_NXT, 0, 0, SYN_ANYWHERE(0, 0)},
    {"T4", "SYN, SEQ=the window's middle", SEG_SYN, RCV_MIDDLE, 0, 0, SYN_ANYWHERE(0, 0)},
    {"T4", "SYN, SEQ=RCV.NXT+RCV.WND", SEG_SYN, RCV_END, 0, 0, SYN_ANYWHERE(0, 0)},
    {"T4", "SYN, SEQ=RCV.NXT+RCV.WND+1", SEG_SYN, RCV_END, 1, 0, SYN_ANYWHERE(0, 0)},
    {"T4", "SYN, SEQ=RCV.NXT+2^30", SEG_SYN, RCV_NXT, FAR, 0, SYN_ANYWHERE(0, 0)},
    {"T4", "SYN, SEQ=RCV.NXT-2^30", SEG_SYN, RCV_NXT, -FAR, 0, SYN_ANYWHERE(0, 0)},
    {"T4", "SYN with data, SEQ=the window's middle", SEG_SYN, RCV_MIDDLE, 0, 0, SYN_ANYWHERE(0, 1)},
    {"T4", "SYN,ACK, SEQ=the window's middle", SEG_SYN | SEG_ACK, RCV_MIDDLE, 0, SND_NXT,
     SYN_ANYWHERE(0, 0)},
    {"T5", "SYN, SEQ=RCV.NXT-1", SEG_SYN, RCV_NXT, -1, 0, SYN_CORNER(0)},
    {"T5", "SYN with data, SEQ=RCV.NXT-1", SEG_SYN, RCV_NXT, -1, 0, SYN_CORNER(1)},
    {"T6", "data, ACK=SND.UNA", SEG_ACK, RCV_NXT, 0, SND_UNA, 0, ACK_INSIDE},
    {"T6", "data, ACK=SND.UNA-MAX.SND.WND", SEG_ACK, RCV_NXT, 0, ACK_FLOOR, 0, ACK_INSIDE},
    {"T6", "data, ACK=SND.UNA-MAX.SND.WND-1", SEG_ACK, RCV_NXT, 0, ACK_FLOOR, -1,
     ACK_TOO_OLD(false, 0)},
    {"T6", "data, ACK=SND.UNA-2^30", SEG_ACK, RCV_NXT, 0, SND_UNA, -FAR, ACK_TOO_OLD(false, 0)},
    {"T6", "data and FIN, ACK=SND.UNA-MAX.SND.WND-1", SEG_ACK | SEG_FIN, RCV_NXT, 0, ACK_FLOOR, -1,
     ACK_TOO_OLD(false, 0)},
    {"T6", "data, ACK=SND.UNA-MAX.SND.WND-1, the peer's last window", SEG_ACK, RCV_NXT, 0,
     ACK_FLOOR, -1, ACK_TOO_OLD(true, OUT(TAKEN))},
    {"T6", "data, ACK=SND.NXT+1", SEG_ACK, RCV_NXT, 0, SND_NXT, 1, ACK_TOO_NEW},
    {"T6", "data, ACK=SND.NXT+2^30", SEG_ACK, RCV_NXT, 0, SND_NXT, FAR, ACK_TOO_NEW},
    {"T6", "data without ACK", 0, RCV_NXT, 0, 0, 0, 1, false, STAMPS_RIGHT, OUT(SILENCE), 0,
     "a segment without ACK is dropped (RFC 793, 3.9)"},
    {"TS", "data, ACK=SND.UNA, without timestamps", SEG_ACK, RCV_NXT, 0, SND_UNA, 0, 1, false,
     STAMPS_NONE, OUT(SILENCE) | OUT(CHALLENGE), OUT(TAKEN),
     "on a connection with timestamps, a segment without is dropped (RFC 7323, 3.2): where it is "
     "taken, timestamps keep no attacker out"},
    {"TS", "data, ACK=SND.UNA, an old timestamp", SEG_ACK, RCV_NXT, 0, SND_UNA, 0, 1, false,
     STAMPS_OLD, OUT(SILENCE) | OUT(CHALLENGE), 0,
     "an old timestamp is not accepted; an ACK may say so (PAWS: RFC 7323, 5.3)"},
};
const unsigned attacks_n = sizeof attacks / sizeof *attacks;
