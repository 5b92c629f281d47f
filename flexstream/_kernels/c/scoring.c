/* Walking traces through an automaton; see scoring.py. */

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
})

/* The next state and the surprise in bits; tells whether the transition is known.  Ids past the alphabet are unknown
 * symbols, as negative ones are. */
HOT int step(const ScoreColumns *columns, int64_t *state, int64_t symbol, double *bits) {
    if (UNLIKELY(symbol < 0 || symbol >= columns->base_bits.n)) {
        *bits = AT(columns->rare_bits, *state) + AT(columns->unknown_bits, 0);
        return 0;
    }
    int64_t slot = find_slot(columns->slots, (Keys){columns->keys.at, columns->keys.n, 1}, make_key(*state, symbol));
    int64_t edge = AT(columns->slots, slot);
    if (UNLIKELY(edge == FREE)) {
        *bits = AT(columns->rare_bits, *state) + AT(columns->base_bits, symbol);
        *state = AT(columns->fallback, symbol);
        return 0;
    }
    *bits = AT(columns->bits, edge);
    *state = AT(columns->targets, edge);
    return 1;
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
        int64_t state = 0, start = AT(in->offsets, trace), stop = AT(in->offsets, trace + 1);
        for (int64_t position = start; position < stop; position++) {
            double surprise;
            int known = step(in->columns, &state, AT(in->symbols, position), &surprise);
            add_outcome(&found, surprise, position - start, known);
        }
        add_outcome(&found, AT(in->columns->stop_bits, state), stop - start, 1);
        AT(in->total, trace) = found.bits;
        AT(in->worst, trace) = found.where;
        AT(in->worst_bits, trace) = found.most;
        AT(in->unseen, trace) = found.strange;
    }
    return 0;
}

KERNEL(event_bits, { ScoreColumns *columns; I32 trace; F64 bits; I64 states; }) {
    int64_t state = 0, length = in->trace.n;
    for (int64_t position = 0; position < length; position++) {
        AT(in->states, position) = state;
        step(in->columns, &state, AT(in->trace, position), &AT(in->bits, position));
    }
    AT(in->states, length) = state;
    AT(in->bits, length) = AT(in->columns->stop_bits, state);
    return 0;
}

KERNEL(batch_bits, { ScoreColumns *columns; I32 symbols; I64 offsets; F64 bits; U8 known; }) {
    int64_t at = 0;
    for (int64_t trace = 0; trace < in->offsets.n - 1; trace++) {
        int64_t state = 0;
        for (int64_t position = AT(in->offsets, trace); position < AT(in->offsets, trace + 1); position++) {
            if (step(in->columns, &state, AT(in->symbols, position), &AT(in->bits, at))) AT(in->known, at) = 1;
            at++;
        }
        AT(in->bits, at) = AT(in->columns->stop_bits, state);
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
