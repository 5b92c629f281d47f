/* The judges of the heuristics that come with the package; each says what it does in flexstream/merging/heuristics.
 *
 * A judge is given, for two nodes: how often each outcome came, shape (outcomes, 2); how often it comes in the whole
 * stream; the sketches of both and their shape, three numbers; the futures that may be asked for and their shape, two
 * numbers; and its own parameters.  It returns a score; -inf rejects the merge.
 */
typedef double (*Judge)(const int64_t *counts, const double *shares, int64_t outcomes, const int32_t *target,
                        const int32_t *source, const int64_t *sketch_shape, const int32_t *futures,
                        const int64_t *futures_shape, const void *parameters);

#define JUDGE(name)                                                                                                    \
    EXPORT double fs_judge_##name(const int64_t *counts, const double *shares, int64_t outcomes, const int32_t *target, \
                                  const int32_t *source, const int64_t *sketch_shape, const int32_t *futures,         \
                                  const int64_t *futures_shape, const void *parameters);                               \
    EXPORT double fs_judge_##name(const int64_t *counts, const double *shares, int64_t outcomes, const int32_t *target, \
                                  const int32_t *source, const int64_t *sketch_shape, const int32_t *futures,         \
                                  const int64_t *futures_shape, const void *parameters)

#define IGNORE_SKETCHES (void)target, (void)source, (void)sketch_shape, (void)futures, (void)futures_shape

/* What pointers lead to, as views. */
HOT I64x2 counts_at(const int64_t *counts, int64_t outcomes) { return (I64x2){(int64_t *)counts, outcomes, 2}; }
HOT F64 shares_at(const double *shares, int64_t outcomes) { return (F64){(double *)shares, outcomes}; }
HOT I32x3 sketch_at(const int32_t *sketch, const int64_t *shape) {
    return (I32x3){(int32_t *)sketch, shape[0], shape[1], shape[2]};
}
HOT I32x2 futures_at(const int32_t *futures, const int64_t *shape) {
    return (I32x2){(int32_t *)futures, shape[0], shape[1]};
}

HOT int64_t sum_of(I64x2 counts, int64_t side) {
    int64_t sum = 0;
    for (int64_t row = 0; row < counts.n; row++) sum += AT2(counts, row, side);
    return sum;
}

/* --- evidence ----------------------------------------------------------------------------------------------------- */

RECORD(EvidenceParameters, { double strength; })

/* The log Bayes factor of one Dirichlet-multinomial against two, in nats.
 *
 * Outcomes that only one side has seen cancel, so row 1 counts towards the totals only.
 */
JUDGE(evidence) {
    IGNORE_SKETCHES;
    I64x2 pairs = counts_at(counts, outcomes);
    F64 base = shares_at(shares, outcomes);
    double strength = ((const EvidenceParameters *)parameters)->strength, total = 0.0;
    int64_t all = 0, others = 0;
    for (int64_t row = 0; row < outcomes; row++) {
        int64_t one = AT2(pairs, row, 0), other = AT2(pairs, row, 1);
        all += one;
        others += other;
        if (row != 1 && one > 0 && other > 0) total += log_rising_of(strength * AT(base, row), one, other);
    }
    return total - log_rising_of(strength, all, others);
}

/* --- alergia ------------------------------------------------------------------------------------------------------ */

RECORD(AlergiaParameters, { double factor; })

/* Hoeffding's bound on the difference of two frequencies, given its factor. */
HOT double hoeffding(double factor, int64_t one, int64_t other) {
    return factor * (1.0 / sqrt((double)one) + 1.0 / sqrt((double)other));
}

/* The cosine of the two distributions, or -inf where an outcome's frequencies differ too much. */
JUDGE(alergia) {
    (void)shares;
    IGNORE_SKETCHES;
    I64x2 pairs = counts_at(counts, outcomes);
    int64_t all = sum_of(pairs, 0), others = sum_of(pairs, 1);
    if (all == 0 || others == 0) return 0.0;
    double bound = hoeffding(((const AlergiaParameters *)parameters)->factor, all, others);
    double product = 0.0, square = 0.0, square2 = 0.0;
    for (int64_t row = 0; row < outcomes; row++) {
        double f1 = (double)AT2(pairs, row, 0) / (double)all, f2 = (double)AT2(pairs, row, 1) / (double)others;
        if (fabs(f1 - f2) > bound) return -INF;
        product += f1 * f2;
        square += f1 * f1;
        square2 += f2 * f2;
    }
    return product / sqrt(square * square2);
}

/* --- css ---------------------------------------------------------------------------------------------------------- */

