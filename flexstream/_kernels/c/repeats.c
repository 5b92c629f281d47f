/* Which traces say once more what was said before; see repeats.py. */

enum { TRACE_HASH, CAME };
enum { LOOKED_AT, REPEATED, REPEATED_EVENTS, ENTRIES, HELD_ROWS, HELD_STORED, SAMPLED, SAMPLE_STORED, LIMIT, GATE, STORE_FULL, TABLE_FULL, LOST_REPEATS, NO_ROOM_FOR };
enum { THIRD, BEYOND };
enum { WAYS = 4, BLOCK = 64, MOST_LAGS = 2, LARGE_SHARE = 64 };

/* Bits by which a run of copies must be likelier than chance, beside those that say where it is copied from; what a
 * trace that is none costs it; up to which surprise a trace wins nothing (a handful of traces that take turns are what a
 * process has to say, not a file in a loop); how far above the line a run may get; the share of copies where there are
 * some. */
static const double SURE_BITS = 10.0, MISS_BITS = 3.0, COMMON_BITS = 3.0, RESERVE = 12.0, COPIES = 0.875;
static const double COMMON_SHARE = 0.125; /* what COMMON_BITS say of copies */
static const double FADING = 1.0 / 512.0, OPENS = 0.2, CLOSES = 0.05;
static const double FREE_TIMES = 2.0, SIGMAS = 3.0;
/* Fewer different traces than this are what a process has to say, in whatever order they come. */
enum { FEWEST = 6 };

RECORD(RepeatColumns, {
    I64x2 entries;
    I32 row;
    I64 ring;
    I64 lags;
    F64 gains;
    F64 shares;
    I64 held_start;
    I64 held_count;
    I64 held_beyond;
    I32 held_store;
    I64 sample_hash;
    I64 sample_start;
    I32 sample_store;
    I64 size;
})

/* The hash of a trace, without its lowest bit, so that it is not negative. */
HOT int64_t trace_hash(I32 symbols, int64_t start, int64_t stop) {
    uint64_t hash = (uint64_t)(stop - start);
    for (int64_t at = start; at < stop; at++) {
        hash = (hash + (uint64_t)AT(symbols, at) + 1) * 0x9E3779B97F4A7C15u;
        hash = hash << 31 | hash >> 33;
    }
    return (int64_t)(mix(hash) >> 1);
}

HOT int64_t first_way(const RepeatColumns *known, int64_t hash) { return (hash & (known->entries.n / WAYS - 1)) * WAYS; }

/* What is known of a trace is one number: how often it came, its surprise under the automaton in 64ths of a bit, and
 * the lowest bits of the number of the trace that it was last.  What has more than these hold is taken for the most.
 */
enum { LAST_BITS = 24, SURPRISE_BITS = 16, LAST_MOST = (1 << 24) - 1, NO_SURPRISE = (1 << 16) - 1, TIMES_MOST = (1 << 23) - 1 };

HOT int64_t times_of(const RepeatColumns *known, int64_t slot) {
    return AT2(known->entries, slot, CAME) >> (LAST_BITS + SURPRISE_BITS);
}
HOT int64_t surprise_of(const RepeatColumns *known, int64_t slot) {
    return AT2(known->entries, slot, CAME) >> LAST_BITS & NO_SURPRISE;
}
HOT void set_entry(RepeatColumns *known, int64_t slot, int64_t times, int64_t surprise, int64_t last) {
    AT2(known->entries, slot, CAME) =
        least_of(times, TIMES_MOST) << (LAST_BITS + SURPRISE_BITS) | surprise << LAST_BITS | (last & LAST_MOST);
}
/* How many traces ago a trace was last seen. */
HOT int64_t age_of(const RepeatColumns *known, int64_t slot) {
    return (SIZE(known, LOOKED_AT) - AT2(known->entries, slot, CAME)) & LAST_MOST;
}

/* The slot that holds a trace, -1 if none does; all ways are looked at, as which one it is cannot be foretold. */
HOT int64_t find_entry(const RepeatColumns *known, int64_t hash) {
    int64_t first = first_way(known, hash), found = -1;
    for (int64_t slot = first; slot < first + WAYS; slot++)
        found = (AT2(known->entries, slot, TRACE_HASH) == hash) & (times_of(known, slot) > 0) ? slot : found;
    return found;
}

/* The slot for a trace that has none: a free one, else that of the trace which came least often, of these the one that
 * was not seen for longest; but one that is sampled only where all are. */
static int64_t make_entry(RepeatColumns *known, int64_t hash) {
    int64_t first = first_way(known, hash), chosen = first, least = INT64_MAX;
    for (int64_t slot = first; slot < first + WAYS; slot++) {
        int64_t times = times_of(known, slot), kept = AT2(known->entries, slot, TRACE_HASH) < SIZE(known, LIMIT);
        int64_t worth = kept << 62 | times << LAST_BITS | (LAST_MOST - age_of(known, slot));
        if (times == 0) worth = slot - first - WAYS; /* free: the first of these */
        chosen = worth <= least ? slot : chosen;
        least = least_of(worth, least);
    }
    SIZE(known, ENTRIES) += least < 0;
    AT2(known->entries, chosen, TRACE_HASH) = hash;
    set_entry(known, chosen, 0, NO_SURPRISE, 0);
    if (SIZE(known, HELD_ROWS) > 0) AT(known->row, chosen) = 0;
    return chosen;
}

