/* Walking traces through an automaton; see scoring.py. */

/* Where the rows of each context begin, its context without the first symbol, and the share that goes there. */
ROWS(NGramNode, { int32_t first; int32_t parents; double escapes; })
ROWS(NGramEdge, { int32_t symbols; int32_t targets; double chances; })
ROWS(NGramTail, { double whole; int32_t next; })
RECORD(NGramColumns, { NGramNodes node; NGramEdges edge; NGramTails tail; double lowest; int64_t start; int64_t width; })

ROWS(ScoreEdge, { double chances; int32_t targets; int32_t known; })
RECORD(ScoreColumns, {
    ScoreEdges edge;
    int64_t each;
    I64 keys;
    I32 slots;
    F64 stops;
    F64 rare;
    F64 base;
    I32 fallback;
    double unknown;
    F64 shares;
    NGramColumns *ngram;
})

/* Where a trace is: in a state of the automaton and in a context of the n-gram, if there is one. */
typedef struct { int64_t state, context; } Place;

HOT Place first_place(const ScoreColumns *columns) { return (Place){0, columns->ngram->start}; }

/* The row of a symbol among those of a context, -1 if there is none.  Halves without branches, which would be guessed
 * wrongly half the time. */
HOT int64_t ngram_row(const NGramColumns *ngram, int64_t context, int64_t symbol) {
    int64_t low = AT(ngram->node, context).first, rows = AT(ngram->node, context + 1).first - low;
    if (rows == 0) return -1;
    while (rows > 1) {
        int64_t half = rows >> 1;
        low += AT(ngram->edge, low + half).symbols <= symbol ? half : 0;
        rows -= half;
    }
    return AT(ngram->edge, low).symbols == symbol ? low : -1;
}

/* The probability of a symbol, of the end, the symbol after the last, or of an unknown symbol, the one after that; and
 * the next context. */
HOT double searched(const NGramColumns *ngram, int64_t symbol, int64_t *context) {
    double escaped = 1.0;
    for (int64_t now = *context;; now = AT(ngram->node, now).parents) {
        int64_t row = ngram_row(ngram, now, symbol);
        if (row >= 0) {
            *context = AT(ngram->edge, row).targets;
            return escaped * AT(ngram->edge, row).chances;
        }
        escaped *= AT(ngram->node, now).escapes;
        if (now == 0) break;
    }
    *context = 0;
    return escaped * ngram->lowest;
}

/* The same, where each context and outcome has a place if there are few. */
HOT double foretell(const NGramColumns *ngram, int64_t symbol, int64_t *context) {
    if (UNLIKELY(ngram->width == 0)) return searched(ngram, symbol, context);
    const NGramTail *found = &AT(ngram->tail, *context * ngram->width + symbol);
    *context = found->next;
    return found->whole;
}

KERNEL(interpolate, { NGramColumns *ngram; }) {
    const NGramColumns *ngram = in->ngram;
    for (int64_t context = 0; context < ngram->node.n - 1; context++) {
        double escape = AT(ngram->node, context).escapes;
        for (int64_t row = AT(ngram->node, context).first; row < AT(ngram->node, context + 1).first; row++) {
            int64_t shorter = AT(ngram->node, context).parents;
            double below = context ? searched(ngram, AT(ngram->edge, row).symbols, &shorter) : ngram->lowest;
            AT(ngram->edge, row).chances += escape * below;
        }
    }
    return 0;
}

