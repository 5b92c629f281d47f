/* Which traces are the same, and how often classes, or events, come together; see likeness.py. */

HOT int same_trace(I32 symbols, I64 offsets, int64_t one, int64_t other) {
    int64_t start = AT(offsets, one), before = AT(offsets, other), length = AT(offsets, one + 1) - start;
    if (AT(offsets, other + 1) - before != length) return 0;
    for (int64_t at = 0; at < length; at++)
        if (AT(symbols, start + at) != AT(symbols, before + at)) return 0;
    return 1;
}

KERNEL(number_traces, { I32 symbols; I64 offsets; int64_t traces; I64 slots; I64 numbers; }) {
    int64_t known = 0;
    for (int64_t trace = 0; trace < in->traces; trace++) {
        int64_t mask = in->slots.n - 1;
        int64_t slot = trace_hash(in->symbols, AT(in->offsets, trace), AT(in->offsets, trace + 1)) >> 1 & mask;
        while (AT(in->slots, slot) != FREE && !same_trace(in->symbols, in->offsets, trace, AT(in->slots, slot)))
            slot = (slot + 1) & mask;
        if (AT(in->slots, slot) == FREE) {
            AT(in->slots, slot) = trace;
            AT(in->numbers, trace) = known++;
        } else {
            AT(in->numbers, trace) = AT(in->numbers, AT(in->slots, slot));
        }
    }
    return known;
}

KERNEL(count_together, { I64x2 ones; I64x2 others; int64_t first; int64_t second; int64_t things; I64x2 table; }) {
    for (int64_t one = 0; one < in->first; one++)
        for (int64_t other = 0; other < in->second; other++)
            for (int64_t thing = 0; thing < in->things; thing++)
                AT2(in->table, AT2(in->ones, one, thing), AT2(in->others, other, thing)) += 1;
    return 0;
}

KERNEL(count_pairs, {
    I32 symbols; I64 offsets; I64 rows; int64_t before; int64_t size; I64 kinds; int64_t width; I32x2 counts;
}) {
    for (int64_t row = 0; row < in->rows.n; row++) {
        int64_t place = in->before + row;
        if (place < 0) continue;
        int64_t trace = AT(in->rows, row), group = place / in->size, last = 0;
        for (int64_t at = AT(in->offsets, trace); at < AT(in->offsets, trace + 1); at++) {
            int64_t kind = AT(in->kinds, AT(in->symbols, at));
            AT2(in->counts, group, last * in->width + kind) += 1;
            last = kind;
        }
        AT2(in->counts, group, last * in->width) += 1;
    }
    return 0;
}

KERNEL(count_symbols, { I32 symbols; I64 offsets; I64 rows; I64 times; }) {
    for (int64_t row = 0; row < in->rows.n; row++) {
        int64_t trace = AT(in->rows, row);
        for (int64_t at = AT(in->offsets, trace); at < AT(in->offsets, trace + 1); at++)
            AT(in->times, AT(in->symbols, at)) += 1;
    }
    return 0;
}
