/* Expectation and scoring for automata whose transitions have several targets; see softening.py. */

/* Eight numbers at a time, in the same order on every machine; rows are filled up to a multiple of them. */
typedef float Lanes __attribute__((vector_size(32), aligned(4), may_alias));
enum { LANES = 8 };
/* Half of them, as many as registers of any machine hold. */
typedef float Half __attribute__((vector_size(16), aligned(4), may_alias));

#define LANES_AT(row, j) (*(Lanes *)&AT(row, j))

static const float LEAST_SCALE = 1e-35f;

/* An automaton that need not be deterministic: for each symbol a matrix from states to states. */
RECORD(SoftColumns, { F32x3 chances; F32 stops; F32 initial; })

/* What is expected to have happened, but for the factor of each probability. */
RECORD(SoftCounts, { F32x3 passed; F32 ended; F32 begun; })

/* By depth: the shares of the states, what they summed to, and what is known of the rest of the traces. */
RECORD(SoftScratch, { F32x2 forward; F32 scales; F64 bits; F32x2 backward; })

/* Where the chances are not zero: by symbol the states that have any, by these the first of eight targets each. */
RECORD(SoftRows, { I64 first; I32 states; I64 lanes; I32 targets; })

HOT F32 lane_row(F32x2 matrix, int64_t i) {
    return (F32){matrix.at + INSIDE(i, matrix.n, matrix) * matrix.n1, matrix.n1};
}
HOT F32 lane_row_of(F32x3 cube, int64_t symbol, int64_t i) {
    return (F32){cube.at + (INSIDE(symbol, cube.n, cube) * cube.n1 + INSIDE(i, cube.n1, cube)) * cube.n2, cube.n2};
}

