/* Walking traces through an automaton; see scoring.py. */

RECORD(NGramColumns, {
    I64 keys;
    I32 targets;
    F64 chances;
    I32 slots;
    I32 parents;
    F64 escapes;
    double lowest;
    int64_t start;
})

RECORD(ScoreColumns, {
    I64 keys;
    I32 targets;
    F64 bits;
    I32 slots;
    F64 stop_bits;
    F64 rare_bits;
    F64 base_bits;
    I32 fallback;
    F64 unknown_bits;
    F64 shares;
    NGramColumns *ngram;
})

/* Where a trace is: in a state of the automaton and in a context of the n-gram, if there is one. */
typedef struct { int64_t state, context; } Place;

HOT Place first_place(const ScoreColumns *columns) { return (Place){0, columns->ngram->start}; }

/* The probability of a symbol, or of the end, the symbol after the last, for the n-gram; and the next context. */
HOT double foretell(const NGramColumns *ngram, int64_t symbol, int64_t *context) {
    double escaped = 1.0;
    for (int64_t now = *context;; now = AT(ngram->parents, now)) {
        int64_t slot = find_slot(ngram->slots, (Keys){ngram->keys.at, ngram->keys.n, 1}, make_key(now, symbol));
        int64_t row = AT(ngram->slots, slot);
        if (row != FREE) {
            *context = AT(ngram->targets, row);
            return escaped * AT(ngram->chances, row);
        }
        escaped *= AT(ngram->escapes, now);
        if (now == 0) break;
    }
    *context = 0;
    return escaped * ngram->lowest;
}

/* The surprise in bits where the n-gram has its share of what a state says. */
HOT double mixed_bits(const ScoreColumns *columns, double bits, int64_t symbol, int64_t state, int64_t *context) {
    if (LIKELY(columns->shares.n == 0)) return bits;
    double share = AT(columns->shares, state);
    return -log2((1.0 - share) * exp2(-bits) + share * foretell(columns->ngram, symbol, context));
}

/* The next place and the surprise in bits; tells whether the transition is known.  Ids past the alphabet are unknown
 * symbols, as negative ones are. */
HOT int step(const ScoreColumns *columns, Place *place, int64_t symbol, double *bits) {
    int64_t state = place->state;
    if (UNLIKELY(symbol < 0 || symbol >= columns->base_bits.n)) {
        /* no row has this symbol: it is past the end */
        double alone = AT(columns->rare_bits, state) + AT(columns->unknown_bits, 0);
        *bits = mixed_bits(columns, alone, columns->base_bits.n + 1, state, &place->context);
        return 0;
    }
    int64_t slot = find_slot(columns->slots, (Keys){columns->keys.at, columns->keys.n, 1}, make_key(state, symbol));
    int64_t edge = AT(columns->slots, slot);
    int known = LIKELY(edge != FREE);
    double alone = known ? AT(columns->bits, edge) : AT(columns->rare_bits, state) + AT(columns->base_bits, symbol);
    *bits = mixed_bits(columns, alone, symbol, state, &place->context);
    place->state = known ? AT(columns->targets, edge) : AT(columns->fallback, symbol);
    return known;
}

/* The surprise of the end, which leaves the place as it is. */
HOT double end_bits(const ScoreColumns *columns, Place place) {
    return mixed_bits(columns, AT(columns->stop_bits, place.state), columns->base_bits.n, place.state, &place.context);
}

/* What is known of a trace while it is scored. */
typedef struct { double bits, most; int64_t where, strange; } Scored;

HOT void add_outcome(Scored *so_far, double surprise, int64_t position, int known) {
    so_far->bits += surprise;
    so_far->strange += !known;
    if (surprise > so_far->most) {
        so_far->most = surprise;
        so_far->where = position;
    }
}