KERNEL(fill_outcomes, { NGramColumns *ngram; }) {
    const NGramColumns *ngram = in->ngram;
    for (int64_t context = 0; context < ngram->node.n - 1; context++) {
        int64_t start = context * ngram->width, above = AT(ngram->node, context).parents * ngram->width;
        double escape = AT(ngram->node, context).escapes;
        for (int64_t outcome = 0; outcome < ngram->width; outcome++) {
            const NGramTail *shorter = &AT(ngram->tail, above + outcome);
            NGramTail *now = &AT(ngram->tail, start + outcome);
            *now = context ? (NGramTail){escape * shorter->whole, shorter->next} : (NGramTail){escape * ngram->lowest, 0};
        }
        for (int64_t row = AT(ngram->node, context).first; row < AT(ngram->node, context + 1).first; row++) {
            const NGramEdge *own = &AT(ngram->edge, row);
            AT(ngram->tail, start + own->symbols) = (NGramTail){own->chances, own->targets};
        }
    }
    return 0;
}

/* The probability where the n-gram has its share; what a state says is without it already. */
HOT double mixed_chance(const ScoreColumns *columns, double alone, int64_t symbol, int64_t state, int64_t *context) {
    if (columns->shares.n == 0) return alone;
    return alone + AT(columns->shares, state) * foretell(columns->ngram, symbol, context);
}

/* Where a state and a symbol lead, and how likely that is for the automaton. */
HOT ScoreEdge way(const ScoreColumns *columns, int64_t state, int64_t symbol) {
    if (LIKELY(columns->each)) return AT(columns->edge, state * columns->base.n + symbol);
    int64_t slot = find_slot(columns->slots, (Keys){columns->keys.at, columns->keys.n, 1}, make_key(state, symbol));
    int64_t edge = AT(columns->slots, slot);
    if (LIKELY(edge != FREE)) return AT(columns->edge, edge);
    double chance = AT(columns->rare, state) * AT(columns->base, symbol);
    return (ScoreEdge){chance, AT(columns->fallback, symbol), 0};
}

/* The next place and the probability; tells whether the transition is known.  Ids past the alphabet are unknown
 * symbols, as negative ones are. */
HOT int step(const ScoreColumns *columns, Place *place, int64_t symbol, double *chance) {
    int64_t state = place->state;
    if (UNLIKELY((uint64_t)symbol >= (uint64_t)columns->base.n)) {
        /* no row has this symbol: it is past the end */
        double alone = AT(columns->rare, state) * columns->unknown;
        *chance = mixed_chance(columns, alone, columns->base.n + 1, state, &place->context);
        return 0;
    }
    ScoreEdge taken = way(columns, state, symbol);
    *chance = mixed_chance(columns, taken.chances, symbol, state, &place->context);
    place->state = taken.targets;
    return taken.known;
}

/* The probability of the end, which leaves the place as it is. */
HOT double end_chance(const ScoreColumns *columns, Place place) {
    return mixed_chance(columns, AT(columns->stops, place.state), columns->base.n, place.state, &place.context);
}

/* What is known of a trace while it is scored: of the last outcomes the product of their probabilities, whose logarithm
 * is taken once for all of them, and of those before the bits. */
typedef struct { double bits, product, least; int64_t where, strange; } Scored;

static const Scored NOTHING_SCORED = {0.0, 1.0, 2.0, 0, 0};
static const double SMALL = 1e-250; /* products that are smaller lose digits */

HOT void add_outcome(Scored *so_far, double chance, int64_t position, int known) {
    double product = so_far->product * chance;
    so_far->strange += !known;
    if (UNLIKELY(chance < so_far->least)) {
        so_far->least = chance;
        so_far->where = position;
    }
    if (UNLIKELY(!(product > SMALL))) {
        so_far->bits -= log2(so_far->product) + log2(chance);
        product = 1.0;
    }
    so_far->product = product;
}

HOT double bits_so_far(const Scored *so_far) { return so_far->bits - log2(so_far->product); }

