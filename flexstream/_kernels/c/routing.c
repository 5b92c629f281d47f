/* Routing the tails of a tree through the automaton that its grown part became; see routing.py. */

enum { NO_ROOM = -1 };
enum { TRANSITIONS, EACH_PAIR };

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

/* The slot of a transition; where there is one for each pair of state and symbol nothing is searched. */
HOT int64_t transition_slot(const RouteColumns *route, int64_t state, int64_t symbol) {
    if (SIZE(route, EACH_PAIR)) return state * route->fallback.n + symbol;
    return find_slot(route->slots, (Keys){route->keys.at, route->keys.n, 1}, make_key(state, symbol));
}

/* Enter a transition that is new; NO_ROOM if there is none for it. */
COLD int64_t add_transition(RouteColumns *route, int64_t slot, int64_t state, int64_t symbol) {
    int64_t row = SIZE(route, TRANSITIONS);
    if (row == route->keys.n) return NO_ROOM;
    SIZE(route, TRANSITIONS) = row + 1;
    AT(route->slots, slot) = (int32_t)row;
    AT(route->keys, row) = make_key(state, symbol);
    AT(route->targets, row) = AT(route->fallback, symbol);
    AT(route->counts, row) = AT(route->repeats, row) = 0;
    return row;
}

/* A transition, made if it is new; NO_ROOM if there is none for it. */
HOT int64_t transition(RouteColumns *route, int64_t state, int64_t symbol) {
    int64_t slot = transition_slot(route, state, symbol), row = AT(route->slots, slot);
    return LIKELY(row != FREE) ? row : add_transition(route, slot, state, symbol);
}

KERNEL(enter_transitions, { RouteColumns *route; }) {
    RouteColumns *route = in->route;
    clear(route->slots);
    for (int64_t row = 0; row < SIZE(route, TRANSITIONS); row++) {
        int64_t key = AT(route->keys, row);
        AT(route->slots, transition_slot(route, key_node(key), key_symbol(key))) = (int32_t)row;
    }
    return 0;
}

/* What is left of a tail, and the state from which it goes on. */
typedef struct {
    int64_t position, stop, state;
} Journey;
enum { JOURNEYS = 64 };

/* Route some tails side by side, a symbol of each in turn, as each alone waits for every step before the next; return 0
 * if there was no room for a transition. */
HOT int route_abreast(RouteColumns *route, const TreeColumns *tree, Journey *journeys, int64_t count) {
    while (count > 0) {
        int64_t still = 0;
        for (int64_t at = 0; at < count; at++) {
            Journey one = journeys[at];
            if (one.position == one.stop) {
                AT(route->ends, one.state) += 1;
                continue;
            }
            int64_t row = transition(route, one.state, AT(tree->store, one.position));
            if (row == NO_ROOM) return 0;
            AT(route->counts, row) += 1;
            journeys[still++] = (Journey){one.position + 1, one.stop, AT(route->targets, row)};
        }
        count = still;
    }
    return 1;
}

/* Tails of an edge that are left, and the state to which it leads. */
typedef struct {
    int64_t tail, state;
} Hanging;

/* Route the tails of some edges: of each edge in turn one, while the memory brings the next of the others. */
HOT int route_hanging(RouteColumns *route, const TreeColumns *tree, Hanging *edges, int64_t count) {
    Journey journeys[JOURNEYS];
    int64_t met = 0;
    while (count > 0) {
        int64_t still = 0;
        for (int64_t at = 0; at < count; at++) {
            Hanging one = edges[at];
            const TreeTail *tail = &AT(tree->tail, one.tail);
            journeys[met++] = (Journey){tail->tail_start, tail->tail_stop, one.state};
            if (tail->tail_start < tail->tail_stop) FETCH(&AT(tree->store, tail->tail_start));
            if (tail->tail_next >= 0) {
                FETCH(&AT(tree->tail, tail->tail_next));
                edges[still++] = (Hanging){tail->tail_next, one.state};
            }
            if (met == JOURNEYS && !route_abreast(route, tree, journeys, met)) return 0;
            met %= JOURNEYS;
        }
        count = still;
    }
    return route_abreast(route, tree, journeys, met);
}

KERNEL(route_tails, { RouteColumns *route; TreeColumns *tree; }) {
    TreeColumns *tree = in->tree;
    RouteColumns *route = in->route;
    Hanging edges[JOURNEYS];
    int64_t met = 0;
    for (int64_t edge = 0; edge < SIZE(tree, EDGES); edge++) {
        int64_t tail = AT(tree->edge, edge).tails, key = AT(tree->edge, edge).keys;
        if (tail < 0) continue;
        int64_t row = transition(route, AT(route->states, key_node(key)), key_symbol(key));
        if (row == NO_ROOM) return 0;
        FETCH(&AT(tree->tail, tail));
        edges[met++] = (Hanging){tail, AT(route->targets, row)};
        if (met == JOURNEYS && !route_hanging(route, tree, edges, met)) return 0;
        met %= JOURNEYS;
    }
    return route_hanging(route, tree, edges, met);
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
