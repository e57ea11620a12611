/* The tests' stand-in for btnsd: what its files share. main.c says what it is for. */
#ifndef BTNS_TEST_MOCK_MOCK_H
#define BTNS_TEST_MOCK_MOCK_H

#include "libapi/wire/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* What the command line says. */
struct script {
    const char *scene;                  /* how commands are answered */
    const char *verdict, *older, *text; /* how programs are answered */
    const char *broken;                 /* what is wrong with each answer; "": nothing */
    uint32_t error;
    int cache, page, ring, delay, fail, translates, first;
};
extern struct script script;

/* One request, and the connection that it came by. */
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

bool is_broken(const char *how); /* does the script say so? */

/*
 * Answers with this message. The header is made here, and broken as the script says; so is the
 * length. With a descriptor, or three, of the epoch page.
 */
void send_answer(const struct request *r, void *msg, size_t len, enum btns_type type);
void send_answer_with(const struct request *r, void *msg, size_t len, enum btns_type type,
                      int page_fd);

void record_request(int log, const struct request *r); /* a line of the log */

/* A program's requests, by the script's verdict. */
bool is_flow_request(const struct request *r);
void answer_flow(const struct request *r, const struct btns_page *page, int page_fd);

/* The program's memory for its messages; each is written down as one that was sent. */
void share_ring(const struct request *r, uint64_t number, int log);
void leave_ring(int log); /* the program has to send from now on */
/* Returns when something is there to receive. */
void await_request(int from, int log);

/* Commands' requests, by the script's scene. */
bool is_scene(const char *name);
void answer_command(const struct request *r);
void share_scenes(void); /* before the first fork() */

#endif
