/* btnsctl's audit of TCP: segments are written and read, and each verdict is computed. TAP. */
#include "btnsd/ctl/audit/attacks.h"
#include "btnsd/ctl/audit/audit_report.h"
#include "btnsd/ctl/audit/measures.h"
#include "btnsd/ctl/audit/tcp_settings.h"
#include "test/unit/check.h"

#include <string.h>

static struct segment example(int family)
{
    struct segment s = {.seq = 0xfffffff0, .ack = 17, .flags = SEG_ACK | SEG_FIN, .window = 501};
    btns_addr_parse(&s.from, family == AF_INET ? "10.0.0.1" : "2001:db8::1");
    btns_addr_parse(&s.to, family == AF_INET ? "10.0.0.2" : "2001:db8::2");
    s.from.port = 40000;
    s.to.port = 80;
    s.payload = 3;
    return s;
}

static void check_segments(void)
{
    const int families[] = {AF_INET, AF_INET6};
    for (int i = 0; i < 4; i++) {
        struct segment s = example(families[i & 1]), r;
        uint8_t packet[SEGMENT_MAX];
        s.stamped = i & 2;
        s.stamp = s.stamped ? 0x01020304 : 0;
        s.echo = s.stamped ? 0xa0b0c0d0 : 0;
        size_t len = segment_write(&s, packet);
        check(segment_read(packet, len, &r) && !memcmp(&s, &r, sizeof s),
              "a segment is read as it was written, family %d, timestamps %d", s.from.family,
              s.stamped);
        bool any = false;
        for (size_t cut = 0; cut < len; cut++)
            any |= segment_read(packet, cut, &r);
        check(!any, "no beginning of it is a segment");
    }
}

/* Segments whose lengths do not fit. */
static void check_hostile(void)
{
    struct segment s = example(AF_INET), r;
    uint8_t packet[SEGMENT_MAX], other[SEGMENT_MAX];
    s.stamped = true;
    size_t len = segment_write(&s, packet);
    const struct {
        size_t at;
        uint8_t value;
        const char *what;
    } wrong[] = {
        {0, 0x44, "an IP header shorter than 20"},
        {0, 0x4f, "an IP header with the TCP header"},
        {0, 0x75, "IP version 7"},
        {6, 0x20, "a fragment"},
        {7, 1, "a later fragment"},
        {9, 17, "a datagram"},
        {2, 0xff, "a length beyond the packet"},
        {3, 10, "a length inside the header"},
        {32, 0x40, "a TCP header shorter than 20"},
        {32, 0xf0, "a TCP header beyond the packet"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        memcpy(other, packet, sizeof other);
        other[wrong[i].at] = wrong[i].value;
        check(!segment_read(other, len, &r), "not read: %s", wrong[i].what);
    }
    const uint8_t lengths[] = {0, 1, 9, 11, 255};
    for (size_t i = 0; i < sizeof lengths; i++) {
        memcpy(other, packet, sizeof other);
        other[43] = lengths[i];
        check(segment_read(other, len, &r) && !r.stamped, "no timestamps of length %u", lengths[i]);
    }
}

static const struct attack *attack_named(const char *sent)
{
    for (unsigned i = 0; i < attacks_n; i++)
        if (!strcmp(attacks[i].sent, sent))
            return &attacks[i];
    check(false, "there is no attack \"%s\"", sent);
    return &attacks[0];
}

static const struct numbers numbers = {
    .rcv_nxt = 1000, .rcv_wnd = 500, .snd_una = 70000, .snd_nxt = 70010, .max_snd_wnd = 2000};

static void check_numbers(void)
{
    const struct {
        const char *sent;
        uint32_t seq, ack;
    } want[] = {
        {"RST, SEQ=RCV.NXT-1", 999, 0},
        {"RST, SEQ=RCV.NXT", 1000, 0},
        {"RST, SEQ=RCV.NXT+RCV.WND", 1500, 0},
        {"RST, SEQ=RCV.NXT+RCV.WND+1", 1501, 0},
        {"SYN, SEQ=the window's middle", 1250, 0},
        {"SYN,ACK, SEQ=the window's middle", 1250, 70010},
        {"data, ACK=SND.UNA", 1000, 70000},
        {"data, ACK=SND.UNA-MAX.SND.WND", 1000, 68000},
        {"data, ACK=SND.UNA-MAX.SND.WND-1", 1000, 67999},
        {"data, ACK=SND.NXT+1", 1000, 70011},
    };
    struct segment last = example(AF_INET);
    last.stamped = true;
    last.stamp = 9;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        struct segment s = attack_segment(attack_named(want[i].sent), &numbers, &last);
        check(s.seq == want[i].seq && s.ack == want[i].ack && s.stamped && s.stamp == 9 &&
                  s.window != last.window,
              "%s", want[i].sent);
    }
    struct segment s = attack_segment(
        attack_named("data, ACK=SND.UNA-MAX.SND.WND-1, the peer's last window"), &numbers, &last);
    check(s.window == last.window, "the peer's last window");
    s = attack_segment(attack_named("data, ACK=SND.UNA, without timestamps"), &numbers, &last);
    check(!s.stamped, "without timestamps");
    s = attack_segment(attack_named("data, ACK=SND.UNA, an old timestamp"), &numbers, &last);
    check(s.stamped && (int32_t)(s.stamp - 9) < 0, "an old timestamp");
}

