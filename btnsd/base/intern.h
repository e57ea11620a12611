/*
 * Keeps one copy of each text while it is in use: there are many latches, but few different texts.
 */
#ifndef BTNS_BASE_INTERN_H
#define BTNS_BASE_INTERN_H

#include <stddef.h>

/*
 * Makes *place (NULL, or set by this function) hold `text`; NULL: no text. The copy that *place
 * held before is freed when no other place holds it. Out of memory, *place holds words that say so.
 */
void intern_set(const char **place, const char *text);
/* How many different texts are held. */
size_t intern_count(void);

#endif
