/* Which outcome came after which last symbols, and what an n-gram says of it; see ngrams.py. */

RECORD(Digits, { int64_t bits; int64_t length; })

enum { AT_START = 1, FIRST_SYMBOL = 2 };

/* What stands at a place of a context; place 0 is that of the last symbol, the highest digit. */
HOT int64_t put_digit(const Digits *digits, int64_t place, int64_t digit) {
    return digit << digits->bits * (digits->length - 1 - place);
}

/* The context after one more digit. */
HOT int64_t push_digit(const Digits *digits, int64_t context, int64_t digit) {
    return put_digit(digits, 0, digit) | context >> digits->bits;
}

HOT int64_t passage(const Digits *digits, int64_t context, int64_t outcome) {
    return put_digit(digits, -1, outcome) | context;
}

KERNEL(node_contexts, { TreeColumns *tree; Digits *digits; I64 contexts; }) {
    for (int64_t node = 0; node < in->contexts.n; node++) {
        int64_t context = 0, at = node;
        for (int64_t place = 0; place < in->digits->length && at >= 0; place++) {
            int64_t digit = at == 0 ? AT_START : AT(in->tree->node, at).symbol + FIRST_SYMBOL;
            context |= put_digit(in->digits, place, digit);
            at = AT(in->tree->node, at).parent;
        }
        AT(in->contexts, node) = context;
    }
    return 0;
}

/* Write the passages of a row of symbols and of the end after them; return one past the last. */
static int64_t write_passages(const Digits *digits, I32 symbols, int64_t end, int64_t context, I64 codes, int64_t at) {
    for (int64_t place = 0; place < symbols.n; place++) {
        int64_t symbol = AT(symbols, place);
        AT(codes, at++) = passage(digits, context, symbol);
        context = push_digit(digits, context, symbol + FIRST_SYMBOL);
    }
    AT(codes, at++) = passage(digits, context, end);
    return at;
}

KERNEL(tail_passages, {
    TreeColumns *tree;
    Digits *digits;
    I64 contexts;
    int64_t end;
    int64_t step;
    I64 codes;
}) {
    const TreeColumns *tree = in->tree;
    int64_t met = 0, at = 0;
    for (int64_t edge = 0; edge < SIZE(tree, EDGES); edge++) {
        const TreeEdge *row = &AT(tree->edge, edge);
        for (int64_t tail = row->tails; tail >= 0; tail = AT(tree->tail, tail).tail_next) {
            if (met++ % in->step) continue;
            const TreeTail *kept = &AT(tree->tail, tail);
            int64_t before = AT(in->contexts, key_node(row->keys));
            I32 symbols = PART(I32, tree->store, kept->tail_start, kept->tail_stop - kept->tail_start);
            before = push_digit(in->digits, before, key_symbol(row->keys) + FIRST_SYMBOL);
            at = write_passages(in->digits, symbols, in->end, before, in->codes, at);
        }
    }
    return at;
}

KERNEL(trace_passages, { I32 symbols; I64 starts; Digits *digits; int64_t end; I64 codes; }) {
    int64_t at = 0;
    for (int64_t trace = 0; trace < in->starts.n - 1; trace++) {
        int64_t start = AT(in->starts, trace), length = AT(in->starts, trace + 1) - start;
        I32 symbols = PART(I32, in->symbols, start, length);
        at = write_passages(in->digits, symbols, in->end, put_digit(in->digits, 0, AT_START), in->codes, at);
    }
    return at;
}

/* One round of sorting by a part of the code, whose numbers keep their order where it is the same. */
static void sort_by_part(I64 codes, I32 order, I64 fresh_codes, I32 fresh_order, int64_t shift, I64 starts) {
    int64_t mask = starts.n - 1, total = 0;
    for (int64_t part = 0; part < starts.n; part++) AT(starts, part) = 0;
    for (int64_t at = 0; at < codes.n; at++) AT(starts, AT(codes, at) >> shift & mask)++;
    for (int64_t part = 0; part < starts.n; part++) {
        int64_t count = AT(starts, part);
        AT(starts, part) = total;
        total += count;
    }
    for (int64_t at = 0; at < codes.n; at++) {
        int64_t place = AT(starts, AT(codes, at) >> shift & mask)++;
        AT(fresh_codes, place) = AT(codes, at);
        AT(fresh_order, place) = AT(order, at);
    }
}

