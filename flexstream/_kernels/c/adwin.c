/* ADWIN: a window over the newest values that is cut where their mean has changed; see adwin.py. */

enum { ADWIN_LEVELS = 48, ADWIN_BUCKETS = 5, ADWIN_LEAST = 5, ADWIN_BLOCK = 16, ADWIN_ENOUGH = 20 };
enum { ADWIN_WIDTH, ADWIN_SEEN, ADWIN_BLOCKS, ADWIN_DROPPED };
enum { ADWIN_TOTAL, ADWIN_SPREAD, BLOCK_SUM, BLOCK_TOTAL, BLOCK_SQUARES, MEAN_BEFORE, MEAN_AFTER };

RECORD(AdwinColumns, {
    F64x2 sums;
    F64x2 spreads;
    I64 held;
    F64 amounts;
    I64 size;
})

/* What two groups of values spread together (Chan, Golub & LeVeque, The American Statistician 37, 1983). */
static double joint_spread(double spread, double other, double sum, double more, double n, double m) {
    double apart = sum / n - more / m;
    return spread + other + apart * apart * n * m / (n + m);
}

/* Move the buckets of a level so many places towards the oldest, which are gone. */
static void drop_oldest(AdwinColumns *w, int64_t level, int64_t buckets) {
    int64_t left = AT(w->held, level) -= buckets;
    for (int64_t at = 0; at < left; at++) {
        AT2(w->sums, level, at) = AT2(w->sums, level, at + buckets);
        AT2(w->spreads, level, at) = AT2(w->spreads, level, at + buckets);
    }
}

static void add_bucket(AdwinColumns *w, int64_t level, double sum, double spread) {
    int64_t at = AT(w->held, level)++;
    AT2(w->sums, level, at) = sum;
    AT2(w->spreads, level, at) = spread;
}

/* Join the two oldest buckets of each level that has too many. */
static void join_buckets(AdwinColumns *w) {
    for (int64_t level = 0; AT(w->held, level) > ADWIN_BUCKETS && level + 1 < ADWIN_LEVELS; level++) {
        double sum = AT2(w->sums, level, 0), more = AT2(w->sums, level, 1), each = (double)((int64_t)1 << level);
        double spread = AT2(w->spreads, level, 0), other = AT2(w->spreads, level, 1);
        add_bucket(w, level + 1, sum + more, joint_spread(spread, other, sum, more, each, each));
        drop_oldest(w, level, 2);
    }
}

static void add_block(AdwinColumns *w, double value) {
    AT(w->amounts, BLOCK_SUM) += value;
    if (AT(w->size, ADWIN_SEEN) % ADWIN_BLOCK) return;
    double mean = AT(w->amounts, BLOCK_SUM) / ADWIN_BLOCK;
    AT(w->amounts, BLOCK_SUM) = 0.0;
    AT(w->amounts, BLOCK_TOTAL) += mean;
    AT(w->amounts, BLOCK_SQUARES) += mean * mean;
    AT(w->size, ADWIN_BLOCKS)++;
}

static void add_value(AdwinColumns *w, double value) {
    double width = (double)AT(w->size, ADWIN_WIDTH), total = AT(w->amounts, ADWIN_TOTAL);
    if (width > 0)
        AT(w->amounts, ADWIN_SPREAD) = joint_spread(AT(w->amounts, ADWIN_SPREAD), 0.0, total, value, width, 1.0);
    AT(w->amounts, ADWIN_TOTAL) += value;
    AT(w->size, ADWIN_WIDTH)++;
    AT(w->size, ADWIN_SEEN)++;
    add_block(w, value);
    add_bucket(w, 0, value, 0.0);
    join_buckets(w);
}

/* The variance of the values, or as much more of it as makes their blocks vary as they do. */
static double variance_of(const AdwinColumns *w, int64_t dependent) {
    double variance = AT(w->amounts, ADWIN_SPREAD) / (double)AT(w->size, ADWIN_WIDTH);
    double blocks = (double)AT(w->size, ADWIN_BLOCKS);
    if (!dependent) return variance;
    double mean = AT(w->amounts, BLOCK_TOTAL) / blocks;
    double between = (AT(w->amounts, BLOCK_SQUARES) - blocks * mean * mean) / (blocks - 1.0);
    return fmax(variance, ADWIN_BLOCK * between);
}

