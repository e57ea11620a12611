/*
 * decide: what a decision costs among 10, 100, 1,000 and 10,000 rules of several kinds. Prints
 * nanoseconds, the lines of 512 rules and the patterns looked at, instructions where the machine
 * counts them, and the memory of the index. Asserts nothing: times depend on the machine. The
 * tests assert on the numbers looked at (rules_effort).
 */
#include "btnsd/rules/index/index.h"
#include "test/unit/rules/kinds.h"

#include <linux/perf_event.h>
#include <netinet/in.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS  20000
#define SLOW    20 /* where each takes long */
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

static void measure(const struct kind *kind, unsigned rules, int counter)
{
    struct rules *r = kind_rules(kind, rules);
    static struct question q[1024];
    static char program[1024][64];
    struct dice dice = {rules};
    struct index_effort effort = {0};
    size_t sum = 0;
    for (unsigned i = 0; i < 1024; i++)
        kind_question(kind, rules, &dice, &q[i], program[i]);
    for (unsigned i = 0; i < 1024; i++)
        index_first(r, &q[i], 0, 0, &effort);
    uint64_t before = instructions(counter);
    unsigned rounds = kind->worst == EVERY_PATTERN ? SLOW : ROUNDS;
    double ns = 0;
    for (unsigned batch = 0; batch < BATCHES; batch++) {
        double start = now_ns();
        for (unsigned i = 0; i < rounds; i++)
            sum += (size_t)rules_decide(r, &q[i % 1024], NULL);
        double took = (now_ns() - start) / rounds;
        ns = batch && ns < took ? ns : took;
    }
    uint64_t after = instructions(counter);
    __asm__ volatile("" ::"r"(sum));
    printf("%-10s %6zu rules %8.0f ns %6.1f lines %6.1f patterns", kind->name, r->n, ns,
           effort.lines / 1024.0, effort.patterns / 1024.0);
    if (after > before)
        printf(" %6.0f instructions", (double)(after - before) / rounds / BATCHES);
    printf(" %8zu KiB of index\n", r->index->octets / 1024);
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