/* Whether a trace stands where a copy of what came some traces before would have it, and what came before those is
 * copied as well.  Each lag is a bet: a trace that it foretells wins what its rarity is worth, any other loses. */
static int is_copy(RepeatColumns *known, int64_t hash, int64_t slot) {
    int64_t now = SIZE(known, LOOKED_AT), weakest = 0;
    double times = slot >= 0 ? (double)times_of(known, slot) : 0.0, all = (double)(now + 2);
    double line = -1.0;
    int copied = 0, met = 0;
    for (int64_t which = 0; which < MOST_LAGS; which++) {
        int64_t lag = AT(known->lags, which);
        double *gain = &AT(known->gains, which);
        if (lag > 0 && AT(known->ring, (now - lag) & (known->ring.n - 1)) == hash) {
            met = 1;
            if (line < 0.0) line = SURE_BITS + log2(all);
            double won = log2(COPIES * all / (times + 1.0) + 1.0 - COPIES) - COMMON_BITS;
            if (won > 0.0) *gain = *gain + won < line + RESERVE ? *gain + won : line + RESERVE;
            copied |= *gain >= line;
        } else {
            *gain = *gain > MISS_BITS ? *gain - MISS_BITS : 0.0;
        }
        if (*gain < AT(known->gains, weakest)) weakest = which;
    }
    if (met || slot < 0 || AT(known->gains, weakest) > 0.0) return copied;
    int64_t lag = age_of(known, slot);
    if (lag > known->ring.n || lag == AT(known->lags, 0) || lag == AT(known->lags, 1)) return copied;
    AT(known->lags, weakest) = lag;
    FETCH(&AT(known->ring, (now + 1 - lag) & (known->ring.n - 1)));
    return copied;
}

/* The surprise in bits of a trace. */
HOT double automaton_bits(const ScoreColumns *automaton, I32 symbols, int64_t start, int64_t stop) {
    Place place = first_place(automaton);
    Scored found = NOTHING_SCORED;
    double chance;
    for (int64_t position = start; position < stop; position++) {
        step(automaton, &place, AT(symbols, position), &chance);
        add_outcome(&found, chance, position - start, 1);
    }
    add_outcome(&found, end_chance(automaton, place), stop - start, 1);
    return bits_so_far(&found);
}

HOT void fade(double *share, int came) { *share += ((double)came - *share) * FADING; }

/* Whether a trace came more often, as evidence, than the automaton of the first `learned` traces lets expect. */
HOT int is_beyond(RepeatColumns *known, int64_t slot, const ScoreColumns *automaton, int64_t learned, I32 symbols,
                  int64_t start, int64_t stop) {
    int64_t row = SIZE(known, HELD_ROWS) > 0 ? AT(known->row, slot) : 0;
    double times = (double)(times_of(known, slot) + 1 - (row > 0 ? AT(known->held_count, row - 1) : 0));
    fade(&AT(known->shares, THIRD), times > FREE_TIMES);
    double traces = (double)(SIZE(known, LOOKED_AT) - SIZE(known, REPEATED) + 1);
    if (times <= FREE_TIMES || learned <= 0 || times > traces * COMMON_SHARE) return 0;
    if (surprise_of(known, slot) == NO_SURPRISE) {
        double bits = 64.0 * automaton_bits(automaton, symbols, start, stop) + 0.5;
        int64_t surprise = bits < (double)(NO_SURPRISE - 1) ? (int64_t)bits : NO_SURPRISE - 1;
        set_entry(known, slot, times_of(known, slot), surprise, AT2(known->entries, slot, CAME));
    }
    double expected = traces * (double)exp2f((float)surprise_of(known, slot) * -0.015625f);
    double over = times - FREE_TIMES - expected;
    return (over > 0.0) & (over * over > SIGMAS * SIGMAS * expected * (1.0 + traces / (double)learned));
}

/* Keep a trace that is no evidence, once, how often it came, and how often of these it was no copy. */
static void hold(RepeatColumns *known, int64_t slot, int copied, I32 symbols, int64_t start, int64_t stop) {
    int64_t row = AT(known->row, slot), length = stop - start, stored = SIZE(known, HELD_STORED);
    SIZE(known, REPEATED)++;
    SIZE(known, REPEATED_EVENTS) += length;
    if (row == 0) {
        row = SIZE(known, HELD_ROWS) + 1;
        if (row > known->held_count.n || stored + length > known->held_store.n) {
            SIZE(known, LOST_REPEATS)++;
            return;
        }
        for (int64_t at = 0; at < length; at++) AT(known->held_store, stored + at) = AT(symbols, start + at);
        SIZE(known, HELD_STORED) = AT(known->held_start, row) = stored + length;
        SIZE(known, HELD_ROWS) = row;
        AT(known->held_count, row - 1) = AT(known->held_beyond, row - 1) = 0;
        AT(known->row, slot) = row;
    }
    AT(known->held_count, row - 1) += 1;
    AT(known->held_beyond, row - 1) += !copied;
}

