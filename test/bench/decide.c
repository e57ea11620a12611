/*
 * decide: measures a decision among 10, 100, 1,000 and 10,000 rules of several kinds. Prints
 * nanoseconds for a program that was asked about before, and for one that is asked about for the
 * first time; how many rules were compared on average and at most, instructions if the machine
 * counts them, and the memory of the index and its cache. Asserts nothing, because times depend on
 * the machine; effort.c asserts the counts.
 */
#include "btnsd/rules/index/index.h"
#include "test/unit/rules/kinds.h"

#include <linux/perf_event.h>
#include <netinet/in.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS  20000
#define SLOW    500 /* for kinds whose decisions take long */
#define ASKED   32  /* questions, about as many programs if the kind has many */
#define FIRSTS  256
#define BATCHES 10

/*
 * CPU time of this process: other processes do not count, except through the caches that they
 * empty.
 */
static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Returns -1 if the machine (often a virtual one) does not count instructions. */
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

/* The median time of decisions about programs that are not in the cache. */
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
