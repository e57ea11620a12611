/* T9: does one source port tell the next? Pure. */
#include "btnsd/ctl/audit/measures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOO_FEW   64   /* a blind attacker can easily make this many guesses */
#define FEW_PORTS 1024 /* a smaller range is searched quickly, whatever the order */

static int compare_port_counts(const void *a, const void *b)
{
    unsigned left = *(const unsigned *)a, right = *(const unsigned *)b;
    return (left < right) - (left > right);
}

unsigned ports_guesses(const struct ports *p)
{
    static unsigned count[1u << 16]; /* how often each distance occurs, modulo 2^16 */
    unsigned guesses = 0, found = 0, steps = p->n > 1 ? p->n - 1 : 0;
    memset(count, 0, sizeof count);
    for (unsigned i = 0; i < steps; i++)
        count[(uint16_t)(p->port[i + 1] - p->port[i])]++;
    qsort(count, 1u << 16, sizeof *count, compare_port_counts);
    while (found * 2 < steps)
        found += count[guesses++];
    return guesses;
}

static unsigned ports_span(const struct ports *p)
{
    uint16_t least = UINT16_MAX, most = 0;
    for (unsigned i = 0; i < p->n; i++) {
        least = p->port[i] < least ? p->port[i] : least;
        most = p->port[i] > most ? p->port[i] : most;
    }
    return p->n ? (unsigned)(most - least) + 1 : 0;
}

enum verdict ports_judge(const struct ports *p, bool others, char text[MEASURE_TEXT])
{
    unsigned guesses = ports_guesses(p), span = ports_span(p);
    if (p->n < PORTS) {
        snprintf(text, MEASURE_TEXT, "only %u of %u connections could be made", p->n, PORTS);
        return VERDICT_UNKNOWN;
    }
    snprintf(text, MEASURE_TEXT,
             "%u connections on %u ports: half of the ports are among %u guesses from the one "
             "before",
             p->n, span, guesses);
    /*
     * Only an attacker who sees connections to this very destination can guess from them (RFC 6056,
     * 3.3.3).
     */
    if (guesses < TOO_FEW)
        return others ? VERDICT_BAD : VERDICT_WEAK;
    return others && span < FEW_PORTS ? VERDICT_BAD : VERDICT_GOOD;
}
