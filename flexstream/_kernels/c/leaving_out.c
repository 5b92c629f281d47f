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
    F64 edge_parts;
    F64 end_parts;
    F64 own_edges;
    F64 own_states;
    F64 own_symbols;
    F64 edge_bits;
    F64 end_bits;
})

/* Others that count only by rounding are none. */
#define ROUNDING 1e-9
/* Others who alone say where a transition leads: of two that took it each had a say in which state that is. */
#define FEW 1.0
/* Others beside whom one more or less makes no difference, to the surprise of an outcome alone and in a sum of many. */
#define MANY 16.0
#define MANY_IN_SUMS 64.0

/* The row of a counted transition, FREE if there is none, as for every symbol outside the alphabet. */
HOT int64_t counted_row(const CountedColumns *columns, int64_t state, int64_t symbol) {
    if (symbol < 0 || symbol >= columns->fallback.n) return FREE;
    Keys keys = {columns->keys.at, columns->keys.n, 1};
    return AT(columns->slots, find_slot(columns->slots, keys, make_key(state, symbol)));
}

/* The row of a transition where one is known, which may be that of another state, and else searched for. */
HOT int64_t row_of_event(const CountedColumns *columns, int64_t known, int64_t state, int64_t symbol) {
    if (LIKELY(known >= 0 && key_node(AT(columns->keys, known)) == state)) return known;
    return counted_row(columns, state, symbol);
}

/* Add to what the trace itself has counted, or with nothing to add forget it; returns the state where it ends. */
HOT int64_t count_own(const CountedColumns *columns, I32 symbols, I64 edges, int64_t start, int64_t stop, double more) {
    int64_t state = 0;
    for (int64_t at = start; at < stop; at++) {
        int64_t symbol = AT(symbols, at), edge = row_of_event(columns, AT(edges, at), state, symbol);
        if (edge != FREE) {
            double part = AT(columns->edge_parts, edge);
            AT(columns->own_edges, edge) = more * (AT(columns->own_edges, edge) + part);
            AT(columns->own_states, state) = more * (AT(columns->own_states, state) + part);
            AT(columns->own_symbols, symbol) = more * (AT(columns->own_symbols, symbol) + part);
            state = AT(columns->targets, edge);
        } else if (symbol >= 0 && symbol < columns->fallback.n) {
            state = AT(columns->fallback, symbol);
        }
    }
    AT(columns->own_states, state) = more * (AT(columns->own_states, state) + AT(columns->end_parts, state));
    return state;
}

/* The surprise of an outcome that came so often, of so many, with this share of what a state leaves to the smoothing. */
HOT double bits_of(const CountedColumns *columns, int64_t state, double came, double mass, double share) {
    double rest = AT(columns->rest, state), chance = fmax(came, 0.0) + rest * share;
    return chance > 0.0 ? -log2(chance / fmax(mass, fmax(chance, rest))) : INF;
}

/* Surprises of an outcome, to be ranked alone and to be added up. */
typedef struct {
    double alone, summed;
} Surprise;

/* Those of an outcome that came so often, of it this often in the trace.
 *
 * A trace that is judged was not counted: what it takes is as frequent as all counts say.  Of those that were, each
 * would stand just above it without its own, though all take the same and are as strange.  Where they are many
 * their outcome is therefore as surprising as to one that was not counted: the same for all, and worked out once. */
HOT Surprise surprises_of(
    const CountedColumns *columns, int64_t state, double came, double own, double share, double *counted) {
    double mass = AT(columns->mass, state), others = came - own;
    if (others >= MANY && *counted < 0.0) *counted = bits_of(columns, state, came, mass, share);
    if (others >= MANY_IN_SUMS) return (Surprise){*counted, *counted};
    double without = bits_of(columns, state, others, mass - AT(columns->own_states, state), share);
    return (Surprise){others < MANY ? without : *counted, without};
}

/* Those of a symbol that nobody has counted. */
HOT Surprise unknown_symbol(const CountedColumns *columns, int64_t state) {
    double bits = bits_of(columns, state, 0.0, AT(columns->mass, state), AT(columns->base, 1));
    return (Surprise){bits, bits};
}

/* The next state and the surprises of a symbol; what the trace alone has brought is not known without it.
 *
 * That is as surprising as an unknown symbol in a trace that was not counted, to the last bit: many such traces are tied
 * with those to come, which else would all stand just above them. */
HOT Surprise step_without(const CountedColumns *columns, int64_t known, int64_t *state, int64_t symbol) {
    int64_t now = *state;
    double unused = 0.0;
    int inside = symbol >= 0 && symbol < columns->fallback.n;
    if (!inside || AT(columns->totals, symbol) <= AT(columns->own_symbols, symbol) + ROUNDING)
        return unknown_symbol(columns, now);
    int64_t edge = row_of_event(columns, known, now, symbol);
    if (edge == FREE) {
        *state = AT(columns->fallback, symbol);
        return surprises_of(columns, now, 0.0, 0.0, AT(columns->base, symbol + 2), &unused);
    }
    double came = AT(columns->weights, edge), own = AT(columns->own_edges, edge);
    *state = came - own > FEW + ROUNDING ? AT(columns->targets, edge) : AT(columns->fallback, symbol);
    return surprises_of(columns, now, came, own, AT(columns->base, symbol + 2), &AT(columns->edge_bits, edge));
}

KERNEL(leave_out, { CountedColumns *columns; I32 symbols; I64 offsets; I64 edges; F64 total; F64 worst; }) {
    const CountedColumns *columns = in->columns;
    for (int64_t trace = 0; trace < in->offsets.n - 1; trace++) {
        int64_t start = AT(in->offsets, trace), stop = AT(in->offsets, trace + 1);
        int64_t end = count_own(columns, in->symbols, in->edges, start, stop, 1.0), state = 0;
        double bits = 0.0, most = -1.0;
        for (int64_t at = start; at < stop; at++) {
            Surprise surprise = step_without(columns, AT(in->edges, at), &state, AT(in->symbols, at));
            bits += surprise.summed;
            most = fmax(most, surprise.alone);
        }
        double own = state == end ? AT(columns->end_parts, state) : 0.0, *counted = &AT(columns->end_bits, state);
        Surprise last = surprises_of(columns, state, AT(columns->stops, state), own, AT(columns->base, 0), counted);
        AT(in->total, trace) = bits + last.summed;
        AT(in->worst, trace) = fmax(most, last.alone);
        count_own(columns, in->symbols, in->edges, start, stop, 0.0);
    }
    return 0;
}
