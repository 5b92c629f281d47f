/* Traces with durations: which transitions they take, and how long these take; see timed.py. */

enum { NOT_KNOWN = -1 };

/* --- which transitions they take ------------------------------------------------------------------------------------- */

/* The transition of a state by a symbol, -1 if there is none; a state's stand in the order of their symbols.  Halves
 * without branches, which would be guessed wrongly half the time. */
HOT int64_t transition_of(I64 firsts, I32 symbols, int64_t state, int64_t symbol) {
    int64_t low = AT(firsts, state), rows = AT(firsts, state + 1) - low;
    if (rows == 0) return NOT_KNOWN;
    while (rows > 1) {
        int64_t half = rows >> 1;
        low += AT(symbols, low + half) <= symbol ? half : 0;
        rows -= half;
    }
    return AT(symbols, low) == symbol ? low : NOT_KNOWN;
}

/* The same of a table with a row for each state and a place for each symbol. */
HOT int64_t looked_up(I32 table, int64_t width, int64_t state, int64_t symbol) {
    return (uint64_t)symbol < (uint64_t)width ? AT(table, state * width + symbol) : NOT_KNOWN;
}

KERNEL(follow_traces, {
    I64 firsts;
    I32 edge_symbols;
    I32 targets;
    I32 table;
    int64_t width;
    I32 symbols;
    I64 offsets;
    I64 edges;
}) {
    for (int64_t trace = 0; trace < in->offsets.n - 1; trace++) {
        int64_t state = 0;
        for (int64_t at = AT(in->offsets, trace); at < AT(in->offsets, trace + 1); at++) {
            int64_t edge = NOT_KNOWN, symbol = AT(in->symbols, at);
            if (state >= 0 && in->table.n) edge = looked_up(in->table, in->width, state, symbol);
            else if (state >= 0) edge = transition_of(in->firsts, in->edge_symbols, state, symbol);
            AT(in->edges, at) = edge;
            state = edge >= 0 ? AT(in->targets, edge) : -1;
        }
    }
    return 0;
}

/* --- how long these take --------------------------------------------------------------------------------------------- */

/* The durations of one transition, in the order in which they came, and a cell for each bin. */
typedef struct { I16 bins; I64 counts; I64 cells; I64 totals; int64_t low, high; } OfEdge;

static OfEdge tallied(I16 bins, I64 counts, I64 cells, I64 totals) {
    OfEdge found = {bins, counts, cells, totals, cells.n, -1};
    for (int64_t at = 0; at < bins.n; at++) {
        int64_t bin = AT(bins, at);
        AT(cells, bin)++;
        AT(totals, bin) += AT(counts, at);
        found.low = least_of(found.low, bin);
        found.high = most_of(found.high, bin);
    }
    return found;
}

/* Put twice the mean rank of what is in each bin, less its mean over all, into its cell. */
static void rank_cells(OfEdge found) {
    int64_t before = 0;
    for (int64_t bin = found.low; bin <= found.high; bin++) {
        int64_t here = AT(found.cells, bin);
        AT(found.cells, bin) = 2 * before + here - found.bins.n;
        before += here;
    }
}

/* By how much the mean ranks of blocks vary more than those of events that do not hang on each other; where blocks are
 * alike as well, the mean ranks of pairs of them vary by more. */
static double block_spread(OfEdge found, int64_t pairs) {
    int64_t blocks = 2 * pairs, size = found.bins.n / blocks;
    double squares = 0.0, mean = 0.0, alone = 0.0, paired = 0.0, pair = 0.0;
    for (int64_t at = 0; at < found.bins.n; at++) {
        double rank = (double)AT(found.cells, AT(found.bins, at));
        squares += rank * rank;
        if (at < blocks * size) mean += rank;
    }
    mean /= (double)blocks; /* of the sums of blocks */
    if (squares == 0.0) return 1.0;
    for (int64_t block = 0; block < blocks; block++) {
        double beyond = -mean;
        for (int64_t at = block * size; at < (block + 1) * size; at++) beyond += (double)AT(found.cells, AT(found.bins, at));
        alone += beyond * beyond;
        pair += beyond;
        if (block % 2 == 0) continue;
        paired += pair * pair;
        pair = 0.0;
    }
    double spread = alone / (double)(blocks - 1), of_pairs = paired / (double)(2 * (pairs - 1));
    return (spread > of_pairs ? spread : of_pairs) / ((double)size * squares / (double)found.bins.n);
}

