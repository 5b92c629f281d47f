/* What the library says of itself, and what a checked one does with an index that is out of bounds. */

#ifndef DIGEST
#define DIGEST "unknown"
#endif

/* Of the sources it was compiled from: tells a library that is older than they are. */
EXPORT const char fs_digest[] = DIGEST;

#ifdef CHECKED

#include <stdio.h>

static _Thread_local Guard *guards = NULL;
static _Thread_local char failure[512];

void fs_enter(Guard *guard, const char *kernel) {
    guard->kernel = kernel;
    guard->outer = guards;
    guards = guard;
}

void fs_leave(Guard *guard) { guards = guard->outer; }

int64_t fs_inside(int64_t index, int64_t length, const char *column, const char *helper) {
    if (LIKELY(index >= 0 && index < length)) return index;
    const char *kernel = guards ? guards->kernel : "?";
    snprintf(failure, sizeof failure, "kernel %s (in %s): index %lld of %s, which has length %lld", kernel, helper,
             (long long)index, column, (long long)length);
    if (!guards) abort();
    longjmp(guards->back, 1);
}

/* What ended the last kernel of this thread, once; empty where it ended well. */
EXPORT int64_t fs_failure(char *text, int64_t size);
EXPORT int64_t fs_failure(char *text, int64_t size) {
    snprintf(text, (size_t)size, "%s", failure);
    failure[0] = 0;
    return (int64_t)strlen(text);
}

#endif
