/* One copy of each text for as long as btnsd runs: there are few, and very many latches. */
#ifndef BTNS_BASE_INTERN_H
#define BTNS_BASE_INTERN_H

const char *intern(const char *text);

#endif
