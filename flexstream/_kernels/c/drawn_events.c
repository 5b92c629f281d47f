/* Copying the events of some traces, one trace behind the other; see drawn_events.py. */

KERNEL(gather_events, { I32 symbols; I16 bins; I64 starts; I64 lengths; I32 own_symbols; I16 own_bins; }) {
    int64_t stored = 0;
    for (int64_t trace = 0; trace < in->starts.n; trace++) {
        int64_t start = AT(in->starts, trace), length = AT(in->lengths, trace);
        I32 symbols = PART(I32, in->own_symbols, stored, length), from = PART(I32, in->symbols, start, length);
        for (int64_t at = 0; at < length; at++) AT(symbols, at) = AT(from, at);
        if (in->bins.n) {
            I16 bins = PART(I16, in->own_bins, stored, length), known = PART(I16, in->bins, start, length);
            for (int64_t at = 0; at < length; at++) AT(bins, at) = AT(known, at);
        }
        stored += length;
    }
    return stored;
}
