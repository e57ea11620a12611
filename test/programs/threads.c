/*
 * Threads that connect at the same time, or until they are cancelled.
 *
 *     threads parallel|cancel HOST PORT COUNT
 *
 * cancel: as soon as $LOG shows that btnsd was asked.
 */
#include "test/shim/tool.h"

#include <pthread.h>
#include <stdint.h>

static struct place server;

static void *connect_once(void *arg)
{
    (void)arg;
    return (void *)(uintptr_t)visit(&server);
}

static void *connect_only(void *arg)
{
    connect_place(*(int *)arg, &server);
    return NULL;
}

static void parallel(int count)
{
    pthread_t *threads = calloc((size_t)count, sizeof *threads);
    int ok = 0, before = descriptors(0, false);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < count; i++)
            if (pthread_create(&threads[i], NULL, connect_once, NULL))
                errx(1, "pthread_create");
        for (int i = 0; i < count; i++) {
            void *result;
            pthread_join(threads[i], &result);
            ok += !strcmp(result, "ok");
            if (strcmp(result, "ok") != 0)
                warnx("%s", (char *)result);
        }
    }
    printf("ok %d left %d\n", ok, descriptors(0, false) - before);
    free(threads);
}

/* How many times the mock, which writes to $LOG, was asked. */
static int asked(void)
{
    char line[512];
    int n = 0;
    FILE *f = fopen(getenv("LOG"), "re");
    if (!f)
        err(1, "the mock's log");
    while (fgets(line, sizeof line, f))
        n += !strncmp(line, "CONNECT ", 8);
    fclose(f);
    return n;
}

static void cancel(int count)
{
    int cancelled = 0, before = descriptors(0, false);
    for (int i = 0; i < count; i++) {
        pthread_t thread;
        void *result;
        int fd = tcp_socket(&server);
        pthread_create(&thread, NULL, connect_only, &fd);
        while (asked() <= i)
            usleep(1000);
        pthread_cancel(thread);
        pthread_join(thread, &result);
        cancelled += result == PTHREAD_CANCELED;
        close(fd);
    }
    printf("cancelled %d left %d\n", cancelled, descriptors(0, false) - before);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        errx(2, "usage: threads parallel|cancel HOST PORT COUNT");
    server = place_of(argv[2], argv[3]);
    if (!strcmp(argv[1], "parallel"))
        parallel(atoi(argv[4]));
    else
        cancel(atoi(argv[4]));
    return 0;
}
