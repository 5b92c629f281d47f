/* Space-Saving sketches of the prefixes of futures, with bootstrap copies; see spacesaving.py. */

enum { CODES, COUNTS };

HOT void exchange(I32 column, int64_t a, int64_t b) {
    int32_t kept = AT(column, a);
    AT(column, a) = AT(column, b);
    AT(column, b) = kept;
}

/* Move a counter that grew up to its place among the heavier ones. */
static inline void rise(I32 codes, I32 counts, int64_t at) {
    while (at > 1 && AT(counts, at - 1) < AT(counts, at)) {
        int64_t to = at - 1;
        /* Of a run of equal counts only the first need move. */
        while (to > 1 && AT(counts, to - 1) == AT(counts, at - 1) && AT(counts, to - 1) < AT(counts, at)) to--;
        exchange(codes, at, to);
        exchange(counts, at, to);
        at = to;
    }
}

/* Count an item (Metwally, Agrawal & El Abbadi, ICDT 2005): without a counter it takes over the lightest. */
static inline void count_item(I32 codes, I32 counts, int32_t item, int32_t times) {
    int64_t used = AT(codes, 0), at = 1;
    while (at <= used && AT(codes, at) != item) at++;
    if (at > used) {
        if (used + 1 < codes.n) {
            AT(codes, 0) = (int32_t)at;
            AT(counts, at) = 0;
        } else {
            at = used;
        }
        AT(codes, at) = item;
    }
    AT(counts, at) = more_of(AT(counts, at), times);
    rise(codes, counts, at);
}

/* How often a string comes in a resample: a Poisson number of mean 1 from 64 random bits. */
static inline int32_t resampled(uint64_t random) {
    double left = (double)(random >> 11) * (1.0 / 9007199254740992.0), share = 0.36787944117144233; /* exp(-1) */
    int32_t times = 0;
    while (left >= share && times < 12) {
        left -= share;
        times++;
        share /= times;
    }
    return times;
}

/* Count all prefixes of one future, the future itself with its end among them, in every copy.
 *
 * What is drawn depends on the visit and, through the hash of the first symbol, on the learner's seed.
 */
static void sketch_prefixes(I32x3 sketch, U64 codes, uint64_t end, I32 symbols, int64_t start, int64_t stop,
                            uint64_t visit) {
    uint64_t random = chain(codes.n > 0 ? AT(codes, 0) : 0, visit);
    for (int64_t copy = 0; copy < sketch.n; copy++) {
        int32_t times = copy == 0 ? 1 : resampled(mix(random + (uint64_t)copy));
        if (times == 0) continue;
        I32 items = row_of(part_of(sketch, copy), CODES), counts = row_of(part_of(sketch, copy), COUNTS);
        AT(counts, 0) = more_of(AT(counts, 0), times);
        uint64_t prefix = 0;
        for (int64_t at = start; at < stop; at++) {
            prefix = chain(prefix, AT(codes, AT(symbols, at)));
            count_item(items, counts, (int32_t)(prefix >> 33), times);
        }
        count_item(items, counts, (int32_t)(chain(prefix, end) >> 33), times);
    }
}

/* How much any item may be overcounted, or have come without a counter: the lightest if none is free. */
static inline int64_t uncounted(I32x2 sketch) {
    int64_t used = AT2(sketch, CODES, 0);
    return used + 1 == sketch.n1 ? AT2(sketch, COUNTS, used) : 0;
}

/* The counter of an item, 0 if it has none. */
static inline int64_t find_item(I32x2 sketch, int32_t item) {
    int64_t used = AT2(sketch, CODES, 0);
    for (int64_t at = 1; at <= used; at++)
        if (AT2(sketch, CODES, at) == item) return at;
    return 0;
}

