/* Walking traces through an automaton as it would be without them; see leaving_out.py. */

RECORD(CountedColumns, {
    I64 keys;
    I32 targets;
    I32 slots;
    F64 weights;
    F64 stops;
    F64 mass;
    F64 rest;
    F64 base;
    I32 fallback;
    F64 totals;
    F64 own_edges;
    F64 own_states;
    F64 own_symbols;
})

/* The row of a counted transition, FREE if there is none, as for every symbol outside the alphabet. */
HOT int64_t counted_row(const CountedColumns *columns, int64_t state, int64_t symbol) {
    if (symbol < 0 || symbol >= columns->fallback.n) return FREE;
    Keys keys = {columns->keys.at, columns->keys.n, 1};
    return AT(columns->slots, find_slot(columns->slots, keys, make_key(state, symbol)));
}

/* Add to what the trace itself has counted, or with nothing to add forget it; returns the state where it ends. */
HOT int64_t count_own(const CountedColumns *columns, I32 symbols, int64_t start, int64_t stop, double more) {
    int64_t state = 0;
    for (int64_t at = start; at < stop; at++) {
        int64_t symbol = AT(symbols, at), edge = counted_row(columns, state, symbol);
        if (edge != FREE) {
            AT(columns->own_edges, edge) = more * (AT(columns->own_edges, edge) + 1.0);
            AT(columns->own_states, state) = more * (AT(columns->own_states, state) + 1.0);
            AT(columns->own_symbols, symbol) = more * (AT(columns->own_symbols, symbol) + 1.0);
            state = AT(columns->targets, edge);
        } else if (symbol >= 0 && symbol < columns->fallback.n) {
            state = AT(columns->fallback, symbol);
        }
    }
    AT(columns->own_states, state) = more * (AT(columns->own_states, state) + 1.0);
    return state;
}

/* The surprise of an outcome that others had so often, with this share of what a state leaves to the smoothing. */
HOT double bits_without(const CountedColumns *columns, int64_t state, double others, double share) {
    double rest = AT(columns->rest, state);
    double chance = fmax(others, 0.0) + rest * share;
    double mass = fmax(AT(columns->mass, state) - AT(columns->own_states, state), fmax(chance, rest));
    return chance > 0.0 ? -log2(chance / mass) : INF;
}

/* The next state and the surprise of a symbol without the trace; what it alone has brought is not known. */
HOT double step_without(const CountedColumns *columns, int64_t *state, int64_t symbol) {
    int64_t now = *state;
    int inside = symbol >= 0 && symbol < columns->fallback.n;
    if (!inside || AT(columns->totals, symbol) <= AT(columns->own_symbols, symbol))
        return bits_without(columns, now, 0.0, AT(columns->base, 1));
    int64_t edge = counted_row(columns, now, symbol);
    double others = edge == FREE ? 0.0 : AT(columns->weights, edge) - AT(columns->own_edges, edge);
    *state = others > 0.0 ? AT(columns->targets, edge) : AT(columns->fallback, symbol);
    return bits_without(columns, now, others, AT(columns->base, symbol + 2));
}

KERNEL(leave_out, { CountedColumns *columns; I32 symbols; I64 offsets; F64 total; F64 worst; }) {
    const CountedColumns *columns = in->columns;
    for (int64_t trace = 0; trace < in->offsets.n - 1; trace++) {
        int64_t start = AT(in->offsets, trace), stop = AT(in->offsets, trace + 1);
        int64_t end = count_own(columns, in->symbols, start, stop, 1.0), state = 0;
        double bits = 0.0, most = -1.0;
        for (int64_t at = start; at < stop; at++) {
            double surprise = step_without(columns, &state, AT(in->symbols, at));
            bits += surprise;
            most = fmax(most, surprise);
        }
        double stops = AT(columns->stops, state) - (state == end);
        double surprise = bits_without(columns, state, stops, AT(columns->base, 0));
        AT(in->total, trace) = bits + surprise;
        AT(in->worst, trace) = fmax(most, surprise);
        count_own(columns, in->symbols, start, stop, 0.0);
    }
    return 0;
}