/* How many of the oldest values lie before the cut whose means are furthest apart for what chance allows; 0: none. */
static int64_t best_cut(AdwinColumns *w, double delta, int64_t dependent) {
    double width = (double)AT(w->size, ADWIN_WIDTH), total = AT(w->amounts, ADWIN_TOTAL);
    double level_log = log(2.0 * log(width) / delta), variance = fmax(0.0, variance_of(w, dependent));
    double before = 0.0, sum = 0.0, most = 1.0;
    int64_t found = 0;
    for (int64_t level = ADWIN_LEVELS - 1; level >= 0; level--)
        for (int64_t at = 0; at < AT(w->held, level); at++) {
            before += (double)((int64_t)1 << level);
            sum += AT2(w->sums, level, at);
            double after = width - before;
            if (before < ADWIN_LEAST) continue;
            if (after < ADWIN_LEAST) return found;
            double share = 1.0 / before + 1.0 / after, apart = fabs(sum / before - (total - sum) / after);
            double allowed = sqrt(2.0 * share * variance * level_log) + 2.0 / 3.0 * share * level_log;
            if (apart <= most * allowed) continue;
            most = apart / allowed;
            found = (int64_t)before;
            AT(w->amounts, MEAN_BEFORE) = sum / before;
            AT(w->amounts, MEAN_AFTER) = (total - sum) / after;
        }
    return found;
}

/* Sum and spread of what is left, from its buckets. */
static void sum_up(AdwinColumns *w) {
    double width = 0.0, total = 0.0, spread = 0.0;
    for (int64_t level = ADWIN_LEVELS - 1; level >= 0; level--)
        for (int64_t at = 0; at < AT(w->held, level); at++) {
            double each = (double)((int64_t)1 << level), sum = AT2(w->sums, level, at);
            double own = AT2(w->spreads, level, at);
            spread = width > 0 ? joint_spread(spread, own, total, sum, width, each) : own;
            total += sum;
            width += each;
        }
    AT(w->size, ADWIN_WIDTH) = (int64_t)width;
    AT(w->amounts, ADWIN_TOTAL) = total;
    AT(w->amounts, ADWIN_SPREAD) = spread;
}

/* Drop so many of the oldest values, whole buckets. */
static void cut_window(AdwinColumns *w, int64_t values) {
    for (int64_t level = ADWIN_LEVELS - 1; level >= 0 && values > 0; level--) {
        int64_t buckets = least_of(AT(w->held, level), values >> level);
        drop_oldest(w, level, buckets);
        values -= buckets << level;
    }
    sum_up(w);
    for (int64_t at = BLOCK_SUM; at <= BLOCK_SQUARES; at++) AT(w->amounts, at) = 0.0;
    AT(w->size, ADWIN_BLOCKS) = AT(w->size, ADWIN_SEEN) = 0;
}

KERNEL(watch_values, { AdwinColumns *columns; F64 values; int64_t start; double delta; int64_t clock; int64_t dependent; }) {
    AdwinColumns *w = in->columns;
    AT(w->size, ADWIN_DROPPED) = 0;
    for (int64_t at = in->start; at < in->values.n; at++) {
        add_value(w, AT(in->values, at));
        if (AT(w->size, ADWIN_SEEN) % in->clock || AT(w->size, ADWIN_WIDTH) < 2 * ADWIN_LEAST) continue;
        if (in->dependent && AT(w->size, ADWIN_BLOCKS) < ADWIN_ENOUGH) continue;
        int64_t cut = best_cut(w, in->delta, in->dependent);
        if (!cut) continue;
        cut_window(w, cut);
        AT(w->size, ADWIN_DROPPED) = cut;
        return at + 1;
    }
    return in->values.n;
}