KERNEL(score_traces, {
    ScoreColumns *columns;
    I32 symbols;
    I64 offsets;
    F64 total;
    I64 worst;
    F64 worst_bits;
    I64 unseen;
}) {
    const ScoreColumns columns = *in->columns;
    for (int64_t trace = 0; trace < in->offsets.n - 1; trace++) {
        Scored found = NOTHING_SCORED;
        int64_t start = AT(in->offsets, trace), stop = AT(in->offsets, trace + 1);
        Place place = first_place(&columns);
        for (int64_t position = start; position < stop; position++) {
            double chance;
            int known = step(&columns, &place, AT(in->symbols, position), &chance);
            add_outcome(&found, chance, position - start, known);
        }
        add_outcome(&found, end_chance(&columns, place), stop - start, 1);
        AT(in->total, trace) = bits_so_far(&found);
        AT(in->worst, trace) = found.where;
        AT(in->worst_bits, trace) = -log2(found.least);
        AT(in->unseen, trace) = found.strange;
    }
    return 0;
}

KERNEL(event_bits, { ScoreColumns *columns; I32 trace; F64 bits; F64 ends; I64 states; }) {
    int64_t length = in->trace.n;
    Place place = first_place(in->columns);
    for (int64_t position = 0; position < length; position++) {
        double chance;
        AT(in->states, position) = place.state;
        AT(in->ends, position) = -log2(end_chance(in->columns, place));
        step(in->columns, &place, AT(in->trace, position), &chance);
        AT(in->bits, position) = -log2(chance);
    }
    AT(in->states, length) = place.state;
    AT(in->bits, length) = AT(in->ends, length) = -log2(end_chance(in->columns, place));
    return 0;
}

KERNEL(walk_traces, { ScoreColumns *columns; I32 symbols; I64 offsets; F64 bits; I64 states; }) {
    int64_t at = 0;
    for (int64_t trace = 0; trace < in->offsets.n - 1; trace++) {
        Place place = first_place(in->columns);
        for (int64_t position = AT(in->offsets, trace); position < AT(in->offsets, trace + 1); position++) {
            double chance;
            AT(in->states, at) = place.state;
            step(in->columns, &place, AT(in->symbols, position), &chance);
            AT(in->bits, at++) = -log2(chance);
        }
        AT(in->states, at) = place.state;
        AT(in->bits, at++) = -log2(end_chance(in->columns, place));
    }
    return 0;
}

KERNEL(batch_chances, { ScoreColumns *columns; I32 symbols; I64 offsets; F64 chances; U8 known; }) {
    int64_t at = 0;
    for (int64_t trace = 0; trace < in->offsets.n - 1; trace++) {
        Place place = first_place(in->columns);
        for (int64_t position = AT(in->offsets, trace); position < AT(in->offsets, trace + 1); position++) {
            if (step(in->columns, &place, AT(in->symbols, position), &AT(in->chances, at))) AT(in->known, at) = 1;
            at++;
        }
        AT(in->chances, at) = end_chance(in->columns, place);
        AT(in->known, at++) = 1;
    }
    return 0;
}

/* The probability of an outcome for a mixture; its beliefs shift towards the members that expected the outcome. */
HOT double mix_outcome(F64 belief, F64x2 chances, int64_t at) {
    double chance = 0.0;
    for (int64_t member = 0; member < belief.n; member++) chance += AT(belief, member) * AT2(chances, member, at);
    if (!(chance > 0.0)) return 0.0;
    for (int64_t member = 0; member < belief.n; member++) AT(belief, member) *= AT2(chances, member, at) / chance;
    return chance;
}

KERNEL(mix_traces, {
    F64 weights;
    F64x2 chances;
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
        Scored found = NOTHING_SCORED;
        int64_t length = AT(in->offsets, trace + 1) - AT(in->offsets, trace);
        for (int64_t member = 0; member < in->belief.n; member++) AT(in->belief, member) = AT(in->weights, member);
        for (int64_t position = 0; position <= length; position++, at++)
            add_outcome(&found, mix_outcome(in->belief, in->chances, at), position, AT(in->known, at));
        AT(in->total, trace) = bits_so_far(&found);
        AT(in->worst, trace) = found.where;
        AT(in->worst_bits, trace) = -log2(found.least);
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