KERNEL(tally_codes, {
    I64 codes;
    I64 counts;
    I64 sums;
    I32 places;
    I32 order;
    I64 fresh_codes;
    I32 fresh_order;
    I64 starts;
}) {
    I64 codes = in->codes, fresh = in->fresh_codes;
    I32 order = in->order, fresh_order = in->fresh_order;
    int64_t most = 0, bits = 0, rows = 0;
    while (((int64_t)1 << bits) < in->starts.n) bits++;
    for (int64_t at = 0; at < codes.n; at++) most = most_of(most, AT(codes, at));
    for (int64_t at = 0; at < codes.n; at++) AT(order, at) = (int32_t)at;
    for (int64_t shift = 0; shift < 63 && most >> shift; shift += bits) {
        sort_by_part(codes, order, fresh, fresh_order, shift, in->starts);
        I64 kept = codes;
        I32 kept_order = order;
        codes = fresh, order = fresh_order, fresh = kept, fresh_order = kept_order;
    }
    /* what is written stands before what is read, or in the same place, whichever of the two pieces it is */
    for (int64_t at = 0; at < codes.n; at++) {
        int64_t code = AT(codes, at), which = AT(order, at);
        if (rows == 0 || AT(in->codes, rows - 1) != code) {
            AT(in->codes, rows) = code;
            AT(in->sums, rows++) = 0;
        }
        AT(in->sums, rows - 1) += AT(in->counts, which);
        AT(in->places, which) = (int32_t)(rows - 1);
    }
    return rows;
}

RECORD(PassageRows, { I32 row; I32 first; I32 down; I32 context; I64 sums; I32 slots; I64 pairs; })

/* The number of the context that a digit makes of a shorter one. */
HOT int64_t longer_context(const PassageRows *rows, int64_t pair, int64_t *contexts) {
    int64_t slot = find_slot(rows->slots, (Keys){rows->pairs.at, rows->pairs.n, 1}, pair);
    if (AT(rows->slots, slot) == FREE) {
        AT(rows->slots, slot) = (int32_t)*contexts;
        AT(rows->pairs, (*contexts)++) = pair;
    }
    return AT(rows->slots, slot);
}

KERNEL(widen_passages, {
    I64 codes;
    I64 counts;
    int64_t bits;
    int64_t shift;
    I32 shorter;
    PassageRows *rows;
    I64 sizes;
}) {
    const PassageRows *rows = in->rows;
    int64_t found = 0, contexts = 0, before = -1, mask = ((int64_t)1 << in->bits) - 1;
    clear(rows->slots);
    for (int64_t at = 0; at < in->codes.n; at++) {
        int64_t down = AT(rows->row, at), code = AT(in->codes, at) >> in->shift, digit = code & mask;
        if (digit == 0) down = -1; /* the trace had begun before */
        AT(rows->row, at) = -1;
        if (down < 0) continue;
        if (code != before) {
            AT(rows->first, found) = (int32_t)at;
            AT(rows->down, found) = (int32_t)down;
            AT(rows->context, found) = (int32_t)longer_context(rows, make_key(AT(in->shorter, down), digit), &contexts);
            AT(rows->sums, found++) = 0;
            before = code;
        }
        AT(rows->sums, found - 1) += AT(in->counts, at);
        AT(rows->row, at) = (int32_t)(found - 1);
    }
    AT(in->sizes, 0) = found;
    AT(in->sizes, 1) = contexts;
    return 0;
}

RECORD(PassageCounts, { I64 counts; I32 context; I32 down; I64 totals; I64 kinds; double discount; })

KERNEL(tell_passages, { PassageCounts *level; F64 below; F64 below_less; F64 plain; F64 less; }) {
    const PassageCounts *level = in->level;
    for (int64_t row = 0; row < level->counts.n; row++) {
        int64_t context = AT(level->context, row), down = AT(level->down, row), count = AT(level->counts, row);
        double total = (double)AT(level->totals, context), kinds = (double)AT(level->kinds, context);
        double under = AT(in->below, down), less = count == 1 ? AT(in->below_less, down) : under;
        AT(in->plain, row) = ((double)count - level->discount + level->discount * kinds * under) / total;
        double kept = fmax((double)count - 1.0 - level->discount, 0.0), rest = level->discount * (kinds - (count == 1));
        AT(in->less, row) = total > 1.0 ? (kept + rest * less) / (total - 1.0) : less;
    }
    return 0;
}

RECORD(ForetoldRows, { I64 starts; F64 counts; F64 alone; F64 ngram; })

/* How the likelihood of a state's outcomes rises with the n-gram's share. */
HOT double slope_at(const ForetoldRows *rows, int64_t state, double share) {
    double slope = 0.0;
    for (int64_t at = AT(rows->starts, state); at < AT(rows->starts, state + 1); at++) {
        double alone = AT(rows->alone, at), gain = AT(rows->ngram, at) - alone;
        slope += AT(rows->counts, at) * gain / (alone + share * gain);
    }
    return slope;
}

KERNEL(likeliest_shares, { ForetoldRows *rows; double everywhere; double prior; int64_t halvings; F64 shares; }) {
    for (int64_t state = 0; state < in->shares.n; state++) {
        double low = 0.0, high = 1.0, share = 0.0;
        for (int64_t turn = 0; turn < in->halvings; turn++) {
            share = (low + high) / 2.0;
            double pull = in->prior * (in->everywhere / share - (1.0 - in->everywhere) / (1.0 - share));
            if (slope_at(in->rows, state, share) + pull > 0.0)
                low = share;
            else
                high = share;
        }
        AT(in->shares, state) = share;
    }
    return 0;
}
