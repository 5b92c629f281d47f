/* What all kernels share: views of arrays, how their elements are reached, and how kernels are exported.
 *
 * A kernel is a function that Python calls through ctypes, with one argument: the address of a struct that holds its
 * arguments.  It allocates nothing that outlives it, takes no lock, and knows nothing of Python.
 *
 * An array comes as a view: where its first element is, and how many there are.  Elements are reached through AT and its
 * kin alone.  Compiled with -DCHECKED these look at every index, and one that is out of bounds ends the kernel with an
 * error that names kernel, column, index and length; compiled without, they cost nothing.
 *
 * What Python hands over is declared once more beside each kernel in Python.  The text of every declaration here is
 * exported as well, and Python compares it with its own before the first call, so the two cannot drift apart.
 */
#ifndef FLEXSTREAM_KERNELS_H
#define FLEXSTREAM_KERNELS_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
/* A helper that belongs into each place that calls it: what its caller knows lets the compiler leave out half of it. */
#define HOT static inline __attribute__((always_inline))
/* A helper that is called too seldom to be worth a copy in each place. */
#define COLD static __attribute__((noinline))
#define LIKELY(truth) __builtin_expect(!!(truth), 1)
#define UNLIKELY(truth) __builtin_expect(!!(truth), 0)
/* Ask the memory for something ahead of its use: what follows need not wait for it. */
#define FETCH(address) __builtin_prefetch(address, 0, 3)

static const double INF = (double)INFINITY;

/* --- views ------------------------------------------------------------------------------------------------------- */

#define VIEWS(type, name)                                                                                              \
    typedef struct { type *at; int64_t n; } name;                                                                      \
    typedef struct { type *at; int64_t n, n1; } name##x2;                                                              \
    typedef struct { type *at; int64_t n, n1, n2; } name##x3;                                                          \
    typedef struct { type *at; int64_t n, n1, n2, n3; } name##x4;

VIEWS(int8_t, I8)
VIEWS(uint8_t, U8)
VIEWS(int16_t, I16)
VIEWS(int32_t, I32)
VIEWS(int64_t, I64)
VIEWS(uint64_t, U64)
VIEWS(float, F32)
VIEWS(double, F64)

/* An int64 column that may be part of rows: `step` numbers lie between one element and the next. */
typedef struct { int64_t *at; int64_t n, step; } Keys;
/* That column of rows, as a view of its own. */
#define KEYS(rows) ((Keys){&(rows).at->keys, (rows).n, (int64_t)(sizeof *(rows).at / sizeof(int64_t))})

#ifdef CHECKED
int64_t fs_inside(int64_t index, int64_t length, const char *column, const char *helper);
#define INSIDE(index, length, column) fs_inside(index, length, #column, __func__)
#else
#define INSIDE(index, length, column) (index)
#endif

#define AT(view, i) ((view).at[INSIDE(i, (view).n, view)])
#define AT2(view, i, j) ((view).at[INSIDE(i, (view).n, view) * (view).n1 + INSIDE(j, (view).n1, view)])
#define AT3(view, i, j, k)                                                                                             \
    ((view).at[(INSIDE(i, (view).n, view) * (view).n1 + INSIDE(j, (view).n1, view)) * (view).n2                        \
               + INSIDE(k, (view).n2, view)])
#define KEY_AT(view, i) ((view).at[INSIDE(i, (view).n, view) * (view).step])
/* A part of a view: `length` elements from `start` on. */
#define PART(type, view, start, length) ((type){(view).at + inside_part(start, length, (view).n, #view), length})

static inline int64_t inside_part(int64_t start, int64_t length, int64_t n, const char *view) {
#ifdef CHECKED
    if (length > 0) {
        fs_inside(start, n, view, "PART");
        fs_inside(start + length - 1, n, view, "PART");
    } else if (length < 0) {
        fs_inside(length, n, view, "PART");
    }
#endif
    (void)length, (void)n, (void)view;
    return start;
}

/* The sketch of one node, one length or copy of it, one row of that. */
HOT I32x3 sketch_of(I32x4 sketches, int64_t node) {
    int64_t size = sketches.n1 * sketches.n2 * sketches.n3;
    return (I32x3){sketches.at + INSIDE(node, sketches.n, sketches) * size, sketches.n1, sketches.n2, sketches.n3};
}
HOT I32x2 part_of(I32x3 sketch, int64_t length) {
    return (I32x2){sketch.at + INSIDE(length, sketch.n, sketch) * sketch.n1 * sketch.n2, sketch.n1, sketch.n2};
}
HOT I32 row_of(I32x2 part, int64_t row) {
    return (I32){part.at + INSIDE(row, part.n, part) * part.n1, part.n1};
}

/* All cells of a sketch, one behind the other. */
HOT I32 flat(I32x3 sketch) { return (I32){sketch.at, sketch.n * sketch.n1 * sketch.n2}; }

HOT int64_t least_of(int64_t a, int64_t b) { return a < b ? a : b; }
HOT int64_t most_of(int64_t a, int64_t b) { return a > b ? a : b; }

/* The sum of two counts of a sketch, the largest there is where it is larger: so it hangs on no order. */
HOT int32_t more_of(int32_t count, int32_t more) { return count > INT32_MAX - more ? INT32_MAX : count + more; }

/* --- declarations that Python checks ------------------------------------------------------------------------------ */

/* Rows that lie side by side: the columns of a node, an edge or a tail are one piece of memory. */
#define ROWS(name, ...)                                                                                                \
    typedef struct __VA_ARGS__ name;                                                                                   \
    typedef struct { name *at; int64_t n; } name##s;                                                                   \
    EXPORT const char fs_layout_##name[] = #__VA_ARGS__;

/* A record: columns and numbers that are handed over together, a NamedTuple in Python. */
#define RECORD(name, ...)                                                                                               \
    typedef struct __VA_ARGS__ name;                                                                                   \
    EXPORT const char fs_layout_##name[] = #__VA_ARGS__;

/* A kernel: its arguments are the members of `in`; what it returns is a number, or how it ended. */
#ifndef CHECKED
#define KERNEL(name, ...)                                                                                              \
    typedef struct __VA_ARGS__ name##_in;                                                                              \
    EXPORT const char fs_takes_##name[] = #__VA_ARGS__;                                                                \
    EXPORT int64_t fs_##name(const name##_in *in);                                                                     \
    EXPORT int64_t fs_##name(const name##_in *in)
#else
#include <setjmp.h>
typedef struct Guard { jmp_buf back; const char *kernel; struct Guard *outer; } Guard;
void fs_enter(Guard *guard, const char *kernel);
void fs_leave(Guard *guard);
#define KERNEL(name, ...)                                                                                              \
    typedef struct __VA_ARGS__ name##_in;                                                                              \
    EXPORT const char fs_takes_##name[] = #__VA_ARGS__;                                                                \
    static int64_t name##_body(const name##_in *in);                                                                   \
    EXPORT int64_t fs_##name(const name##_in *in);                                                                     \
    EXPORT int64_t fs_##name(const name##_in *in) {                                                                    \
        Guard guard;                                                                                                   \
        fs_enter(&guard, #name);                                                                                       \
        volatile int64_t result = -1;                                                                                  \
        if (!setjmp(guard.back)) result = name##_body(in);                                                             \
        fs_leave(&guard);                                                                                              \
        return result;                                                                                                 \
    }                                                                                                                  \
    static int64_t name##_body(const name##_in *in)
#endif

#endif