HOT int is_timed(I64 edges, I16 bins, int64_t at) { return AT(edges, at) >= 0 && AT(bins, at) != NOT_KNOWN; }

KERNEL(sort_durations, {
    I64 edges;
    I16 bins;
    I64 offsets;
    I64 counts;
    I64 starts;
    I16 sorted_bins;
    I64 sorted_counts;
    I32 events;
}) {
    I64 edges = in->edges, starts = in->starts;
    for (int64_t at = AT(in->offsets, 0); at < AT(in->offsets, in->offsets.n - 1); at++)
        if (is_timed(edges, in->bins, at)) AT(starts, AT(edges, at) + 2)++;
    for (int64_t edge = 2; edge < starts.n; edge++) AT(starts, edge) += AT(starts, edge - 1);
    for (int64_t trace = 0; trace < in->offsets.n - 1; trace++)
        for (int64_t at = AT(in->offsets, trace); at < AT(in->offsets, trace + 1); at++) {
            if (!is_timed(edges, in->bins, at)) continue;
            int64_t place = AT(starts, AT(edges, at) + 1)++; /* which is, in the end, where the next one's begin */
            AT(in->sorted_bins, place) = AT(in->bins, at);
            AT(in->sorted_counts, place) = AT(in->counts, trace);
            AT(in->events, place) = (int32_t)at;
        }
    return AT(starts, starts.n - 1);
}

KERNEL(tally_durations, {
    I64 starts;
    I16 bins;
    I64 counts;
    I64 cells;
    I64 totals;
    int64_t pairs;
    int64_t least;
    I32 row_edges;
    I16 row_bins;
    I64 row_counts;
    F64 dependence;
}) {
    int64_t rows = 0;
    for (int64_t edge = 0; edge < in->dependence.n; edge++) {
        int64_t start = AT(in->starts, edge), events = AT(in->starts, edge + 1) - start;
        I16 bins = PART(I16, in->bins, start, events);
        OfEdge found = tallied(bins, PART(I64, in->counts, start, events), in->cells, in->totals);
        rank_cells(found);
        AT(in->dependence, edge) = events >= 2 * in->pairs * in->least ? block_spread(found, in->pairs) : 1.0;
        for (int64_t bin = found.low; bin <= found.high; bin++) {
            int64_t total = AT(found.totals, bin);
            AT(found.cells, bin) = AT(found.totals, bin) = 0;
            if (total == 0) continue;
            AT(in->row_edges, rows) = (int32_t)edge;
            AT(in->row_bins, rows) = (int16_t)bin;
            AT(in->row_counts, rows++) = total;
        }
    }
    return rows;
}

/* --- how rare they are ----------------------------------------------------------------------------------------------- */

/* The first row of a transition whose bin is not below another, where it ends if there is none; halves without branches,
 * as above. */
HOT int64_t first_row(I16 bins, int64_t low, int64_t stop, int64_t bin) {
    int64_t rows = stop - low;
    while (rows > 0) {
        int64_t half = rows - (rows >> 1);
        low += AT(bins, low + half - 1) < bin ? half : 0;
        rows -= half;
    }
    return low;
}

KERNEL(rank_durations, { I64 edges; I16 bins; I64 starts; I16 row_bins; I64 rising; I64 tails; I64 totals; }) {
    for (int64_t at = 0; at < in->edges.n; at++) {
        int64_t edge = AT(in->edges, at), start = AT(in->starts, edge), stop = AT(in->starts, edge + 1);
        int64_t row = first_row(in->row_bins, start, stop, AT(in->bins, at));
        AT(in->tails, at) = AT(in->rising, stop) - AT(in->rising, row);
        AT(in->totals, at) = AT(in->rising, stop) - AT(in->rising, start);
    }
    return 0;
}

/* --- what they hang on ----------------------------------------------------------------------------------------------- */

/* The durations of one transition: their bins, how often each came, and which events they are. */
typedef struct { I16 bins; I64 counts; I32 events; } Taken;