/* The aftermath that leads to this outcome. */
static struct aftermath after(enum outcome o)
{
    struct aftermath a = {.before = numbers, .alive = true, .alive_later = true};
    struct segment challenge = {.flags = SEG_ACK, .seq = 70010, .ack = 1000};
    if (o == OUT_CHALLENGE || o == OUT_ANSWER) {
        a.answers = 1;
        a.answer[0] = challenge;
        a.answer[0].ack += o == OUT_ANSWER;
    }
    a.taken = o == OUT_TAKEN;
    a.alive = o != OUT_RESET;
    a.alive_later = o != OUT_RESET && o != OUT_RESET_LATER;
    a.lost = o == OUT_UNSEEN;
    return a;
}

/* In the order of enum outcome: Good, Weak, Bad, Unknown. */
static void check_verdicts(void)
{
    const struct {
        const char *sent, *verdicts;
    } want[] = {
        {"RST, SEQ=RCV.NXT-1", "GBBBBBU"},
        {"RST, SEQ=RCV.NXT", "BBBBGBU"},
        {"RST, SEQ=RCV.NXT+1", "BGBBBBU"},
        {"RST, SEQ=RCV.NXT+RCV.WND", "GGBBBBU"},
        {"SYN, SEQ=RCV.NXT+2^30", "BGBBBBU"},
        {"SYN, SEQ=RCV.NXT-1", "BGBBBBU"},
        {"data, ACK=SND.UNA", "BBBGBBU"},
        {"data, ACK=SND.UNA-MAX.SND.WND-1", "GGBBBBU"},
        {"data, ACK=SND.NXT+1", "GGBBBBU"},
        {"data without ACK", "GBBBBBU"},
        {"data, ACK=SND.UNA, without timestamps", "GGBWBBU"},
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        char got[OUTCOMES + 1] = "", text[CAME_BACK];
        for (unsigned o = 0; o < OUTCOMES; o++) {
            struct aftermath a = after((enum outcome)o);
            check(attack_outcome(&a) == o, "outcome %u is seen", o);
            got[o] = "GWUB"[attack_judge(attack_named(want[i].sent), &a, text)];
        }
        check(!strcmp(got, want[i].verdicts), "%s: %s", want[i].sent, got);
    }
    struct aftermath twice = after(OUT_CHALLENGE);
    twice.answers = 2;
    check(attack_outcome(&twice) == OUT_ANSWER, "two challenge ACKs are not one");
    struct aftermath not_exact = after(OUT_CHALLENGE);
    not_exact.answer[0].seq++;
    check(attack_outcome(&not_exact) == OUT_ANSWER, "nor is one with another SEQ");
    not_exact = after(OUT_CHALLENGE);
    not_exact.answer[0].flags |= SEG_RST;
    check(attack_outcome(&not_exact) == OUT_ANSWER, "nor a RST");
}