/* Whether a trace is one of those by which the stream is judged; one that takes much of their room is not. */
HOT int is_sampled(const RepeatColumns *known, int64_t hash, int64_t length) {
    return hash < SIZE(known, LIMIT) && length * LARGE_SHARE <= known->sample_store.n;
}

/* Keep a trace that is new if it is one of those by which the stream is judged. */
static void take_sample(RepeatColumns *known, int64_t hash, I32 symbols, int64_t start, int64_t stop) {
    int64_t row = SIZE(known, SAMPLED), length = stop - start, stored = SIZE(known, SAMPLE_STORED);
    if (!is_sampled(known, hash, length)) return;
    for (int64_t at = 0; at < length; at++) AT(known->sample_store, stored + at) = AT(symbols, start + at);
    AT(known->sample_hash, row) = hash;
    SIZE(known, SAMPLE_STORED) = AT(known->sample_start, row + 1) = stored + length;
    SIZE(known, SAMPLED) = row + 1;
}

/* What has no room left for a trace; 0 if all has. */
static int lacks_room(const RepeatColumns *known, int64_t hash, int64_t length) {
    if (SIZE(known, STORE_FULL) == 0
        && (SIZE(known, HELD_ROWS) == known->held_count.n || SIZE(known, HELD_STORED) + length > known->held_store.n))
        return 1;
    if (SIZE(known, TABLE_FULL) == 0 && 4 * SIZE(known, ENTRIES) >= known->entries.n) return 2;
    if (is_sampled(known, hash, length)
        && (SIZE(known, SAMPLED) == known->sample_hash.n || SIZE(known, SAMPLE_STORED) + length > known->sample_store.n))
        return 3;
    return 0;
}

/* Look at one trace; tell whether it is no evidence. */
static int look_at_trace(RepeatColumns *known, int64_t hash, const ScoreColumns *automaton, int64_t learned, I32 symbols,
                   int64_t start, int64_t stop) {
    int64_t slot = find_entry(known, hash), now = SIZE(known, LOOKED_AT);
    int copied = is_copy(known, hash, slot), beyond = 0;
    if (!copied) {
        if (slot >= 0)
            beyond = is_beyond(known, slot, automaton, learned, symbols, start, stop);
        else
            fade(&AT(known->shares, THIRD), 0);
        fade(&AT(known->shares, BEYOND), beyond);
        if (AT(known->shares, BEYOND) > OPENS) SIZE(known, GATE) = 1;
        if (AT(known->shares, BEYOND) < CLOSES) SIZE(known, GATE) = 0;
    }
    if (slot < 0) {
        slot = make_entry(known, hash);
        take_sample(known, hash, symbols, start, stop);
    }
    int held = SIZE(known, ENTRIES) >= FEWEST && (copied || (beyond && SIZE(known, GATE) == 1));
    if (held) hold(known, slot, copied, symbols, start, stop);
    set_entry(known, slot, times_of(known, slot) + 1, surprise_of(known, slot), now);
    AT(known->ring, now & (known->ring.n - 1)) = hash;
    SIZE(known, LOOKED_AT) = now + 1;
    return held;
}

KERNEL(find_repeats, {
    RepeatColumns *known;
    ScoreColumns *automaton;
    int64_t learned;
    I32 symbols;
    I64 offsets;
    int64_t start;
    U8 held;
}) {
    RepeatColumns *known = in->known;
    int64_t hashes[BLOCK], traces = in->offsets.n - 1;
    for (int64_t block = in->start; block < traces; block += BLOCK) {
        int64_t end = least_of(traces, block + BLOCK);
        for (int64_t trace = block; trace < end; trace++) {
            int64_t hash = trace_hash(in->symbols, AT(in->offsets, trace), AT(in->offsets, trace + 1));
            hashes[trace - block] = hash;
            FETCH(&AT2(known->entries, first_way(known, hash), 0));
            FETCH(&AT2(known->entries, first_way(known, hash) + WAYS - 1, 1));
        }
        for (int64_t trace = block; trace < end; trace++) {
            int64_t hash = hashes[trace - block], start = AT(in->offsets, trace), stop = AT(in->offsets, trace + 1);
            SIZE(known, NO_ROOM_FOR) = lacks_room(known, hash, stop - start);
            if (SIZE(known, NO_ROOM_FOR)) return trace;
            AT(in->held, trace) =
                (uint8_t)look_at_trace(known, hash, in->automaton, in->learned, in->symbols, start, stop);
        }
    }
    return traces;
}
