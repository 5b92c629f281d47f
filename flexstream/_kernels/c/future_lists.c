/* Listing the futures of the nodes of a tree; see future_lists.py. */

enum { FOUND, NOT_ALL };

RECORD(FutureColumns, { I32x2 cells; I64 weights; I32 slots; I64 size; int64_t lengths; int64_t width; })

/* Whether two futures have the same length and cells. */
static int same_future(I32x2 cells, int64_t one, int64_t other) {
    for (int64_t column = 0; column < cells.n1; column++)
        if (AT2(cells, one, column) != AT2(cells, other, column)) return 0;
    return 1;
}

/* Enter one future, or add to the weight of those that share its cells. */
static void enter(FutureColumns *found, uint64_t future, int64_t length, int64_t weight) {
    int64_t row = SIZE(found, FOUND);
    if (2 * row >= found->slots.n) {
        SIZE(found, NOT_ALL) = 1;
        return;
    }
    AT2(found->cells, row, 0) = (int32_t)length;
    uint64_t code = (uint64_t)length;
    for (int64_t column = 1; column < found->cells.n1; column++) {
        int64_t cell = cell_of(future, column - 1, found->width);
        AT2(found->cells, row, column) = (int32_t)cell;
        code = chain(code, (uint64_t)cell);
    }
    int64_t slot = (int64_t)(mix(code) & (uint64_t)(found->slots.n - 1));
    while (AT(found->slots, slot) != FREE && !same_future(found->cells, AT(found->slots, slot), row))
        slot = (slot + 1) & (found->slots.n - 1);
    if (AT(found->slots, slot) == FREE) {
        AT(found->slots, slot) = (int32_t)row;
        SIZE(found, FOUND) = row + 1;
    }
    AT(found->weights, AT(found->slots, slot)) += weight;
}

/* What is noted of a path: its futures that start at the first positions and reach one position. */
typedef struct {
    int64_t starts, fresh; /* so many first positions; the position to reach */
    int64_t stop;          /* symbols of the path */
    int ended;             /* whether the trace ends behind them */
    int64_t weight;
} Noted;

static void note(FutureColumns *found, const Coding *coding, I32 path, Noted what) {
    if (what.weight == 0) return;
    for (int64_t start = 0; start < what.starts; start++) {
        uint64_t future = 0;
        for (int64_t length = 0; length < found->lengths; length++) {
            int64_t at = start + length;
            if (at >= what.stop && !what.ended) break;
            future = longer_future(coding, future, path, start, at, what.stop);
            if (at >= what.fresh) enter(found, future, length, what.weight);
        }
    }
}

/* Write the last symbols of the path that ends with an edge; return how many. */
static int64_t climb(const TreeColumns *tree, int64_t edge, int64_t longest, I32 path) {
    int64_t key = AT(tree->edge, edge).keys, steps = 1;
    for (int64_t above = key_node(key); steps < longest && above > 0; above = AT(tree->node, above).parent) steps++;
    AT(path, steps - 1) = (int32_t)key_symbol(key);
    int64_t above = key_node(key);
    for (int64_t at = steps - 2; at >= 0; at--) {
        AT(path, at) = AT(tree->node, above).symbol;
        above = AT(tree->node, above).parent;
    }
    return steps;
}

/* Note the futures that a tail begins beyond the path to its edge. */
static void note_tail(FutureColumns *found, const TreeColumns *tree, const Coding *coding, I32 path, int64_t steps,
                      const TreeTail *tail) {
    int64_t length = tail->tail_stop - tail->tail_start, more = least_of(length, found->lengths);
    for (int64_t at = 0; at < more; at++) AT(path, steps + at) = AT(tree->store, tail->tail_start + at);
    note(found, coding, path, (Noted){steps, steps, steps + more, more == length, 1});
}

KERNEL(note_futures, { FutureColumns *found; TreeColumns *tree; Coding *coding; I32 path; }) {
    FutureColumns *found = in->found;
    TreeColumns *tree = in->tree;
    I32 path = in->path;
    note(found, in->coding, path, (Noted){1, 0, 0, 1, AT(tree->node, 0).ends});
    for (int64_t edge = 0; edge < SIZE(tree, EDGES) && SIZE(found, NOT_ALL) == 0; edge++) {
        const TreeEdge *row = &AT(tree->edge, edge);
        int64_t steps = climb(tree, edge, found->lengths, path);
        note(found, in->coding, path, (Noted){steps, steps - 1, steps, 0, row->counts});
        if (row->child >= 0)
            note(found, in->coding, path, (Noted){steps + 1, steps, steps, 1, AT(tree->node, row->child).ends});
        for (int64_t tail = row->tails; tail >= 0; tail = AT(tree->tail, tail).tail_next)
            note_tail(found, tree, in->coding, path, steps, &AT(tree->tail, tail));
    }
    return 0;
}
