/* What a node's sketch counts: the futures of length 1..F that leave it, by code, or all prefixes of its futures. */

static const uint64_t END = 0xFFFFFFFFu;
static const uint64_t MERSENNE = ((uint64_t)1 << 61) - 1;

RECORD(Coding, { U64 codes; U64 multipliers; U64 offsets; U64 minima; int64_t shingle; int64_t prefixes; })

/* The cell of a future in a row: an independent hash for each row, scaled to the width. */
HOT int64_t cell_of(uint64_t future, int64_t row, int64_t width) {
    uint64_t scrambled = mix(future + (uint64_t)row * 0xD6E8FEB86659FD93u);
    return (int64_t)(((scrambled >> 32) * (uint64_t)width) >> 32);
}

/* The hash of what stands at a position of a future, the end behind the last. */
HOT uint64_t code_at(const Coding *coding, I32 symbols, int64_t at, int64_t stop) {
    return at < stop ? AT(coding->codes, AT(symbols, at)) : END;
}

/* The code of the MinHash signature of a future, given that of the future without its last symbol.
 *
 * A future is the set of its shingles, runs of a few symbols; one that is no longer is a single shingle.
 */
COLD uint64_t minhash(const Coding *coding, I32 symbols, int64_t start, int64_t at, int64_t stop) {
    uint64_t shingle = 0, signature = 0;
    for (int64_t position = most_of(start, at - coding->shingle + 1); position <= at; position++)
        shingle = chain(shingle, code_at(coding, symbols, position, stop));
    int fresh = at - start < coding->shingle;
    for (int64_t k = 0; k < coding->multipliers.n; k++) {
        uint64_t product = AT(coding->multipliers, k) * (shingle & 0xFFFFFFFFu) + AT(coding->offsets, k);
        uint64_t value = product % MERSENNE & 0xFFFFFFFFu;
        if (fresh || value < AT(coding->minima, k)) AT(coding->minima, k) = value;
        signature = chain(signature, AT(coding->minima, k));
    }
    return signature;
}

/* The code of a future with what comes at `at`, given its code without; past the end nothing changes. */
HOT uint64_t longer_future(const Coding *coding, uint64_t future, I32 symbols, int64_t start, int64_t at,
                           int64_t stop) {
    if (at > stop) return future;
    if (coding->multipliers.n > 0) return minhash(coding, symbols, start, at, stop);
    return chain(future, code_at(coding, symbols, at, stop));
}

/* Count what leaves a node at a position; a future cut short by the end counts as itself then END. */
static void sketch_futures(I32x3 sketch, const Coding *coding, I32 symbols, int64_t position, int64_t stop,
                           uint64_t visit) {
    if (coding->prefixes == 1) {
        sketch_prefixes(sketch, coding->codes, END, symbols, position, stop, visit);
        return;
    }
    uint64_t future = 0;
    for (int64_t length = 0; length < sketch.n; length++) {
        future = longer_future(coding, future, symbols, position, position + length, stop);
        for (int64_t row = 0; row < sketch.n1; row++) {
            int32_t *cell = &AT3(sketch, length, row, cell_of(future, row, sketch.n2));
            *cell = more_of(*cell, 1);
        }
    }
}

KERNEL(find_cells, { U64 codes; int64_t ended; int64_t width; I64 cells; }) {
    uint64_t future = 0;
    for (int64_t at = 0; at < in->codes.n; at++) future = chain(future, AT(in->codes, at));
    if (in->ended) future = chain(future, END);
    for (int64_t row = 0; row < in->cells.n; row++) AT(in->cells, row) = cell_of(future, row, in->width);
    return 0;
}
