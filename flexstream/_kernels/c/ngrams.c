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

RECORD(NodePassages, { I64 contexts; I32 nodes; I32 outcomes; I64 times; I64 codes; })

KERNEL(node_contexts, { TreeColumns *tree; Digits *digits; I64 contexts; }) {
    for (int64_t node = 0; node < in->contexts.n; node++) { /* parents stand before their children */
        const TreeNode *row = &AT(in->tree->node, node);
        int64_t before = node ? push_digit(in->digits, AT(in->contexts, row->parent), row->symbol + FIRST_SYMBOL)
                              : put_digit(in->digits, 0, AT_START);
        AT(in->contexts, node) = in->digits->length ? before : 0;
    }
    return 0;
}

/* How many of an outcome's events are taken if every step-th is, whichever comes first. */
HOT int64_t part_of_times(int64_t times, int64_t step, int64_t node, int64_t outcome) {
    if (step == 1) return times;
    uint64_t scrambled = (uint64_t)make_key(node, outcome) * 0x9E3779B97F4A7C15u >> 33;
    return (times + (int64_t)(scrambled % (uint64_t)step)) / step;
}

/* Write an outcome of a node behind the others unless none of its events is taken; what is written past the end is
 * written again. */
HOT int64_t write_counted(const NodePassages *into, int64_t at, int64_t node, int64_t outcome, int64_t times) {
    AT(into->nodes, at) = (int32_t)node;
    AT(into->outcomes, at) = (int32_t)outcome;
    AT(into->times, at) = times;
    AT(into->codes, at) = AT(into->contexts, node) | outcome;
    return at + (times > 0);
}