RECORD(CssParameters, { double factor; int64_t by_cell; int64_t named; int64_t going_on; })

/* The cosine of two rows, 0 where one is empty; `*suspect` turns true where two cells differ by more than the bound. */
HOT double cosine_of(I32 one, I32 other, double all, double others, double bound, int *suspect) {
    double product = 0.0, square = 0.0, square2 = 0.0;
    int far = 0;
    for (int64_t cell = 0; cell < one.n; cell++) {
        double f1 = (double)AT(one, cell) / all, f2 = (double)AT(other, cell) / others;
        far |= fabs(f1 - f2) > bound;
        product += f1 * f2;
        square += f1 * f1;
        square2 += f2 * f2;
    }
    *suspect |= far;
    return square > 0.0 && square2 > 0.0 ? product / sqrt(square * square2) : 0.0;
}

/* The count-min estimate of a listed future. */
HOT int64_t estimate_listed(I32x3 sketch, I32x2 listed, int64_t future, int64_t most) {
    int64_t length = AT2(listed, future, 0);
    for (int64_t row = 0; row < sketch.n1; row++)
        most = least_of(most, AT3(sketch, length, row, AT2(listed, future, 1 + row)));
    return most;
}

/* Whether any listed future differs by more than the bound. */
static int any_differs(I32x3 one, I32x3 other, I32x2 listed, int64_t all, int64_t others, double bound) {
    for (int64_t future = 0; future < listed.n; future++) {
        double f1 = (double)estimate_listed(one, listed, future, all) / (double)all;
        double f2 = (double)estimate_listed(other, listed, future, others) / (double)others;
        if (fabs(f1 - f2) > bound) return 1;
    }
    return 0;
}

/* The cosine of the futures of a length by name, or -inf where one differs by more than the bound. */
static double cosine_of_length(I32x3 one, I32x3 other, I32x2 listed, int64_t length, int64_t all, int64_t others,
                               double factor) {
    double product = 0.0, square = 0.0, square2 = 0.0, bound = hoeffding(factor, all, others);
    for (int64_t future = 0; future < listed.n; future++) {
        if (AT2(listed, future, 0) != length) continue;
        double f1 = (double)estimate_listed(one, listed, future, all) / (double)all;
        double f2 = (double)estimate_listed(other, listed, future, others) / (double)others;
        if (fabs(f1 - f2) > bound) return -INF;
        product += f1 * f2;
        square += f1 * f1;
        square2 += f2 * f2;
    }
    return square > 0.0 && square2 > 0.0 ? product / sqrt(square * square2) : 0.0;
}

/* The mean over lengths of the cosine of the futures by name, or -inf; longer ones may be shares of what goes on. */
static double cosine_by_name(I32x3 one, I32x3 other, I32x2 listed, I64x2 pairs, const CssParameters *options) {
    int64_t all = sum_of(pairs, 0), others = sum_of(pairs, 1);
    double total = 0.0;
    for (int64_t length = 0; length < one.n; length++) {
        if (length == 1 && options->going_on) {
            all -= AT2(pairs, 0, 0);
            others -= AT2(pairs, 0, 1);
        }
        if (all == 0 || others == 0) break;
        double cosine = cosine_of_length(one, other, listed, length, all, others, options->factor);
        if (cosine == -INF) return -INF;
        total += cosine;
    }
    return total / (double)one.n;
}

/* The mean cosine of the rows, or -inf where Hoeffding's bound rules out one distribution. */
JUDGE(css) {
    (void)shares;
    const CssParameters *options = parameters;
    I64x2 pairs = counts_at(counts, outcomes);
    int64_t all = sum_of(pairs, 0), others = sum_of(pairs, 1);
    if (all == 0 || others == 0) return 0.0;
    I32x3 one = sketch_at(target, sketch_shape), other = sketch_at(source, sketch_shape);
    double bound = hoeffding(options->factor, all, others), total = 0.0;
    I32x2 listed = futures_at(futures, futures_shape);
    if (options->named) return cosine_by_name(one, other, listed, pairs, options);
    int suspect = 0;
    for (int64_t length = 0; length < one.n; length++) {
        for (int64_t row = 0; row < one.n1; row++) {
            I32 cells = row_of(part_of(one, length), row), cells2 = row_of(part_of(other, length), row);
            total += cosine_of(cells, cells2, (double)all, (double)others, bound, &suspect);
            if (suspect && options->by_cell) return -INF;
        }
    }
    /* Two minima differ by no more than what they are taken over, so only now can a future differ too much. */
    if (suspect && any_differs(one, other, listed, all, others, bound)) return -INF;
    return total / (double)(one.n * one.n1);
}

