/* Drawing traces from an automaton; see drawing.py. */

enum { ENDED = -1, SILENT = -1 };
enum { STATE, LENGTH };

RECORD(DrawColumns, { F64 rising; I64 bounds; I64 offsets; I32 symbols; I32 targets; })

/* The transition that a number between 0 and 1 stands for, or ENDED. */
HOT int64_t pick(const DrawColumns *columns, int64_t state, double uniform) {
    int64_t first = AT(columns->bounds, state), last = AT(columns->bounds, state + 1);
    double bottom = AT(columns->rising, first), top = AT(columns->rising, last);
    if (top == bottom) return ENDED;
    double at = bottom + uniform * (top - bottom);
    /* The outcome is the first one whose sum is above, the last one if rounding hides it. */
    int64_t low = first, high = last - 1;
    while (low < high) {
        int64_t middle = (low + high) >> 1;
        if (AT(columns->rising, middle + 1) > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low == first ? ENDED : AT(columns->offsets, state) + low - first - 1;
}

KERNEL(draw, {
    DrawColumns *columns;
    int64_t start;
    int64_t max_length;
    F64 uniforms;
    I64 carry;
    I32 symbols;
    I64 lengths;
    I64 done;
}) {
    DrawColumns *columns = in->columns;
    int64_t state = AT(in->carry, STATE), length = AT(in->carry, LENGTH), used = 0, written = 0, ended = 0;
    while (ended < in->lengths.n) {
        int64_t edge = ENDED;
        if (length < in->max_length) {
            if (used == in->uniforms.n) break;
            edge = pick(columns, state, AT(in->uniforms, used++));
        }
        if (edge == ENDED) {
            AT(in->lengths, ended++) = length;
            state = in->start;
            length = 0;
            continue;
        }
        state = AT(columns->targets, edge);
        if (AT(columns->symbols, edge) == SILENT) continue;
        AT(in->symbols, written++) = AT(columns->symbols, edge);
        length++;
    }
    AT(in->carry, STATE) = state;
    AT(in->carry, LENGTH) = length;
    AT(in->done, 0) = used;
    AT(in->done, 1) = written;
    AT(in->done, 2) = ended;
    return 0;
}