/* Put the rank of what is in each bin, of equals the middle one, less the mean of all, into its cell. */
static void centre_ranks(Taken taken, F64 cells) {
    int64_t low = cells.n, high = -1;
    double total = 0.0, below = 0.0;
    for (int64_t at = 0; at < taken.bins.n; at++) {
        int64_t bin = AT(taken.bins, at);
        low = least_of(low, bin), high = most_of(high, bin);
        AT(cells, bin) += (double)AT(taken.counts, at);
        total += (double)AT(taken.counts, at);
    }
    for (int64_t bin = low; bin <= high; bin++) {
        double here = AT(cells, bin);
        if (here == 0.0) continue;
        AT(cells, bin) = below + here / 2 - total / 2;
        below += here;
    }
}

/* Sums over the durations after each symbol, row by row for each distance back: how many, their ranks, which symbols. */
typedef struct { F64x2 sizes, ranks; I32x2 met; I64 kinds; } Sums;

/* Which share of the variance of ranks the symbols so far back explain, less what chance would; zeroes their sums. */
static double explained(Sums sums, int64_t back, double whole, double total) {
    double between = 0.0, many = (double)AT(sums.kinds, back);
    for (int64_t kind = 0; kind < AT(sums.kinds, back); kind++) {
        int64_t group = AT2(sums.met, back, kind);
        between += AT2(sums.ranks, back, group) * AT2(sums.ranks, back, group) / AT2(sums.sizes, back, group);
        AT2(sums.ranks, back, group) = AT2(sums.sizes, back, group) = 0.0;
    }
    AT(sums.kinds, back) = 0;
    double left = whole > 0.0 ? 1.0 - between / whole : 1.0;
    return total > many ? 1.0 - left * (total - 1.0) / (total - many) : 0.0;
}

/* Fill what symbols explain of a transition's durations, by how far back they are: all at once, as sums wait for memory. */
static void explain_by_each(Taken taken, I32 symbols, I8 near, F64 cells, Sums sums, F64x2 shares, int64_t edge) {
    double whole = 0.0, total = 0.0;
    for (int64_t at = 0; at < taken.bins.n; at++) {
        int64_t event = AT(taken.events, at), before = AT(near, event);
        double often = (double)AT(taken.counts, at), rank = AT(cells, AT(taken.bins, at));
        for (int64_t back = 0; back < shares.n; back++) {
            int64_t group = before <= back ? 0 : AT(symbols, event - back - 1) + 1;
            if (AT2(sums.sizes, back, group) == 0.0) AT2(sums.met, back, AT(sums.kinds, back)++) = (int32_t)group;
            AT2(sums.sizes, back, group) += often;
            AT2(sums.ranks, back, group) += often * rank;
        }
        whole += often * (rank * rank);
        total += often;
    }
    for (int64_t back = 0; back < shares.n; back++) AT2(shares, back, edge) = explained(sums, back, whole, total);
}

KERNEL(explain_durations, {
    I64 starts;
    I16 bins;
    I64 counts;
    I32 events;
    I32 symbols;
    I64 offsets;
    I8 near;
    F64 cells;
    F64x2 sizes;
    F64x2 sums;
    I32x2 met;
    I64 kinds;
    F64x2 shares;
}) {
    Sums sums = {in->sizes, in->sums, in->met, in->kinds};
    for (int64_t trace = 0; trace < in->offsets.n - 1; trace++)
        for (int64_t start = AT(in->offsets, trace), at = start; at < AT(in->offsets, trace + 1); at++)
            AT(in->near, at) = (int8_t)least_of(at - start, INT8_MAX);
    for (int64_t edge = 0; edge < in->shares.n1; edge++) {
        int64_t start = AT(in->starts, edge), number = AT(in->starts, edge + 1) - start;
        Taken taken = {PART(I16, in->bins, start, number), PART(I64, in->counts, start, number),
                       PART(I32, in->events, start, number)};
        centre_ranks(taken, in->cells);
        explain_by_each(taken, in->symbols, in->near, in->cells, sums, in->shares, edge);
        for (int64_t at = 0; at < number; at++) AT(in->cells, AT(taken.bins, at)) = 0.0;
    }
    return 0;
}

/* --- counted by what they hang on ------------------------------------------------------------------------------------ */

/* The durations of one transition in groups by the symbol so many events before; what is by symbol holds zeros first. */
typedef struct { Taken taken; I32 symbols; I8 near; int64_t back; I64 often, places; I32 met; } Groups;

/* The rows of contexts, each of a bin and how often it came. */
typedef struct { I32 contexts; I16 bins; I64 counts; } ContextRows;