HOT float dot_lanes(F32 one, F32 other) {
    Lanes sum = {0};
    for (int64_t j = 0; j < one.n; j += LANES) sum += LANES_AT(one, j) * LANES_AT(other, j);
    return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

HOT int any_lane(F32 row, int64_t j) {
    for (int64_t k = j; k < j + LANES; k++)
        if (AT(row, k) != 0.0f) return 1;
    return 0;
}

/* Note where the chances are not zero: most states have few symbols, and after a while few targets each. */
static void find_rows(F32x3 chances, const SoftRows *rows) {
    int64_t row = 0, lanes = 0;
    for (int64_t symbol = 0; symbol < chances.n; symbol++) {
        AT(rows->first, symbol) = row;
        for (int64_t i = 0; i < chances.n1; i++) {
            F32 given = lane_row_of(chances, symbol, i);
            AT(rows->lanes, row) = lanes;
            for (int64_t j = 0; j < given.n; j += LANES)
                if (any_lane(given, j)) AT(rows->targets, lanes++) = (int32_t)j;
            if (lanes > AT(rows->lanes, row)) AT(rows->states, row++) = (int32_t)i;
        }
    }
    AT(rows->first, chances.n) = row;
    AT(rows->lanes, row) = lanes;
}

/* Move the shares of states over one symbol; return what they sum to, and scale them to sum to 1. */
static float soft_step(const SoftColumns *columns, const SoftRows *rows, F32 now, int64_t symbol, float beam,
                       F32 after) {
    for (int64_t j = 0; j < after.n; j++) AT(after, j) = 0.0f;
    for (int64_t row = AT(rows->first, symbol); row < AT(rows->first, symbol + 1); row++) {
        int64_t state = AT(rows->states, row), last = AT(rows->lanes, row + 1);
        float share = AT(now, state);
        if (share < beam) continue;
        F32 chances = lane_row_of(columns->chances, symbol, state);
        for (int64_t lane = AT(rows->lanes, row); lane < last; lane++) {
            int64_t j = AT(rows->targets, lane);
            LANES_AT(after, j) += share * LANES_AT(chances, j);
        }
    }
    float sum = 0.0f;
    for (int64_t j = 0; j < after.n; j++) sum += AT(after, j);
    if (!(sum > LEAST_SCALE)) {
        for (int64_t j = 0; j < after.n; j++) AT(after, j) = 1.0f / (float)after.n;
        return LEAST_SCALE;
    }
    for (int64_t j = 0; j < after.n; j++) AT(after, j) /= sum;
    return sum;
}

/* Let what is known after a symbol count for the transitions over it, and for what is known before it. */
static void soft_back(const SoftColumns *columns, const SoftRows *rows, const SoftScratch *scratch, SoftCounts *counts,
                      int64_t depth, int64_t symbol, float beam) {
    F32 now = lane_row(scratch->forward, depth), before = lane_row(scratch->backward, depth);
    F32 later = lane_row(scratch->backward, depth + 1);
    float scale = 1.0f / AT(scratch->scales, depth + 1);
    for (int64_t j = 0; j < later.n; j++) AT(later, j) *= scale;
    for (int64_t row = AT(rows->first, symbol); row < AT(rows->first, symbol + 1); row++) {
        int64_t state = AT(rows->states, row), last = AT(rows->lanes, row + 1);
        float share = AT(now, state);
        if (share < beam) continue;
        F32 chances = lane_row_of(columns->chances, symbol, state), passed = lane_row_of(counts->passed, symbol, state);
        Half low = {0}, high = {0};
        for (int64_t lane = AT(rows->lanes, row); lane < last; lane++) {
            int64_t j = AT(rows->targets, lane);
            const Half *of = (const Half *)&AT(chances, j), *then = (const Half *)&AT(later, j);
            Half *into = (Half *)&AT(passed, j);
            low += of[0] * then[0], high += of[1] * then[1];
            into[0] += share * then[0], into[1] += share * then[1];
        }
        low += high;
        AT(before, state) += (low[0] + low[1]) + (low[2] + low[3]);
    }
    for (int64_t j = 0; j < later.n; j++) AT(later, j) = 0.0f;
}

/* Count the end of traces in the states that have a share there; return the bits of each. */
static double soft_end(const SoftColumns *columns, const SoftScratch *scratch, SoftCounts *counts, int64_t depth,
                       float times) {
    F32 now = lane_row(scratch->forward, depth), before = lane_row(scratch->backward, depth);
    float end = dot_lanes(now, columns->stops);
    if (!(end > LEAST_SCALE)) end = LEAST_SCALE;
    for (int64_t i = 0; i < now.n; i++) {
        AT(counts->ended, i) += AT(now, i) * AT(columns->stops, i) * (times / end);
        AT(before, i) += AT(columns->stops, i) * (times / end);
    }
    return AT(scratch->bits, depth) - log2((double)end);
}

KERNEL(expect_counts, {
    SoftColumns *columns;
    I32 symbols;
    I64 offsets;
    F32 times;
    double beam;
    SoftRows *rows;
    SoftScratch *scratch;
    SoftCounts *counts;
    F64 bits;
}) {
    const SoftColumns *columns = in->columns;
    const SoftRows *rows = in->rows;
    const SoftScratch *scratch = in->scratch;
    SoftCounts counts = *in->counts;
    int64_t traces = in->offsets.n - 1, depth = 0, last = 0;
    float beam = (float)in->beam;
    find_rows(columns->chances, rows);
    for (int64_t i = 0; i < columns->initial.n; i++) AT2(scratch->forward, 0, i) = AT(columns->initial, i);
    AT(scratch->bits, 0) = 0.0;
    for (int64_t trace = 0; trace < traces; trace++) {
        int64_t start = AT(in->offsets, trace), length = AT(in->offsets, trace + 1) - start, same = 0;
        while (same < least_of(depth, length) && AT(in->symbols, last + same) == AT(in->symbols, start + same)) same++;
        while (depth > same) depth--, soft_back(columns, rows, scratch, &counts, depth, AT(in->symbols, last + depth), beam);
        for (; depth < length; depth++) {
            F32 now = lane_row(scratch->forward, depth), after = lane_row(scratch->forward, depth + 1);
            float scale = soft_step(columns, rows, now, AT(in->symbols, start + depth), beam, after);
            AT(scratch->scales, depth + 1) = scale;
            AT(scratch->bits, depth + 1) = AT(scratch->bits, depth) - log2((double)scale);
        }
        AT(in->bits, trace) = soft_end(columns, scratch, &counts, depth, AT(in->times, trace));
        last = start;
    }
    while (depth > 0) depth--, soft_back(columns, rows, scratch, &counts, depth, AT(in->symbols, last + depth), beam);
    for (int64_t i = 0; i < columns->initial.n; i++) {
        AT(counts.begun, i) += AT(columns->initial, i) * AT2(scratch->backward, 0, i);
        AT2(scratch->backward, 0, i) = 0.0f;
    }
    return 0;
}

/* exp(digamma(x)) by six steps up and the asymptotic series (Abramowitz & Stegun 6.3.5, 6.3.18). */
static double exp_digamma(double x) {
    if (x < 0.01) return 0.0; /* less than e^-99 */
    double sum = 0.0;
    for (; x < 6.0; x += 1.0) sum -= 1.0 / x;
    double inverse = 1.0 / x, square = inverse * inverse;
    double series = square * (1.0 / 12.0 - square * (1.0 / 120.0 - square * (1.0 / 252.0 - square / 240.0)));
    return x * exp(sum - 0.5 * inverse - series);
}

KERNEL(exp_digammas, { F32 values; double prior; F32 found; }) {
    for (int64_t i = 0; i < in->values.n; i++)
        AT(in->found, i) = (float)exp_digamma((double)AT(in->values, i) + in->prior);
    return 0;
}

/* Transitions by state, those of a state in the order of their symbols, and what each state shares out beside them. */
RECORD(SoftenedColumns, {
    F64 initial;
    F64 stops;
    F64 escapes;
    F64 landing;
    F64 base;
    double unknown;
    I64 offsets;
    I32 symbols;
    I32 targets;
    F64 probabilities;
})

/* Move the shares of the states over one symbol; return its probability. */
static double softened_step(const SoftenedColumns *columns, F64 now, int64_t symbol, F64 after) {
    double escaped = 0.0, sum = 0.0;
    int known = symbol >= 0 && symbol < columns->base.n;
    for (int64_t j = 0; j < after.n; j++) AT(after, j) = 0.0;
    for (int64_t i = 0; i < now.n; i++) {
        double share = AT(now, i);
        if (!(share > 0.0)) continue;
        escaped += share * AT(columns->escapes, i);
        int64_t last = AT(columns->offsets, i + 1);
        for (int64_t edge = known ? first_edge(columns->offsets, columns->symbols, i, symbol) : last; edge < last; edge++) {
            if (AT(columns->symbols, edge) != symbol) break;
            AT(after, AT(columns->targets, edge)) += share * AT(columns->probabilities, edge);
        }
    }
    escaped *= known ? AT(columns->base, symbol) : columns->unknown;
    for (int64_t j = 0; j < after.n; j++) {
        AT(after, j) += escaped * AT(columns->landing, j);
        sum += AT(after, j);
    }
    if (sum > 0.0)
        for (int64_t j = 0; j < after.n; j++) AT(after, j) /= sum;
    return sum;
}

KERNEL(softened_chances, {
    SoftenedColumns *columns;
    I32 symbols;
    I64 offsets;
    F64 chances;
    F64 share;
    F64 after;
}) {
    const SoftenedColumns *columns = in->columns;
    int64_t at = 0;
    for (int64_t trace = 0; trace < in->offsets.n - 1; trace++) {
        F64 now = in->share, after = in->after;
        for (int64_t i = 0; i < now.n; i++) AT(now, i) = AT(columns->initial, i);
        for (int64_t position = AT(in->offsets, trace); position < AT(in->offsets, trace + 1); position++) {
            AT(in->chances, at++) = softened_step(columns, now, AT(in->symbols, position), after);
            F64 kept = now;
            now = after;
            after = kept;
        }
        double end = 0.0;
        for (int64_t i = 0; i < now.n; i++) end += AT(now, i) * AT(columns->stops, i);
        AT(in->chances, at++) = end;
    }
    return 0;
}
