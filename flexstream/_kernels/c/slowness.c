/* How late the steps of traces are, and how long it takes from there to their ends; see slowness.py. */

KERNEL(find_slowest, {
    I64 places;
    I16 bins;
    I64 offsets;
    I64 starts;
    I16 row_bins;
    I64 rising;
    F64 least;
    I64 steps;
    I32 rest;
}) {
    int64_t rest = 0;
    for (int64_t trace = 0; trace < in->offsets.n - 1; trace++) {
        double least = 1.0;
        int64_t steps = 0;
        for (int64_t at = AT(in->offsets, trace); at < AT(in->offsets, trace + 1); at++) {
            if (!is_timed(in->places, in->bins, at)) continue;
            int64_t place = AT(in->places, at);
            if (place >= in->starts.n - 1) {
                AT(in->rest, rest++) = (int32_t)at;
                continue;
            }
            int64_t start = AT(in->starts, place), stop = AT(in->starts, place + 1);
            if (start == stop) continue;
            int64_t row = first_row(in->row_bins, start, stop, AT(in->bins, at)), all = AT(in->rising, stop);
            if (row == stop) {
                AT(in->rest, rest++) = (int32_t)at;
                continue;
            }
            double tail = (double)(all - AT(in->rising, row)), total = (double)(all - AT(in->rising, start));
            least = fmin(least, (1.0 + tail) / (1.0 + total));
            steps++;
        }
        AT(in->least, trace) = least;
        AT(in->steps, trace) = steps;
    }
    return rest;
}

/* Whether a trace is known from its first event to its last; adds up the seconds until each. */
static int add_seconds(I64 edges, I16 bins, F64 seconds, int64_t start, int64_t stop, F64 came) {
    int whole = 1;
    for (int64_t at = start; at < stop; at++) {
        int64_t bin = at == start ? 0 : AT(bins, at);
        whole &= AT(edges, at) >= 0 && bin != NOT_KNOWN;
        AT(came, at) = (at > 0 ? AT(came, at - 1) : 0.0) + AT(seconds, most_of(bin, 0));
    }
    return whole;
}

KERNEL(sort_times_left, {
    I64 edges;
    I16 bins;
    I64 offsets;
    I32 targets;
    F64 seconds;
    F64 came;
    I8 whole;
    I64 starts;
    F64 sorted;
    F64 sums;
}) {
    I64 starts = in->starts;
    for (int64_t trace = 0; trace < in->offsets.n - 1; trace++) {
        int64_t start = AT(in->offsets, trace), stop = AT(in->offsets, trace + 1);
        int whole = add_seconds(in->edges, in->bins, in->seconds, start, stop, in->came);
        AT(in->whole, trace) = (int8_t)whole;
        for (int64_t at = start; whole && at < stop; at++) AT(starts, AT(in->targets, AT(in->edges, at)) + 2)++;
    }
    for (int64_t state = 2; state < starts.n; state++) AT(starts, state) += AT(starts, state - 1);
    for (int64_t trace = 0; trace < in->offsets.n - 1; trace++) {
        int64_t stop = AT(in->offsets, trace + 1);
        for (int64_t at = AT(in->offsets, trace); AT(in->whole, trace) && at < stop; at++) {
            int64_t state = AT(in->targets, AT(in->edges, at));
            double left = fmax(AT(in->came, stop - 1) - AT(in->came, at), 0.0);
            AT(in->sorted, AT(starts, state + 1)++) = left; /* which is, in the end, where the next one's begin */
            AT(in->sums, state) += left;
        }
    }
    return AT(starts, starts.n - 1);
}
