/*
 * decide: what a decision costs among 10, 100, 1,000 and 10,000 rules of several kinds. Prints
 * nanoseconds, the words of 64 rules and the patterns looked at, instructions where the machine
 * counts them, and the memory of the index. Asserts nothing: times depend on the machine. The
 * tests assert on the numbers looked at (rules_effort).
 */
#include "../../btnsd/rules/index.h"
#include "../unit/rules_kinds.h"

#include <linux/perf_event.h>
#include <netinet/in.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 200000

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
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
    double start = now_ns();
    for (unsigned i = 0; i < ROUNDS; i++)
        sum += (size_t)rules_decide(r, &q[i % 1024], NULL);
    double ns = (now_ns() - start) / ROUNDS;
    uint64_t after = instructions(counter);
    __asm__ volatile("" ::"r"(sum));
    printf("%-10s %6zu rules %8.0f ns %6.1f words %6.1f patterns", kind->name, r->n, ns,
           effort.words / 1024.0, effort.patterns / 1024.0);
    if (after > before)
        printf(" %6.0f instructions", (double)(after - before) / ROUNDS);
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
