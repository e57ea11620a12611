/* btnsd's answer to BTNS_REQ_STATUS: its own state. */
#ifndef BTNS_LIBAPI_WIRE_STATUS_H
#define BTNS_LIBAPI_WIRE_STATUS_H

#include "libapi/wire/header.h"

struct btns_status_msg {
    struct btns_hdr hdr;
    uint32_t pid;
    uint32_t charon_pid; /* 0: not running */
    uint8_t key[32];     /* this host's key */
    uint64_t generation; /* of the rules in force */
    uint32_t rules;      /* number of rules */
    uint32_t peers;      /* number of known peers */
    uint32_t guards;
    uint32_t latches;
    uint64_t started;            /* seconds since 1970 */
    char refused[BTNS_TEXT_MAX]; /* why the newest policy was refused, or "" */
    char version[BTNS_NAME_MAX];
    uint32_t charon_off;   /* 1: btnsd was told to run no charon */
    uint32_t guards_of[3]; /* guards by key manager: private, system, manual */
    char system[256];      /* the system's IKE daemon: its socket and state */
    uint32_t latching_off; /* btnsd --no-latching */
    uint32_t pad;
    char in_force[BTNS_TEXT_MAX]; /* the rules in force, if not those of the policy files; or "" */
    char wrong[BTNS_WRONG_MAX];   /* other things that a person should mend, a line each; or "" */
};

#endif
