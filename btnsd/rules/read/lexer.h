/*
 * Splits a policy's text into tokens, by libconfuse's rules, but refuses what libconfuse would
 * drop.
 */
#ifndef BTNS_RULES_READ_LEXER_H
#define BTNS_RULES_READ_LEXER_H

#include "btnsd/rules/read/fault.h"

#include <stddef.h>

#define POLICY_VALUE_MAX 1024 /* with its NUL: as long as a path in the wire format */

enum policy_token_kind {
    TOKEN_END,
    TOKEN_WORD,   /* without quotes */
    TOKEN_STRING, /* in quotes */
    TOKEN_OPEN = '{',
    TOKEN_CLOSE = '}',
    TOKEN_EQUALS = '=',
    TOKEN_COMMA = ',',
};

struct policy_token {
    enum policy_token_kind kind;
    unsigned line, column;       /* from 0, in octets */
    unsigned width;              /* as written, with quotes */
    char text[POLICY_VALUE_MAX]; /* the value, or the punctuation itself */
};

struct policy_lexer {
    char *text; /* comments are replaced by blanks as they are read */
    size_t len, at;
    size_t line_at; /* where this line begins */
    unsigned line;
};

/* 0, or -EINVAL with a fault. */
int lexer_next(struct policy_lexer *lexer, struct policy_token *token, struct policy_fault *f);

#endif