HOT int64_t group_before(const Groups *groups, int64_t at) {
    int64_t event = AT(groups->taken.events, at);
    return AT(groups->near, event) < groups->back ? NOT_KNOWN : AT(groups->symbols, event - groups->back);
}

static int ascending(const void *one, const void *other) {
    int32_t a = *(const int32_t *)one, b = *(const int32_t *)other;
    return (a > b) - (a < b);
}

/* Count the durations of each group, and how often they came; return how many groups there are, noted in order. */
static int64_t meet_groups(const Groups *groups) {
    int64_t kinds = 0;
    for (int64_t at = 0; at < groups->taken.bins.n; at++) {
        int64_t group = group_before(groups, at);
        if (group < 0) continue;
        if (AT(groups->places, group)++ == 0) AT(groups->met, kinds++) = (int32_t)group;
        AT(groups->often, group) += AT(groups->taken.counts, at);
    }
    qsort(groups->met.at, (size_t)kinds, sizeof *groups->met.at, ascending);
    return kinds;
}

/* Copy the durations, one group behind the other; each then has its place where it ends. */
static void gather_groups(const Groups *groups, int64_t kinds, I16 bins, I64 counts) {
    int64_t stored = 0;
    for (int64_t kind = 0; kind < kinds; kind++) {
        int64_t group = AT(groups->met, kind), many = AT(groups->places, group);
        AT(groups->places, group) = stored;
        stored += many;
    }
    for (int64_t at = 0; at < groups->taken.bins.n; at++) {
        int64_t group = group_before(groups, at);
        if (group < 0) continue;
        int64_t place = AT(groups->places, group)++;
        AT(bins, place) = AT(groups->taken.bins, at);
        AT(counts, place) = AT(groups->taken.counts, at);
    }
}

/* Write a row for each bin of a context behind those there are; return how many there are then. */
static int64_t write_rows(I16 bins, I64 counts, I64 totals, int64_t context, ContextRows to, int64_t rows) {
    int64_t low = totals.n, high = -1;
    for (int64_t at = 0; at < bins.n; at++) {
        int64_t bin = AT(bins, at);
        AT(totals, bin) += AT(counts, at);
        low = least_of(low, bin), high = most_of(high, bin);
    }
    for (int64_t bin = low; bin <= high; bin++) {
        if (AT(totals, bin) == 0) continue;
        AT(to.contexts, rows) = (int32_t)context;
        AT(to.bins, rows) = (int16_t)bin;
        AT(to.counts, rows++) = AT(totals, bin);
        AT(totals, bin) = 0;
    }
    return rows;
}

KERNEL(split_durations, {
    I64 starts;
    I16 bins;
    I64 counts;
    I32 events;
    I32 symbols;
    I8 near;
    I8 back;
    int64_t fewest;
    I64 often;
    I64 places;
    I32 met;
    I16 group_bins;
    I64 group_counts;
    I64 totals;
    I32 context_edges;
    I32 context_symbols;
    I32 row_contexts;
    I16 row_bins;
    I64 row_counts;
}) {
    ContextRows to = {in->row_contexts, in->row_bins, in->row_counts};
    int64_t rows = 0, contexts = 0;
    for (int64_t edge = 0; edge < in->back.n; edge++) {
        if (AT(in->back, edge) == 0) continue;
        int64_t start = AT(in->starts, edge), number = AT(in->starts, edge + 1) - start, first = 0;
        Taken taken = {PART(I16, in->bins, start, number), PART(I64, in->counts, start, number),
                       PART(I32, in->events, start, number)};
        Groups groups = {taken, in->symbols, in->near, AT(in->back, edge), in->often, in->places, in->met};
        int64_t kinds = meet_groups(&groups);
        gather_groups(&groups, kinds, in->group_bins, in->group_counts);
        for (int64_t kind = 0; kind < kinds; kind++) {
            int64_t group = AT(in->met, kind), many = AT(in->places, group) - first;
            if (AT(in->often, group) >= in->fewest) {
                AT(in->context_edges, contexts) = (int32_t)edge;
                AT(in->context_symbols, contexts) = (int32_t)group;
                I16 bins = PART(I16, in->group_bins, first, many);
                rows = write_rows(bins, PART(I64, in->group_counts, first, many), in->totals, contexts++, to, rows);
            }
            first += many;
            AT(in->often, group) = AT(in->places, group) = 0;
        }
    }
    return rows;
}
