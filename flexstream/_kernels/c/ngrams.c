/* Which outcome came after which last symbols, and what an n-gram says of it; see ngrams.py. */

RECORD(Digits, { int64_t bits; int64_t length; })

enum { AT_START = 1, FIRST_SYMBOL = 2 };

/* What stands at a place of a context; place 0 is that of the last symbol, the highest digit. */
HOT int64_t put_digit(const Digits *digits, int64_t place, int64_t digit) {
    return digit << digits->bits * (digits->length - place);
}

/* The context after one more digit; that of the outcome, the lowest, is empty. */
HOT int64_t push_digit(const Digits *digits, int64_t context, int64_t digit) {
    return put_digit(digits, 0, digit) | (context >> digits->bits & -((int64_t)1 << digits->bits));
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
        AT(codes, at++) = context | symbol;
        context = push_digit(digits, context, symbol + FIRST_SYMBOL);
    }
    AT(codes, at++) = context | end;
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

/* Numbers in some order, what they belong to, and room for both. */
typedef struct { I64 codes; I32 order; I64 fresh_codes; I32 fresh_order; I64 starts; } Sorting;

/* One round of sorting by a part of the code; numbers keep their order where it is the same. */
static void sort_by_part(Sorting *now, int64_t shift) {
    int64_t mask = now->starts.n - 1, total = 0;
    for (int64_t part = 0; part <= mask; part++) AT(now->starts, part) = 0;
    for (int64_t at = 0; at < now->codes.n; at++) AT(now->starts, AT(now->codes, at) >> shift & mask)++;
    for (int64_t part = 0; part <= mask; part++) {
        int64_t count = AT(now->starts, part);
        AT(now->starts, part) = total;
        total += count;
    }
    for (int64_t at = 0; at < now->codes.n; at++) {
        int64_t place = AT(now->starts, AT(now->codes, at) >> shift & mask)++;
        AT(now->fresh_codes, place) = AT(now->codes, at);
        AT(now->fresh_order, place) = AT(now->order, at);
    }
    Sorting was = *now;
    now->codes = was.fresh_codes, now->order = was.fresh_order;
    now->fresh_codes = was.codes, now->fresh_order = was.order;
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
    Sorting now = {in->codes, in->order, in->fresh_codes, in->fresh_order, in->starts};
    int64_t most = 0, bits = 0, rows = 0;
    while (((int64_t)1 << bits) < in->starts.n) bits++;
    for (int64_t at = 0; at < in->codes.n; at++) most = most_of(most, AT(in->codes, at));
    for (int64_t at = 0; at < in->codes.n; at++) AT(in->order, at) = (int32_t)at;
    for (int64_t shift = 0; shift < 63 && most >> shift; shift += bits) sort_by_part(&now, shift);
    /* what is written stands before what is read, or in the same place, whichever of the two pieces it is */
    for (int64_t at = 0; at < in->codes.n; at++) {
        int64_t code = AT(now.codes, at), which = AT(now.order, at);
        if (rows == 0 || AT(in->codes, rows - 1) != code) {
            AT(in->codes, rows) = code;
            AT(in->sums, rows++) = 0;
        }
        AT(in->sums, rows - 1) += AT(in->counts, which);
        AT(in->places, which) = (int32_t)(rows - 1);
    }
    return rows;
}

RECORD(PassageRows, { I32 row; I32 outcome; I32 down; I32 context; I64 sums; I32 shorter; I32 digit; I32x2 newest; })

