/* Routing the tails of a tree through the automaton that its grown part became; see routing.py. */

enum { NO_ROOM = -1 };

RECORD(RouteColumns, { I32 states; I32 fallback; I64 keys; I32 targets; I64 counts; I64 ends; I64 repeats; I64 repeat_ends; I32 slots; I64 size; })

KERNEL(place_states, { TreeColumns *tree; FoldColumns *fold; I32 reds; I32 number; I32 states; }) {
    TreeColumns *tree = in->tree;
    FoldColumns *fold = in->fold;
    for (int64_t node = 0; node < in->number.n; node++) AT(in->number, node) = -1;
    for (int64_t state = 0; state < in->reds.n; state++) AT(in->number, AT(in->reds, state)) = (int32_t)state;
    AT(in->states, 0) = 0;
    for (int64_t node = 1; node < SIZE(tree, NODES); node++) {
        int64_t red = AT(in->reds, AT(in->states, AT(tree->node, node).parent));
        int64_t slot = find_slot(fold->slots, KEYS(fold->edge), make_key(red, AT(tree->node, node).symbol));
        AT(in->states, node) = AT(in->number, AT(fold->edge, AT(fold->slots, slot)).child);
    }
    return 0;
}

/* A transition, made if it is new; NO_ROOM if there is none for it. */
HOT int64_t transition(RouteColumns *route, int64_t state, int64_t symbol) {
    int64_t key = make_key(state, symbol);
    int64_t slot = find_slot(route->slots, (Keys){route->keys.at, route->keys.n, 1}, key);
    int64_t row = AT(route->slots, slot);
    if (LIKELY(row != FREE)) return row;
    row = SIZE(route, 0);
    if (row == route->keys.n) return NO_ROOM;
    SIZE(route, 0) = row + 1;
    AT(route->slots, slot) = (int32_t)row;
    AT(route->keys, row) = key;
    AT(route->targets, row) = AT(route->fallback, symbol);
    AT(route->counts, row) = AT(route->repeats, row) = 0;
    return row;
}

/* Route one tail from a state on; return 0 if there was no room for a transition. */
HOT int route_tail(RouteColumns *route, const TreeColumns *tree, int64_t state, int64_t tail) {
    int64_t stop = AT(tree->tail, tail).tail_stop;
    for (int64_t position = AT(tree->tail, tail).tail_start; position < stop; position++) {
        int64_t row = transition(route, state, AT(tree->store, position));
        if (row == NO_ROOM) return 0;
        AT(route->counts, row) += 1;
        state = AT(route->targets, row);
    }
    AT(route->ends, state) += 1;
    return 1;
}

KERNEL(route_tails, { RouteColumns *route; TreeColumns *tree; }) {
    TreeColumns *tree = in->tree;
    RouteColumns *route = in->route;
    for (int64_t edge = 0; edge < SIZE(tree, EDGES); edge++) {
        int64_t tail = AT(tree->edge, edge).tails, key = AT(tree->edge, edge).keys;
        if (tail < 0) continue;
        int64_t row = transition(route, AT(route->states, key_node(key)), key_symbol(key));
        if (row == NO_ROOM) return 0;
        for (; tail >= 0; tail = AT(tree->tail, tail).tail_next)
            if (!route_tail(route, tree, AT(route->targets, row), tail)) return 0;
    }
    return 1;
}

/* Route the traces that are held back, each as often as it came. */
KERNEL(route_repeats, { RouteColumns *route; I32 symbols; I64 starts; I64 times; }) {
    RouteColumns *route = in->route;
    for (int64_t trace = 0; trace < in->times.n; trace++) {
        int64_t state = 0, times = AT(in->times, trace);
        for (int64_t at = AT(in->starts, trace); at < AT(in->starts, trace + 1); at++) {
            int64_t row = transition(route, state, AT(in->symbols, at));
            if (row == NO_ROOM) return 0;
            AT(route->repeats, row) += times;
            state = AT(route->targets, row);
        }
        AT(route->repeat_ends, state) += times;
    }
    return 1;
}

KERNEL(weigh_agreement, {
    double strength;
    I64 source;
    F64 shares;
    I64 counts;
    I64 others;
    I64 stops;
    I64 other_stops;
    double stop_share;
    F64 evidence;
    I64 total;
    I64 more;
}) {
    double strength = in->strength;
    for (int64_t state = 0; state < in->stops.n; state++) {
        int64_t one = AT(in->stops, state), other = AT(in->other_stops, state);
        AT(in->total, state) = one;
        AT(in->more, state) = other;
        AT(in->evidence, state) = log_rising_of(strength * in->stop_share, one, other);
    }
    for (int64_t edge = 0; edge < in->source.n; edge++) {
        int64_t state = AT(in->source, edge), one = AT(in->counts, edge), other = AT(in->others, edge);
        AT(in->evidence, state) += log_rising_of(strength * AT(in->shares, edge), one, other);
        AT(in->total, state) += one;
        AT(in->more, state) += other;
    }
    for (int64_t state = 0; state < in->stops.n; state++)
        AT(in->evidence, state) -= log_rising_of(strength, AT(in->total, state), AT(in->more, state));
    return 0;
}
