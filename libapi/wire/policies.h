/* Messages about the policies that users submit, store and block. */
#ifndef BTNS_LIBAPI_WIRE_POLICIES_H
#define BTNS_LIBAPI_WIRE_POLICIES_H

#include "libapi/wire/answers.h"

struct btns_policy_msg {
    struct btns_hdr hdr;
    uint32_t error; /* 0, or an errno: .text says file:line and reason */
    uint32_t pad;
    uint64_t policy; /* handle for struct btns_flow.policy, for the submitting user's processes */
    char text[BTNS_TEXT_MAX];
    struct btns_about about;
};

/* Adds a policy of the sender's, which is stored until it is removed. */
struct btns_policy_add {
    struct btns_hdr hdr;
    char name[BTNS_NAME_MAX];
};

enum btns_policy_what {
    BTNS_POLICY_THIS, /* remove, list: the user's policy of that name */
    BTNS_POLICY_BLOCK,
    BTNS_POLICY_UNBLOCK,
    BTNS_POLICY_BLOCK_ALL,
    BTNS_POLICY_UNBLOCK_ALL,
    BTNS_POLICY_EVERYBODY, /* list: all users'; only for root */
};

struct btns_policy_name {
    struct btns_hdr hdr;
    uint32_t what;  /* enum btns_policy_what */
    uint32_t uid;   /* the policy's owner: BTNS_UID_OWN; another user's only for root */
    char name[136]; /* the policy's name; to block: PROGRAM/RULE */
};

enum btns_policy_kind {
    BTNS_POLICY_IS_TEXT = 1,
    BTNS_POLICY_IS_BLOCK,
    BTNS_POLICY_IS_BLOCK_ALL,
    BTNS_POLICY_IS_BROKEN,  /* the stored policies cannot be used: .name says why */
    BTNS_POLICY_IS_SERVICE, /* a profile with an owner or a purpose */
};

struct btns_policy_item {
    struct btns_hdr hdr;
    uint32_t kind; /* enum btns_policy_kind */
    uint32_t uid;
    uint32_t rules;
    uint32_t octets;
    uint8_t hash[32]; /* SHA-256 of the policy's text */
    char name[264];
    char vendor[BTNS_WORDS_MAX]; /* the service's owner */
    char description[BTNS_WORDS_MAX];
};

#endif
