/* A stand-in for btnsd in tests: the interfaces between its files. main.c describes it. */
#ifndef BTNS_TEST_MOCK_MOCK_H
#define BTNS_TEST_MOCK_MOCK_H

#include "libapi/wire/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* The command line's options. */
struct script {
    const char *scene;                  /* how commands are answered */
    const char *verdict, *older, *text; /* how programs are answered */
    const char *broken;                 /* how each answer is broken; "": not at all */
    uint32_t error;
    int cache, page, ring, delay, fail, translates, first;
};
extern struct script script;

/* A request and the connection that it came from. */
struct request {
    union {
        struct btns_hdr hdr;
        struct btns_flow flow;
        struct btns_explain explain;
        struct btns_candidates candidates;
        struct btns_forget forget;
        struct btns_pin pin;
        struct btns_import import;
        struct btns_keyscan keyscan;
        char bytes[BTNS_MSG_MAX];
    };
    size_t len;
    int from;
    int fd; /* the socket that was attached; -1: none */
    pid_t pid;
};

bool is_broken(const char *how); /* does the script name this way of breaking answers? */

/*
 * Sends this message as an answer. Makes its header, and breaks header and length as the script
 * says. Attaches a descriptor of the epoch page, or three.
 */
void send_answer(const struct request *r, void *msg, size_t len, enum btns_type type);
void send_answer_with(const struct request *r, void *msg, size_t len, enum btns_type type,
                      int page_fd);

void record_request(int log, const struct request *r); /* writes a line to the log */

/* Answers a program's request with the script's verdict; false: it is another kind of request. */
bool is_flow_request(const struct request *r);
void answer_flow(const struct request *r, const struct btns_page *page, int page_fd);

/*
 * Maps the memory that the program offers for its messages; each message in it is logged like one
 * that was sent.
 */
void share_ring(const struct request *r, uint64_t number, int log);
void leave_ring(int log); /* from now on the program has to send its messages */
/* Returns when a request can be received. */
void await_request(int from, int log);

/* Answers a command's request by the script's scene. */
bool is_scene(const char *name);
void answer_command(const struct request *r);
void share_scenes(void); /* before the first fork() */

#endif