KERNEL(node_passages, { TreeColumns *tree; int64_t end; int64_t step; NodePassages *into; }) {
    const TreeColumns *tree = in->tree;
    int64_t found = 0;
    for (int64_t edge = 0; edge < SIZE(tree, EDGES); edge++) {
        const TreeEdge *row = &AT(tree->edge, edge);
        int64_t node = key_node(row->keys), symbol = key_symbol(row->keys);
        found = write_counted(in->into, found, node, symbol, part_of_times(row->counts, in->step, node, symbol));
    }
    for (int64_t node = 0; node < SIZE(tree, NODES); node++) {
        int64_t ends = AT(tree->node, node).ends;
        if (ends) found = write_counted(in->into, found, node, in->end, part_of_times(ends, in->step, node, in->end));
    }
    return found;
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

/* Numbers in some order and room for as many; what they belong to stands beside them, or in their lowest bits if there is
 * room. */
typedef struct { I64 codes; I32 order; I64 fresh_codes; I32 fresh_order; } Sorting;

/* One round of sorting by a part of the code; numbers keep their order where it is the same. */
HOT void sort_by_part(Sorting *now, I64 starts, int64_t shift, int beside) {
    int64_t mask = starts.n - 1, total = 0;
    for (int64_t part = 0; part <= mask; part++) {
        int64_t count = AT(starts, part);
        AT(starts, part) = total;
        total += count;
    }
    for (int64_t at = 0; at < now->codes.n; at++) {
        int64_t place = AT(starts, AT(now->codes, at) >> shift & mask)++;
        AT(now->fresh_codes, place) = AT(now->codes, at);
        if (beside) AT(now->fresh_order, place) = AT(now->order, at);
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
    I32 fresh_order;
    int64_t packed;
    I64x2 starts;
}) {
    Sorting now = {in->codes, in->order, in->sums, in->fresh_order};
    int64_t bits = 0, rows = 0, low = in->packed, counted = in->counts.n, before = -1, mask = in->starts.n1 - 1;
    while (((int64_t)1 << bits) < in->starts.n1) bits++;
    for (int64_t at = 0; at < in->codes.n; at++) {
        int64_t code = AT(in->codes, at);
        for (int64_t part = 0; part < in->starts.n; part++) AT2(in->starts, part, code >> bits * part & mask)++;
        if (low) AT(in->codes, at) = code << low | least_of(at, counted);
        else AT(in->order, at) = (int32_t)least_of(at, counted);
    }
    for (int64_t part = 0; part < in->starts.n; part++) {
        I64 starts = {&AT2(in->starts, part, 0), in->starts.n1};
        if (low) sort_by_part(&now, starts, bits * part + low, 0);
        else sort_by_part(&now, starts, bits * part, 1);
    }
    /* what is written stands before what is read, or in the same place, in both pieces, whichever holds the codes */
    for (int64_t at = 0; at < in->codes.n; at++) {
        int64_t code = AT(now.codes, at) >> low;
        int64_t which = low ? AT(now.codes, at) & (((int64_t)1 << low) - 1) : AT(now.order, at);
        int fresh = code != before;
        before = code;
        rows += fresh;
        AT(in->codes, rows - 1) = code;
        AT(in->sums, rows - 1) = (fresh ? 0 : AT(in->sums, rows - 1)) + (which < counted ? AT(in->counts, which) : 1);
        if (which < in->places.n) AT(in->places, which) = (int32_t)(rows - 1);
    }
    return rows;
}

RECORD(PassageRows, {
    I32 row;
    I8 depth;
    I32 outcome;
    I32 down;
    I32 context;
    I64 sums;
    I32 shorter;
    I32 digit;
    I32x3 newest;
    I64 begins;
})

enum { DIGITS = 64 };

/* Of each bit of a code the level whose contexts begin to hold it. */
typedef struct { int8_t of_bit[DIGITS]; } Levels;

static Levels levels_of(const Digits *digits) {
    Levels found;
    for (int64_t bit = 0; bit < DIGITS; bit++)
        found.of_bit[bit] = (int8_t)most_of(0, digits->length + 1 - bit / digits->bits);
    return found;
}

/* How many digits the context of a code has, but at most so many. */
HOT int64_t depth_of(const Levels *levels, const Digits *digits, int64_t code, int64_t most) {
    int64_t context = code >> digits->bits << digits->bits;
    return context ? least_of(most, levels->of_bit[__builtin_ctzll((uint64_t)context)]) : 0;
}

/* How many digits of their contexts two codes share. */
HOT int64_t shared_by(const Levels *levels, int64_t code, int64_t other) {
    return levels->of_bit[DIGITS - 1 - __builtin_clzll((uint64_t)(code ^ other))] - 1;
}

/* Write what is new on a level above one that is known.  What is written past the end is written again when it belongs
 * there: no branch could be foretold. */
static void widen_once(I64 codes, I64 counts, Digits digits, int64_t level, const PassageRows rows, I64x2 sizes) {
    int64_t mask = ((int64_t)1 << digits.bits) - 1, shift = digits.bits * (digits.length + 1 - level);
    int64_t below = AT(rows.begins, level - 1), begin = AT(rows.begins, level), found = 0, contexts = 0, before = -1;
    for (int64_t at = 0; at < codes.n; at++) {
        int64_t context = AT(codes, at) >> shift, outcome = AT(codes, at) & mask, down = AT(rows.row, at);
        if (UNLIKELY(AT(rows.depth, at) < level - 1 || (context & mask) == 0)) continue; /* the trace had begun before */
        AT(rows.shorter, begin + contexts) = AT(rows.context, below + down);
        AT(rows.digit, begin + contexts) = (int32_t)(context & mask);
        contexts += context != before;
        before = context;
        int fresh = AT3(rows.newest, level, outcome, 0) != contexts - 1;
        int64_t row = fresh ? found : AT3(rows.newest, level, outcome, 1);
        AT3(rows.newest, level, outcome, 0) = (int32_t)(contexts - 1);
        AT3(rows.newest, level, outcome, 1) = AT(rows.row, at) = (int32_t)row;
        AT(rows.depth, at) = (int8_t)level;
        AT(rows.outcome, begin + row) = (int32_t)outcome;
        AT(rows.down, begin + row) = (int32_t)down;
        AT(rows.context, begin + row) = (int32_t)(contexts - 1);
        AT(rows.sums, begin + row) = (fresh ? 0 : AT(rows.sums, begin + row)) + AT(counts, at);
        found += fresh;
    }
    AT2(sizes, level, 0) = found;
    AT2(sizes, level, 1) = contexts;
}

/* Write what is new on the lowest levels.  Codes stand in order, so those that share a context are neighbours; a row that
 * is there on one level is so on all below, and where a context is new all longer ones are. */
static void widen_first(I64 codes, I64 counts, Digits digits, int64_t last, const PassageRows rows, I64x2 sizes) {
    const Levels levels = levels_of(&digits);
    int64_t mask = ((int64_t)1 << digits.bits) - 1;
    for (int64_t at = 0; at < codes.n; at++) {
        int64_t code = AT(codes, at), outcome = code & mask, depth = depth_of(&levels, &digits, code, last), row = 0;
        int64_t shared = at ? least_of(depth, shared_by(&levels, code, AT(codes, at - 1))) : -1, level = shared;
        while (level >= 0 && AT3(rows.newest, level, outcome, 0) != AT2(sizes, level, 1) - 1) level--;
        if (level >= 0) row = AT3(rows.newest, level, outcome, 1);
        for (level++; level <= depth; level++) {
            int64_t begin = AT(rows.begins, level), fresh = AT2(sizes, level, 0)++;
            if (level > shared) {
                int64_t context = begin + AT2(sizes, level, 1)++;
                AT(rows.shorter, context) = level ? AT(rows.context, AT(rows.begins, level - 1) + row) : 0;
                AT(rows.digit, context) = level ? (int32_t)(code >> digits.bits * (digits.length + 1 - level) & mask) : 0;
            }
            AT3(rows.newest, level, outcome, 0) = (int32_t)(AT2(sizes, level, 1) - 1);
            AT3(rows.newest, level, outcome, 1) = (int32_t)fresh;
            AT(rows.outcome, begin + fresh) = (int32_t)outcome;
            AT(rows.down, begin + fresh) = (int32_t)row;
            AT(rows.context, begin + fresh) = AT3(rows.newest, level, outcome, 0);
            AT(rows.sums, begin + fresh) = 0;
            row = fresh;
        }
        AT(rows.sums, AT(rows.begins, depth) + row) += AT(counts, at);
        AT(rows.row, at) = (int32_t)row;
        AT(rows.depth, at) = (int8_t)depth;
    }
    for (int64_t level = last; level > 0; level--)
        for (int64_t at = AT(rows.begins, level); at < AT(rows.begins, level) + AT2(sizes, level, 0); at++)
            AT(rows.sums, AT(rows.begins, level - 1) + AT(rows.down, at)) += AT(rows.sums, at);
}

KERNEL(widen_passages, {
    I64 codes;
    I64 counts;
    Digits *digits;
    int64_t first;
    int64_t last;
    PassageRows *rows;
    I64x2 sizes;
}) {
    for (int64_t level = in->first; level <= in->last; level++)
        for (int64_t outcome = 0; outcome < in->rows->newest.n1; outcome++) AT3(in->rows->newest, level, outcome, 0) = -1;
    if (in->first == 0) widen_first(in->codes, in->counts, *in->digits, in->last, *in->rows, in->sizes);
    for (int64_t level = in->first; in->first && level <= in->last; level++)
        widen_once(in->codes, in->counts, *in->digits, level, *in->rows, in->sizes);
    return 0;
}

KERNEL(place_passages, { I32 rows; I8 depth; int64_t level; I32 down; I32 places; }) {
    for (int64_t at = 0; at < in->rows.n; at++) {
        int held = AT(in->depth, at) >= in->level;
        AT(in->places, at) = held ? AT(in->rows, at) : -1;
        if (held && in->down.n) AT(in->rows, at) = AT(in->down, AT(in->rows, at));
    }
    return 0;
}

KERNEL(count_passages, { I32 longer; I64 sums; I32 context; I32 digit; I64 counts; I64 totals; I32 kinds; I64 seldom; }) {
    int top = in->longer.n == 0;
    int64_t once = 0, twice = 0;
    for (int64_t row = 0; row < in->counts.n && !top; row++) AT(in->counts, row) = 0;
    for (int64_t at = 0; at < in->longer.n; at++) AT(in->counts, AT(in->longer, at))++;
    for (int64_t row = 0; row < in->counts.n;) { /* rows of a context are neighbours */
        int64_t context = AT(in->context, row), begin = row, total = 0;
        int came = top || AT(in->digit, context) == AT_START;
        for (; row < in->counts.n && AT(in->context, row) == context; row++) {
            int64_t count = came ? AT(in->sums, row) : AT(in->counts, row);
            if (came) AT(in->counts, row) = count;
            total += count;
            once += count == 1;
            twice += count == 2;
        }
        AT(in->totals, context) += total;
        AT(in->kinds, context) += (int32_t)(row - begin);
    }
    AT(in->seldom, 0) += once;
    AT(in->seldom, 1) += twice;
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

RECORD(PassageCounts, { I64 counts; I32 context; I64 totals; I32 kinds; double discount; })

KERNEL(tell_passages, { PassageCounts *level; I32 rows; F64 below; F64 below_less; F64 plain; F64 less; }) {
    const PassageCounts level = *in->level;
    for (int64_t at = 0; at < in->rows.n; at++) {
        int64_t row = AT(in->rows, at);
        double under = AT(in->below, at), under_less = AT(in->below_less, at);
        AT(in->plain, at) = under;
        AT(in->less, at) = under_less;
        if (row < 0) continue; /* the trace had begun before */
        int64_t context = AT(level.context, row), count = AT(level.counts, row);
        double total = (double)AT(level.totals, context), kinds = (double)AT(level.kinds, context);
        double less = count == 1 ? under_less : under;
        AT(in->plain, at) = ((double)count - level.discount + level.discount * kinds * under) / total;
        double kept = fmax((double)count - 1.0 - level.discount, 0.0), rest = level.discount * (kinds - (count == 1));
        double left = (kept + rest * less) / fmax(total - 1.0, 1.0);
        AT(in->less, at) = total > 1.0 ? left : less;
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
