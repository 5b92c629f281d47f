/* Where transitions lead of which the tree says nothing: to the state from which what followed is likeliest; see
 * leading.py.
 */

enum { LIKELIEST = 8, FOLLOWED = 32 };

RECORD(LeadingColumns, { I8 known; F64 logs; F64 missing; F64 shares; F64 ends; I32 candidates; })

/* The transition by which a trace goes on; FREE where it was never taken. */
HOT int64_t next_transition(const RouteColumns *route, int64_t state, int64_t symbol) {
    return AT(route->slots, transition_slot(route, state, symbol));
}

KERNEL(find_departures, {
    RouteColumns *route;
    TreeColumns *tree;
    I8 known;
    int64_t most;
    I64 first;
    I64 counts;
    I64x2 followers;
}) {
    const TreeColumns *tree = in->tree;
    const RouteColumns *route = in->route;
    for (int64_t edge = 0; edge < SIZE(tree, EDGES); edge++) {
        int64_t key = AT(tree->edge, edge).keys;
        for (int64_t tail = AT(tree->edge, edge).tails; tail >= 0; tail = AT(tree->tail, tail).tail_next) {
            int64_t at = AT(tree->tail, tail).tail_start, stop = AT(tree->tail, tail).tail_stop;
            int64_t row = next_transition(route, AT(route->states, key_node(key)), key_symbol(key));
            while (AT(in->known, row) && at < stop)
                row = next_transition(route, AT(route->targets, row), AT(tree->store, at++));
            if (AT(in->known, row) || AT(in->counts, row) == in->most) continue;
            int64_t place = AT(in->first, row) + AT(in->counts, row)++;
            if (place >= in->followers.n) continue;
            AT2(in->followers, place, 0) = at;
            AT2(in->followers, place, 1) = stop;
        }
    }
    return 0;
}

/* The log-probability of so many events from a state on, at most, and of the end where they are all. */
HOT double log_likelihood(const RouteColumns *route, const LeadingColumns *by, I32 store, int64_t state, int64_t at,
                          int64_t stop, int64_t most) {
    int64_t last = least_of(stop, at + most);
    double total = 0.0;
    for (; at < last; at++) {
        int64_t symbol = AT(store, at), row = next_transition(route, state, symbol);
        int taken = row != FREE && AT(by->known, row);
        total += taken ? AT(by->logs, row) : AT(by->missing, state) + AT(by->shares, symbol);
        state = taken ? AT(route->targets, row) : AT(route->fallback, symbol);
    }
    return last == stop ? total + AT(by->ends, state) : total;
}

/* The same of all that followed one transition. */
HOT double log_likelihood_of_all(const RouteColumns *route, const LeadingColumns *by, I32 store, int64_t state,
                                 I64x2 followers, int64_t begin, int64_t end, int64_t most) {
    double total = 0.0;
    for (int64_t one = begin; one < end; one++)
        total += log_likelihood(route, by, store, state, AT2(followers, one, 0), AT2(followers, one, 1), most);
    return total;
}

/* Enter a state among the likeliest so far, the likeliest first, of equals the one entered first; return how many. */
HOT int64_t enter_likely(int32_t *likely, double *scores, int64_t count, int64_t state, double score) {
    int64_t place = count;
    while (place > 0 && scores[place - 1] < score) place--;
    if (place == LIKELIEST) return count;
    int64_t grown = least_of(count + 1, LIKELIEST);
    for (int64_t at = grown - 1; at > place; at--) likely[at] = likely[at - 1], scores[at] = scores[at - 1];
    likely[place] = (int32_t)state, scores[place] = score;
    return grown;
}

KERNEL(lead_on, {
    RouteColumns *route;
    TreeColumns *tree;
    LeadingColumns *by;
    I64 first;
    I64x2 followers;
    I32 leads;
}) {
    const RouteColumns *route = in->route;
    const LeadingColumns *by = in->by;
    I32 store = in->tree->store;
    for (int64_t one = 0; one < in->leads.n; one++) {
        int64_t begin = AT(in->first, one), end = AT(in->first, one + 1), count = 0;
        int32_t likely[LIKELIEST];
        double scores[LIKELIEST], best = -INF;
        for (int64_t at = 0; at < by->candidates.n; at++) {
            int64_t state = AT(by->candidates, at);
            double score = log_likelihood_of_all(route, by, store, state, in->followers, begin, end, 1);
            count = enter_likely(likely, scores, count, state, score);
        }
        for (int64_t at = 0; at < count; at++) {
            double score = log_likelihood_of_all(route, by, store, likely[at], in->followers, begin, end, FOLLOWED);
            if (score > best) best = score, AT(in->leads, one) = likely[at];
        }
    }
    return 0;
}
