/* Traces with durations: which of them are kept; see sampled.py. */

RECORD(TimedColumns, { I32 symbols; I16 bins; I64 lengths; I64 counts; U64 hashes; })

/* The hash of a trace, which hangs on the texts of its symbols and on its durations alone.  The events are added, so
 * that none waits for the one before. */
HOT uint64_t timed_hash(U64 codes, I32 symbols, I16 bins, int64_t start, int64_t events) {
    uint64_t sum = 0, step = 0x9E3779B97F4A7C15u, place = 0xD1342543DE82EF95u;
    for (int64_t at = 0; at < events; at++) {
        uint64_t duration = (uint64_t)(AT(bins, start + at) + 2) * step;
        sum += mix(AT(codes, AT(symbols, start + at)) + duration + (uint64_t)at * place);
    }
    return mix(sum + (uint64_t)events * step);
}

KERNEL(sample_traces, {
    U64 codes;
    I32 symbols;
    I16 bins;
    I64 offsets;
    I64 counts;
    int64_t longest;
    int64_t level;
    TimedColumns *kept;
    I64 size;
}) {
    const TimedColumns *kept = in->kept;
    int64_t traces = 0, stored = 0;
    for (int64_t trace = 0; trace < in->offsets.n - 1; trace++) {
        int64_t start = AT(in->offsets, trace), events = least_of(AT(in->offsets, trace + 1) - start, in->longest);
        if (events < 2) continue;
        uint64_t hash = timed_hash(in->codes, in->symbols, in->bins, start, events);
        if (hash > UINT64_MAX >> in->level) continue;
        for (int64_t at = 0; at < events; at++) {
            AT(kept->symbols, stored + at) = AT(in->symbols, start + at);
            AT(kept->bins, stored + at) = AT(in->bins, start + at);
        }
        AT(kept->lengths, traces) = events;
        AT(kept->counts, traces) = AT(in->counts, trace);
        AT(kept->hashes, traces++) = hash;
        stored += events;
    }
    AT(in->size, 0) = stored;
    return traces;
}

KERNEL(find_first, { U64 hashes; I64 counts; I32 slots; I8 first; }) {
    uint64_t mask = (uint64_t)in->slots.n - 1; /* of the lowest bits: the highest are zeros where few are kept */
    for (int64_t trace = 0; trace < in->hashes.n; trace++) {
        uint64_t hash = AT(in->hashes, trace);
        int64_t slot = (int64_t)(hash & mask);
        while (AT(in->slots, slot) != FREE && AT(in->hashes, AT(in->slots, slot)) != hash) slot = (int64_t)((uint64_t)(slot + 1) & mask);
        AT(in->first, trace) = AT(in->slots, slot) == FREE;
        if (AT(in->first, trace)) AT(in->slots, slot) = (int32_t)trace;
        else AT(in->counts, AT(in->slots, slot)) += AT(in->counts, trace);
    }
    return 0;
}

KERNEL(copy_chosen, { I32 symbols; I16 bins; I64 lengths; I64 counts; U64 hashes; I8 chosen; TimedColumns *kept; }) {
    const TimedColumns *kept = in->kept;
    int64_t traces = 0, stored = 0, start = 0;
    for (int64_t trace = 0; trace < in->lengths.n; start += AT(in->lengths, trace++)) {
        if (!AT(in->chosen, trace)) continue;
        int64_t events = AT(in->lengths, trace);
        for (int64_t at = 0; at < events; at++) {
            AT(kept->symbols, stored + at) = AT(in->symbols, start + at);
            AT(kept->bins, stored + at) = AT(in->bins, start + at);
        }
        AT(kept->lengths, traces) = events;
        AT(kept->counts, traces) = AT(in->counts, trace);
        AT(kept->hashes, traces++) = AT(in->hashes, trace);
        stored += events;
    }
    return 0;
}
