/* Octets as hexadecimal digits. */
#ifndef BTNS_BASE_HEX_H
#define BTNS_BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

/* Writes 2 n lower-case digits and a NUL. */
static inline void hex_write(char *text, const uint8_t *octets, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        text[2 * i] = digits[octets[i] >> 4];
        text[2 * i + 1] = digits[octets[i] & 15];
    }
    text[2 * n] = '\0';
}

#endif
