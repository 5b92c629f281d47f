/* Which symbols come in traces, and how often in each; see tallying.py. */

RECORD(SymbolEntries, { I64 rows; I64 symbols; I64 times; })

/* The place of a symbol among those of the alphabet, the one after the last for all that are outside. */
HOT int64_t symbol_place(int64_t symbol, int64_t alphabet) {
    return (uint64_t)symbol < (uint64_t)alphabet ? symbol : alphabet;
}

/* Turn counts, of each number shifted by one, into where what has that number starts. */
static void add_up(I64 starts) {
    for (int64_t at = 1; at < starts.n; at++) AT(starts, at) += AT(starts, at - 1);
}

/* Events are laid out by their symbols, and from there by trace: so each trace has its own in the order of their ids. */
KERNEL(tally_symbols, { I32 symbols; I64 offsets; I64 starts; I64 ends; I32 traces; I32 sorted; SymbolEntries *found; }) {
    int64_t alphabet = in->starts.n - 2, traces = in->offsets.n - 1, first = AT(in->offsets, 0), rows = 0;
    for (int64_t at = 0; at < in->starts.n; at++) AT(in->starts, at) = 0;
    for (int64_t at = first; at < AT(in->offsets, traces); at++)
        AT(in->starts, symbol_place(AT(in->symbols, at), alphabet) + 1)++;
    add_up(in->starts);
    for (int64_t trace = 0; trace < traces; trace++) {
        AT(in->ends, trace) = AT(in->offsets, trace) - first;
        for (int64_t at = AT(in->offsets, trace); at < AT(in->offsets, trace + 1); at++)
            AT(in->traces, AT(in->starts, symbol_place(AT(in->symbols, at), alphabet))++) = (int32_t)trace;
    }
    for (int64_t symbol = 0, at = 0; symbol <= alphabet; symbol++) /* starts are ends by now */
        for (; at < AT(in->starts, symbol); at++) AT(in->sorted, AT(in->ends, AT(in->traces, at))++) = (int32_t)symbol;
    for (int64_t trace = 0, at = 0; trace < traces; trace++) {
        for (int64_t before = -1; at < AT(in->ends, trace); at++) {
            int fresh = AT(in->sorted, at) != before;
            rows += fresh;
            before = AT(in->sorted, at);
            AT(in->found->rows, rows - 1) = trace;
            AT(in->found->symbols, rows - 1) = before;
            AT(in->found->times, rows - 1) = (fresh ? 0 : AT(in->found->times, rows - 1)) + 1;
        }
    }
    return rows;
}