/* --- spacesaving -------------------------------------------------------------------------------------------------- */

RECORD(SpaceSavingParameters, { double mu; double level; int64_t edition; })

/* Constants of the test by resamples (Balle, Castro & Gavaldà 2012). */
#define C1 (2.0 / (1.0 + sqrt(384.0)))
#define C2 ((1.0 - C1) * (1.0 - C1) / ((C1 + sqrt(C1)) * (C1 + sqrt(C1))))

HOT double squared(double x) { return x * x; }

static int rising(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

/* What a test on two nodes goes by. */
typedef struct { double size, total, error, mu, level; } Test;

/* Whether the k-th smallest distances of resamples, `found`, say for some k that two futures differ by less than mu. */
static int near_for_some(const double *found, int64_t copies, Test test) {
    double r = (double)copies;
    for (int64_t k = 1; k <= copies * copies; k++) {
        double logs = 4.0 * (r * r) + 400.0 * squared(test.total) * (r * ((r * r) * (r * r))) / squared((double)k);
        double tests = log(logs / test.level);
        double spread = sqrt(tests / (2.0 * C1 * test.size));
        spread = fmax(spread, pow(squared(16.0 * test.error) * tests / (2.0 * C2 * test.size), 0.25));
        if (found[k - 1] + 8.0 * test.error + spread < test.mu) return 1;
    }
    return 0;
}

/* The distance of two resamples; where one has drawn nothing, and so says nothing, the largest there is. */
HOT double resample_distance(I32x2 one, I32x2 other) {
    return AT2(one, COUNTS, 0) == 0 || AT2(other, COUNTS, 0) == 0 ? 1.0 : distance_of(one, other);
}

/* Whether the resamples of two futures say that these differ by less than mu; without memory to tell, that they may. */
static int equal_by_resamples(I32x3 target, I32x3 source, Test test) {
    int64_t copies = target.n - 1;
    double *found = malloc((size_t)(copies * copies) * sizeof *found);
    if (found == NULL) return 0;
    for (int64_t one = 0; one < copies; one++)
        for (int64_t other = 0; other < copies; other++)
            found[one * copies + other] = resample_distance(part_of(target, 1 + one), part_of(source, 1 + other));
    qsort(found, (size_t)(copies * copies), sizeof *found, rising);
    int equal = near_for_some(found, copies, test);
    free(found);
    return equal;
}

/* 1 - distance/mu for equal futures, -inf for different ones, -distance where neither is sure yet. */
JUDGE(spacesaving) {
    (void)counts, (void)shares, (void)outcomes, (void)futures, (void)futures_shape;
    const SpaceSavingParameters *options = parameters;
    I32x3 first = sketch_at(target, sketch_shape), second = sketch_at(source, sketch_shape);
    I32x2 one = part_of(first, 0), other = part_of(second, 0);
    double m = AT2(one, COUNTS, 0), m2 = AT2(other, COUNTS, 0), mu = options->mu;
    if (m == 0 || m2 == 0) return -1.0;
    double apart = distance_of(one, other);
    double error = fmax((double)uncounted(one) / m, (double)uncounted(other) / m2);
    double size = m / squared(sqrt(m) + sqrt(m2)) * m2;
    double test = fmax(1.0, floor(log2(fmax(1.0, m2 / 128.0))));
    double level = options->level * (6.0 / squared(3.141592653589793 * test));
    double bound = sqrt(8.0 / size * log(16.0 * (m + m2) / level));
    if (options->edition == 2014) {
        if (bound > mu / 8.0) return -apart;
        return apart <= mu / 2.0 ? 1.0 - apart / mu : -INF;
    }
    if (apart - error - bound > 0.0) return -INF;
    int equal = first.n > 1 ? equal_by_resamples(first, second, (Test){size, m + m2, error, mu, level})
                            : apart + error + bound < mu;
    return equal ? fmax(1e-9, 1.0 - apart / mu) : -apart;
}

/* Ask a judge about one pair of nodes. */
KERNEL(ask_judge, {
    void *judge;
    I64x2 counts;
    F64 shares;
    I32x3 target;
    I32x3 source;
    I32x2 futures;
    void *parameters;
    F64 score;
}) {
    int64_t sketch_shape[3] = {in->target.n, in->target.n1, in->target.n2};
    int64_t futures_shape[2] = {in->futures.n, in->futures.n1};
    Judge judge = (Judge)(uintptr_t)in->judge;
    AT(in->score, 0) = judge(in->counts.at, in->shares.at, in->counts.n, in->target.at, in->source.at, sketch_shape,
                             in->futures.at, futures_shape, in->parameters);
    return 0;
}