static void check_throttle(void)
{
    const struct {
        struct throttle t;
        enum verdict limit, tuning;
    } want[] = {
        {{.burst = 1, .pause_ms = 500, .tuning = TUNE_DONE, .tuned_burst = 40}, 0, 0},
        {{.burst = 1, .pause_ms = 480, .tuning = TUNE_DONE, .tuned_burst = 40}, 0, 0},
        {{.burst = 1, .pause_ms = 400, .tuning = TUNE_ABSENT}, VERDICT_BAD, VERDICT_BAD},
        {{.burst = 10, .watched_ms = 5000, .tuning = TUNE_UNTRIED}, 0, VERDICT_UNKNOWN},
        {{.burst = 11, .watched_ms = 9000, .tuning = TUNE_DONE, .tuned_burst = 11}, 3, 3},
        {{.burst = 2, .pause_ms = 1000, .tuning = TUNE_DONE, .tuned_burst = 3}, 0, 0},
        {{.burst = 0, .tuning = TUNE_DONE, .tuned_burst = 0}, VERDICT_BAD, VERDICT_BAD},
        {{.burst = 40, .pause_ms = 5, .tuning = TUNE_DONE, .tuned_to_ms = 500, .tuned_burst = 1},
         VERDICT_BAD,
         VERDICT_GOOD},
        {{.burst = 1, .pause_ms = 500, .lost = true, .tuning = TUNE_UNTRIED},
         VERDICT_UNKNOWN,
         VERDICT_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        char text[MEASURE_TEXT];
        enum verdict v = throttle_judge(&want[i].t, text);
        check(v == want[i].limit, "throttle %zu is %s: %s", i, verdict_name(v), text);
        v = tuning_judge(&want[i].t, text);
        check(v == want[i].tuning, "tuning %zu is %s: %s", i, verdict_name(v), text);
    }
}

static void check_ports(void)
{
    struct ports even = {.n = PORTS}, spread = {.n = PORTS}, narrow = {.n = PORTS};
    uint32_t random = 1;
    char text[MEASURE_TEXT];
    for (unsigned i = 0; i < PORTS; i++) {
        random = random * 1103515245 + 12345;
        even.port[i] = (uint16_t)(32768 + 2 * i);
        spread.port[i] = (uint16_t)(32768 + (random >> 16) % 28232);
        narrow.port[i] = (uint16_t)(40000 + (random >> 16) % 900);
    }
    check(ports_guesses(&even) == 1, "ports that count up need one guess");
    check(ports_guesses(&spread) > 400, "random ones need %u", ports_guesses(&spread));
    check(ports_judge(&even, false, text) == VERDICT_WEAK, "one destination: weak: %s", text);
    check(ports_judge(&even, true, text) == VERDICT_BAD, "many destinations: bad: %s", text);
    check(ports_judge(&spread, false, text) == VERDICT_GOOD, "spread: %s", text);
    check(ports_judge(&spread, true, text) == VERDICT_GOOD, "spread: %s", text);
    check(ports_judge(&narrow, true, text) == VERDICT_BAD, "few ports: %s", text);
    spread.n--;
    check(ports_judge(&spread, true, text) == VERDICT_UNKNOWN, "too few connections: %s", text);
    struct ports none = {.n = 0};
    check(ports_judge(&none, false, text) == VERDICT_UNKNOWN, "none: %s", text);
}

static void check_settings(void)
{
    const struct {
        const char *name, *value;
        enum verdict verdict;
    } want[] = {
        {"kernel", "2.6.32-5", VERDICT_BAD},
        {"kernel", "4.4.0", VERDICT_WEAK},
        {"kernel", "6.1.176", VERDICT_GOOD},
        {"kernel", "what", VERDICT_UNKNOWN},
        {"net.ipv4.tcp_challenge_ack_limit", "2147483647", VERDICT_GOOD},
        {"net.ipv4.tcp_challenge_ack_limit", "1000", VERDICT_BAD},
        {"net.ipv4.tcp_challenge_ack_limit", "", VERDICT_UNKNOWN},
        {"net.ipv4.tcp_invalid_ratelimit", "500", VERDICT_GOOD},
        {"net.ipv4.tcp_invalid_ratelimit", "0", VERDICT_BAD},
        {"net.ipv4.tcp_invalid_ratelimit", "60000", VERDICT_WEAK},
        {"net.ipv4.tcp_timestamps", "1", VERDICT_GOOD},
        {"net.ipv4.tcp_timestamps", "0", VERDICT_WEAK},
        {"net.ipv4.tcp_timestamps", "2", VERDICT_WEAK},
        {"net.ipv4.ip_local_port_range", "32768 60999", VERDICT_GOOD},
        {"net.ipv4.ip_local_port_range", "50000 60000", VERDICT_WEAK},
        {"net.ipv4.ip_local_port_range", "50000 50100", VERDICT_BAD},
        {"net.ipv4.ip_local_port_range", "5 1", VERDICT_UNKNOWN},
        {"net.ipv4.ip_local_reserved_ports", "", VERDICT_GOOD},
        {"net.ipv4.tcp_syncookies", "1", VERDICT_GOOD},
        {"net.ipv4.tcp_syncookies", "0", VERDICT_WEAK},
        {"net.ipv4.tcp_rfc1337", "0", VERDICT_WEAK},
        {"net.ipv4.route.min_pmtu", "552", VERDICT_GOOD},
        {"net.ipv4.route.min_pmtu", "68", VERDICT_WEAK},
        {"net.ipv4.tcp_min_snd_mss", "1", VERDICT_WEAK},
        {"net.ipv4.conf.*.rp_filter", "", VERDICT_GOOD},
        {"net.ipv4.conf.*.rp_filter", "eth0=1 eth1=2", VERDICT_GOOD},
        {"net.ipv4.conf.*.rp_filter", "eth0=1 eth1=0", VERDICT_WEAK},
        {"net.ipv4.conf.all.accept_source_route", "1", VERDICT_BAD},
        {"net.ipv4.conf.all.accept_redirects", "1", VERDICT_WEAK},
        {"TCP-MD5", "Protocol not available", VERDICT_WEAK},
        {"TCP-AO", "yes", VERDICT_GOOD},
    };
    check(setting_rows_n <= SETTINGS_MAX && attacks_n <= ATTACKS_MAX, "the tables have room");
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        char why[SETTING_TEXT], advice[SETTING_TEXT];
        unsigned k = 0;
        while (k < setting_rows_n && strcmp(setting_rows[k].name, want[i].name))
            k++;
        check(k < setting_rows_n, "%s is a setting", want[i].name);
        if (k == setting_rows_n)
            continue;
        enum verdict v = setting_judge(&setting_rows[k], want[i].value, why, advice);
        bool advised = v == VERDICT_GOOD || v == VERDICT_UNKNOWN || *advice;
        check(v == want[i].verdict && *why && advised, "%s = %s is %s: %s (%s)", want[i].name,
              want[i].value, verdict_name(v), why, advice);
    }
}

int main(void)
{
    check_segments();
    check_hostile();
    check_numbers();
    check_verdicts();
    check_throttle();
    check_ports();
    check_settings();
    return check_end();
}