KERNEL(score_traces, {
    ScoreColumns *columns;
    I32 symbols;
    I64 offsets;
    F64 total;
    I64 worst;
    F64 worst_bits;
    I64 unseen;
}) {
    for (int64_t trace = 0; trace < in->offsets.n - 1; trace++) {
        Scored found = {0.0, -1.0, 0, 0};
        int64_t start = AT(in->offsets, trace), stop = AT(in->offsets, trace + 1);
        Place place = first_place(in->columns);
        for (int64_t position = start; position < stop; position++) {
            double surprise;
            int known = step(in->columns, &place, AT(in->symbols, position), &surprise);
            add_outcome(&found, surprise, position - start, known);
        }
        add_outcome(&found, end_bits(in->columns, place), stop - start, 1);
        AT(in->total, trace) = found.bits;
        AT(in->worst, trace) = found.where;
        AT(in->worst_bits, trace) = found.most;
        AT(in->unseen, trace) = found.strange;
    }
    return 0;
}

KERNEL(event_bits, { ScoreColumns *columns; I32 trace; F64 bits; F64 ends; I64 states; }) {
    int64_t length = in->trace.n;
    Place place = first_place(in->columns);
    for (int64_t position = 0; position < length; position++) {
        AT(in->states, position) = place.state;
        AT(in->ends, position) = end_bits(in->columns, place);
        step(in->columns, &place, AT(in->trace, position), &AT(in->bits, position));
    }
    AT(in->states, length) = place.state;
    AT(in->bits, length) = AT(in->ends, length) = end_bits(in->columns, place);
    return 0;
}

KERNEL(batch_bits, { ScoreColumns *columns; I32 symbols; I64 offsets; F64 bits; U8 known; }) {
    int64_t at = 0;
    for (int64_t trace = 0; trace < in->offsets.n - 1; trace++) {
        Place place = first_place(in->columns);
        for (int64_t position = AT(in->offsets, trace); position < AT(in->offsets, trace + 1); position++) {
            if (step(in->columns, &place, AT(in->symbols, position), &AT(in->bits, at))) AT(in->known, at) = 1;
            at++;
        }
        AT(in->bits, at) = end_bits(in->columns, place);
        AT(in->known, at++) = 1;
    }
    return 0;
}

/* The surprise of an outcome for a mixture; its beliefs shift towards the members that expected the outcome. */
HOT double mix_outcome(F64 belief, F64x2 bits, int64_t at) {
    double chance = 0.0;
    for (int64_t member = 0; member < belief.n; member++)
        chance += AT(belief, member) * exp2(-AT2(bits, member, at));
    if (!(chance > 0.0)) return INF;
    for (int64_t member = 0; member < belief.n; member++)
        AT(belief, member) *= exp2(-AT2(bits, member, at)) / chance;
    return -log2(chance);
}

KERNEL(mix_traces, {
    F64 weights;
    F64x2 bits;
    U8 known;
    I64 offsets;
    F64 total;
    I64 worst;
    F64 worst_bits;
    I64 unseen;
    F64 belief;
}) {
    int64_t at = 0;
    for (int64_t trace = 0; trace < in->offsets.n - 1; trace++) {
        Scored found = {0.0, -1.0, 0, 0};
        int64_t length = AT(in->offsets, trace + 1) - AT(in->offsets, trace);
        for (int64_t member = 0; member < in->belief.n; member++) AT(in->belief, member) = AT(in->weights, member);
        for (int64_t position = 0; position <= length; position++, at++)
            add_outcome(&found, mix_outcome(in->belief, in->bits, at), position, AT(in->known, at));
        AT(in->total, trace) = found.bits;
        AT(in->worst, trace) = found.where;
        AT(in->worst_bits, trace) = found.most;
        AT(in->unseen, trace) = found.strange;
    }
    return 0;
}

KERNEL(share_credits, { F64x2 log2_prob; F64 credit; F64 shares; }) {
    int64_t members = in->credit.n;
    for (int64_t trace = 0; trace < in->log2_prob.n1; trace++) {
        double top = -INF, sum = 0.0;
        for (int64_t member = 0; member < members; member++) top = fmax(top, AT2(in->log2_prob, member, trace));
        if (top == -INF) continue;
        for (int64_t member = 0; member < members; member++) {
            AT(in->shares, member) = exp2(AT2(in->log2_prob, member, trace) - top);
            sum += AT(in->shares, member);
        }
        for (int64_t member = 0; member < members; member++) AT(in->credit, member) += AT(in->shares, member) / sum;
    }
    return 0;
}