/* List the items of two sketches with the sums of their counts, heaviest first; return how many there are. */
static int64_t gather_items(I32x2 into, I32x2 more, I32 codes, I32 counts) {
    int64_t size = 0;
    for (int64_t at = 1; at <= AT2(into, CODES, 0); at++) {
        int64_t twin = find_item(more, AT2(into, CODES, at));
        size++;
        AT(codes, size) = AT2(into, CODES, at);
        AT(counts, size) =
            more_of(AT2(into, COUNTS, at), (int32_t)(twin > 0 ? AT2(more, COUNTS, twin) : uncounted(more)));
        rise(codes, counts, size);
    }
    for (int64_t at = 1; at <= AT2(more, CODES, 0); at++) {
        if (find_item(into, AT2(more, CODES, at)) > 0) continue;
        size++;
        AT(codes, size) = AT2(more, CODES, at);
        AT(counts, size) = more_of(AT2(more, COUNTS, at), (int32_t)uncounted(into));
        rise(codes, counts, size);
    }
    return size;
}

/* Add the sketch of one node to that of another, copy by copy; `items` holds two rows of twice their items.
 *
 * An item that only one side counts may have come on the other as often as its lightest counter says; of the sums the
 * heaviest stay.  The error is then at most the sum of the errors (Agarwal et al., "Mergeable summaries", PODS 2012).
 */
static void combine(I32x3 target, I32x3 source, I32x2 items) {
    for (int64_t copy = 0; copy < target.n; copy++) {
        I32x2 into = part_of(target, copy), more = part_of(source, copy);
        I32 codes = row_of(items, CODES), counts = row_of(items, COUNTS);
        int64_t size = least_of(into.n1 - 1, gather_items(into, more, codes, counts));
        AT2(into, COUNTS, 0) = more_of(AT2(into, COUNTS, 0), AT2(more, COUNTS, 0));
        AT2(into, CODES, 0) = (int32_t)size;
        for (int64_t at = 1; at <= size; at++) {
            AT2(into, CODES, at) = AT(codes, at);
            AT2(into, COUNTS, at) = AT(counts, at);
        }
    }
}

/* The share of the futures that a count is; of no futures nothing has a share. */
HOT double share_of(int32_t count, I32x2 sketch) {
    int32_t futures = AT2(sketch, COUNTS, 0);
    return futures > 0 ? (double)count / (double)futures : 0.0;
}

/* The largest difference of the shares of a prefix between two copies of sketches. */
static double distance_of(I32x2 one, I32x2 other) {
    double largest = 0.0;
    for (int64_t at = 1; at <= AT2(one, CODES, 0); at++) {
        int64_t twin = find_item(other, AT2(one, CODES, at));
        double difference =
            share_of(AT2(one, COUNTS, at), one) - share_of(twin > 0 ? AT2(other, COUNTS, twin) : 0, other);
        largest = fmax(largest, fabs(difference));
    }
    for (int64_t at = 1; at <= AT2(other, CODES, 0); at++)
        if (find_item(one, AT2(other, CODES, at)) == 0)
            largest = fmax(largest, share_of(AT2(other, COUNTS, at), other));
    return largest;
}

KERNEL(measure_distance, { I32x2 one; I32x2 other; F64 largest; }) {
    AT(in->largest, 0) = distance_of(in->one, in->other);
    return 0;
}

/* Count items, each as a future of its own. */
KERNEL(count_items, { I32x2 sketch; I32 items; }) {
    for (int64_t at = 0; at < in->items.n; at++) {
        AT2(in->sketch, COUNTS, 0) += 1;
        count_item(row_of(in->sketch, CODES), row_of(in->sketch, COUNTS), AT(in->items, at), 1);
    }
    return 0;
}

KERNEL(combine_sketches, { I32x3 target; I32x3 source; I32x2 items; }) {
    combine(in->target, in->source, in->items);
    return 0;
}

KERNEL(overcount, { I32x2 sketch; }) { return uncounted(in->sketch); }

KERNEL(resample, { U64 randoms; I64 times; }) {
    for (int64_t at = 0; at < in->randoms.n; at++) AT(in->times, at) = resampled(AT(in->randoms, at));
    return 0;
}
