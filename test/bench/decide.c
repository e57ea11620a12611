/*
 * decide: the cost of a decision among 10, 100, 1,000 and 10,000 rules of several kinds. Prints
 * nanoseconds for a program asked about before and for the first time, how many rules were compared
 * on average and at most, instructions where the machine counts them, and the memory of the index
 * and of what it keeps. Asserts nothing: times depend on the machine. effort.c asserts the numbers.
 */
#include "btnsd/rules/index/index.h"
#include "test/unit/rules/kinds.h"

#include <linux/perf_event.h>
#include <netinet/in.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS  20000
#define SLOW    500 /* where each takes long */
#define ASKED   32  /* questions, of as many programs where the kind has many */
#define FIRSTS  256
#define BATCHES 10

/* Of this process alone: others on the machine do not count, but for what they leave of its caches.
 */
static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* -1 where the machine (often a virtual one) does not count, or does not say. */
static int open_counter(void)
{
    struct perf_event_attr attr = {.type = PERF_TYPE_HARDWARE,
                                   .size = sizeof attr,
                                   .config = PERF_COUNT_HW_INSTRUCTIONS,
                                   .exclude_kernel = 1};
    return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static uint64_t instructions(int counter)
{
    uint64_t n = 0;
    return counter >= 0 && read(counter, &n, sizeof n) == sizeof n ? n : 0;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of decisions about programs of which nothing is kept. */
static double first_ns(const struct rules *r, const struct question *q)
{
    double took[FIRSTS];
    for (unsigned i = 0; i < FIRSTS; i++) {
        struct question one = q[i % ASKED];
        index_forget(r->index);
        double start = now_ns();
        __asm__ volatile("" ::"r"(rules_decide(r, &one, NULL)));
        took[i] = now_ns() - start;
    }
    qsort(took, FIRSTS, sizeof *took, compare);
    return took[FIRSTS / 2];
}

static void measure(const struct kind *kind, unsigned rules, int counter)
{
    struct rules *r = kind_rules(kind, rules);
    static struct question q[ASKED];
    static char program[ASKED][64];
    struct dice dice = {rules};
    unsigned looked_at = 0, most = 0;
    size_t sum = 0;
    for (unsigned i = 0; i < ASKED; i++)
        kind_question(kind, rules, &dice, &q[i], program[i]);
    double first = first_ns(r, q);
    for (unsigned i = 0; i < ASKED; i++) {
        struct index_effort effort = {0};
        index_first(r, &q[i], 0, 0, &effort);
        looked_at += effort.rules;
        most = effort.rules > most ? effort.rules : most;
    }
    uint64_t before = instructions(counter);
    unsigned rounds = looked_at / ASKED > 1000 ? SLOW : ROUNDS;
    double ns = 0;
    for (unsigned batch = 0; batch < BATCHES; batch++) {
        double start = now_ns();
        for (unsigned i = 0; i < rounds; i++)
            sum += (size_t)rules_decide(r, &q[i % ASKED], NULL);
        double took = (now_ns() - start) / rounds;
        ns = batch && ns < took ? ns : took;
    }
    uint64_t after = instructions(counter);
    __asm__ volatile("" ::"r"(sum));
    printf("%-10s %6zu rules %s %6.0f ns %8.0f first %7.1f compared %6u most", kind->name, r->n,
           kind->in_section < 100000 ? "many" : "own ", ns, first, looked_at / (double)ASKED, most);
    if (after > before)
        printf(" %6.0f instructions", (double)(after - before) / rounds / BATCHES);
    printf(" %6zu KiB of index %4zu KiB kept\n", index_octets(r->index) / 1024,
           index_octets_kept(r->index) / 1024);
    rules_free(r);
}

int main(void)
{
    int counter = open_counter();
    for (const struct kind *kind = kinds; kind->name; kind++)
        for (unsigned rules = 10; rules <= 10000; rules *= 10)
            measure(kind, rules, counter);
    return 0;
}
