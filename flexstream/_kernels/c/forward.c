/* The forward algorithm on automata that need not be deterministic; see forward.py. */

RECORD(ForwardColumns, {
    I64 starts;
    F64 initial;
    F64 stops;
    I64 offsets;
    I32 symbols;
    I32 targets;
    F64 probabilities;
})

/* States that have a share of what came before, and each state's share. */
typedef struct { I64 active; F64 share; int64_t count; } Shares;

/* The first transition of a state whose symbol is not smaller; those of state i begin at offset i, in their order. */
static int64_t first_edge(I64 offsets, I32 symbols, int64_t state, int64_t symbol) {
    int64_t low = AT(offsets, state), high = AT(offsets, state + 1);
    while (low < high) {
        int64_t middle = (low + high) >> 1;
        if (AT(symbols, middle) < symbol)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Move the shares of the active states over one symbol, from `now`, which they leave empty, to `after`. */
static void advance(const ForwardColumns *columns, int64_t symbol, Shares *now, Shares *after) {
    after->count = 0;
    for (int64_t at = 0; at < now->count; at++) {
        int64_t state = AT(now->active, at), last = AT(columns->offsets, state + 1);
        double weight = AT(now->share, state);
        AT(now->share, state) = 0.0;
        int64_t edge = first_edge(columns->offsets, columns->symbols, state, symbol);
        for (; edge < last && AT(columns->symbols, edge) == symbol; edge++) {
            int64_t target = AT(columns->targets, edge);
            double part = weight * AT(columns->probabilities, edge);
            if (!(part > 0.0)) continue;
            if (AT(after->share, target) == 0.0) AT(after->active, after->count++) = target;
            AT(after->share, target) += part;
        }
    }
}

/* Scale the shares to sum to 1; return what they summed to. */
static double normalise(Shares *now) {
    double total = 0.0;
    for (int64_t at = 0; at < now->count; at++) total += AT(now->share, AT(now->active, at));
    for (int64_t at = 0; at < now->count; at++) AT(now->share, AT(now->active, at)) /= total;
    return total;
}

/* The surprise of a trace in bits; all shares are empty before and after. */
static double trace_bits(const ForwardColumns *columns, I32 symbols, int64_t start, int64_t end, Shares *now,
                         Shares *after) {
    double total = 0.0, stop = 0.0;
    now->count = columns->starts.n;
    for (int64_t at = 0; at < now->count; at++) {
        int64_t state = AT(now->active, at) = AT(columns->starts, at);
        AT(now->share, state) = AT(columns->initial, state);
    }
    for (int64_t position = start; position < end; position++) {
        advance(columns, AT(symbols, position), now, after);
        Shares *kept = now;
        now = after;
        after = kept;
        if (now->count == 0) break;
        total -= log2(normalise(now));
    }
    for (int64_t at = 0; at < now->count; at++) {
        int64_t state = AT(now->active, at);
        stop += AT(now->share, state) * AT(columns->stops, state);
        AT(now->share, state) = 0.0;
    }
    return stop > 0.0 ? total - log2(stop) : INF;
}

KERNEL(forward_bits, {
    ForwardColumns *columns;
    I32 symbols;
    I64 offsets;
    F64 bits;
    F64 share;
    F64 after;
    I64 active;
    I64 fresh;
}) {
    Shares now = {in->active, in->share, 0}, after = {in->fresh, in->after, 0};
    for (int64_t trace = 0; trace < in->offsets.n - 1; trace++) {
        int64_t start = AT(in->offsets, trace), end = AT(in->offsets, trace + 1);
        AT(in->bits, trace) = trace_bits(in->columns, in->symbols, start, end, &now, &after);
    }
    return 0;
}