KERNEL(widen_passages, {
    I64 codes;
    I64 counts;
    Digits *digits;
    int64_t length;
    I32 below;
    PassageRows *rows;
    I64 sizes;
}) {
    const PassageRows *rows = in->rows;
    const Digits *digits = in->digits;
    int64_t mask = ((int64_t)1 << digits->bits) - 1, shift = digits->bits * (digits->length + 1 - in->length);
    int64_t found = 0, contexts = 0, before = -1;
    for (int64_t outcome = 0; outcome < rows->newest.n; outcome++) AT2(rows->newest, outcome, 0) = -1;
    for (int64_t at = 0; at < in->codes.n; at++) {
        int64_t down = AT(rows->row, at), outcome = AT(in->codes, at) & mask;
        int64_t context = in->length ? AT(in->codes, at) >> shift : 0, digit = context & mask;
        if (UNLIKELY(down < 0 || (digit == 0 && in->length))) { /* the trace had begun before */
            AT(rows->row, at) = -1;
            continue;
        }
        /* what is written past the end is written again when it belongs there: no branch could be foretold */
        AT(rows->shorter, contexts) = AT(in->below, down);
        AT(rows->digit, contexts) = (int32_t)digit;
        contexts += context != before;
        before = context;
        int fresh = AT2(rows->newest, outcome, 0) != contexts - 1;
        int64_t row = fresh ? found : AT2(rows->newest, outcome, 1);
        AT2(rows->newest, outcome, 0) = (int32_t)(contexts - 1);
        AT2(rows->newest, outcome, 1) = AT(rows->row, at) = (int32_t)row;
        AT(rows->outcome, row) = (int32_t)outcome;
        AT(rows->down, row) = (int32_t)down;
        AT(rows->context, row) = (int32_t)(contexts - 1);
        AT(rows->sums, row) = (fresh ? 0 : AT(rows->sums, row)) + AT(in->counts, at);
        found += fresh;
    }
    AT(in->sizes, 0) = found;
    AT(in->sizes, 1) = contexts;
    return 0;
}

KERNEL(count_passages, { I32 longer; I64 sums; I32 context; I32 digit; I64 counts; I64 totals; I32 kinds; I64 seldom; }) {
    int top = in->longer.n == 0;
    for (int64_t row = 0; row < in->counts.n && !top; row++) AT(in->counts, row) = 0;
    for (int64_t at = 0; at < in->longer.n; at++) AT(in->counts, AT(in->longer, at))++;
    for (int64_t row = 0; row < in->counts.n; row++) {
        int64_t context = AT(in->context, row);
        if (top || AT(in->digit, context) == AT_START) AT(in->counts, row) = AT(in->sums, row);
        int64_t count = AT(in->counts, row);
        AT(in->totals, context) += count;
        AT(in->kinds, context)++;
        AT(in->seldom, 0) += count == 1;
        AT(in->seldom, 1) += count == 2;
    }
    return 0;
}

KERNEL(weigh_contexts, { I32 shorter; I32 kinds; I64 worth; I64 below; I64 rows; }) {
    for (int64_t at = 0; at < in->worth.n; at++) {
        int64_t worth = AT(in->worth, at);
        AT(in->rows, least_of(worth, in->rows.n - 1)) += AT(in->kinds, at);
        if (in->below.n) AT(in->below, AT(in->shorter, at)) = most_of(AT(in->below, AT(in->shorter, at)), worth);
    }
    return 0;
}

RECORD(PassageCounts, { I64 counts; I32 context; I32 down; I64 totals; I32 kinds; double discount; })

KERNEL(tell_passages, { PassageCounts *level; F64 below; F64 below_less; F64 plain; F64 less; }) {
    const PassageCounts *level = in->level;
    for (int64_t row = 0; row < level->counts.n; row++) {
        int64_t context = AT(level->context, row), down = AT(level->down, row), count = AT(level->counts, row);
        double total = (double)AT(level->totals, context), kinds = (double)AT(level->kinds, context);
        double under = AT(in->below, down), less = count == 1 ? AT(in->below_less, down) : under;
        AT(in->plain, row) = ((double)count - level->discount + level->discount * kinds * under) / total;
        double kept = fmax((double)count - 1.0 - level->discount, 0.0), rest = level->discount * (kinds - (count == 1));
        double left = (kept + rest * less) / fmax(total - 1.0, 1.0);
        AT(in->less, row) = total > 1.0 ? left : less;
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
