/* What sketches remember of the futures below the leaves of a tree, as nodes and edges; see recall.py. */

static const double LEAST = 2.0; /* estimated events without which a future makes no node */

RECORD(RecallColumns, {
    I32 entry;
    I32 owner;
    U64 code;
    I32 length;
    I64 visits;
    I64 ends;
    I64 keys;
    I64 counts;
    I32 child;
    F64 estimates;
    I64 size;
})

/* How many futures of some length were counted. */
static double counted(I32x3 sketch, int64_t length) {
    double total = 0.0;
    for (int64_t at = 0; at < sketch.n2; at++) total += AT3(sketch, length - 1, 0, at);
    return total;
}

/* How often a future left a node that counted `total`: the least cell less what collisions add on average.
 *
 * Count-min with its mean noise taken off (Deng & Rafiei, "New estimation algorithms for streaming data: Count-min can
 * do more", 2007), the mean over the cells of the row that the future does not fall into.
 */
static double estimate(I32x3 sketch, int64_t length, uint64_t future, double total) {
    double least = INF;
    for (int64_t row = 0; row < sketch.n1; row++)
        least = fmin(least, AT3(sketch, length - 1, row, cell_of(future, row, sketch.n2)));
    return least - (total - least) / (double)most_of(1, sketch.n2 - 1);
}

/* Make a node that an edge leads to; return its number. */
static int64_t add_recalled(RecallColumns *recall, int64_t nodes, int64_t edge, int64_t owner, uint64_t code,
                            int64_t length) {
    int64_t row = SIZE(recall, NODES)++;
    AT(recall->entry, row) = (int32_t)edge;
    AT(recall->owner, row) = (int32_t)owner;
    AT(recall->code, row) = code;
    AT(recall->length, row) = (int32_t)length;
    return nodes + row;
}

/* Estimate the outcomes of a node as the sketch has them; return their sum. */
static double estimate_outcomes(RecallColumns *recall, I32x3 sketch, U64 codes, I64 likely, uint64_t code,
                                int64_t length) {
    double held = counted(sketch, length);
    double total = fmax(0.0, estimate(sketch, length, chain(code, END), held));
    AT(recall->estimates, 0) = total;
    for (int64_t rank = 0; rank < likely.n; rank++) {
        double found = estimate(sketch, length, chain(code, AT(codes, AT(likely, rank))), held);
        AT(recall->estimates, 1 + rank) = fmax(0.0, found);
        total += AT(recall->estimates, 1 + rank);
    }
    return total;
}

/* Make the edges of a node that had at most `limit` events; return whether there was room for them. */
static int fill(RecallColumns *recall, const TreeColumns *tree, U64 codes, I64 likely, int64_t row, double limit) {
    int64_t nodes = SIZE(tree, NODES), edges = SIZE(tree, EDGES), owner = AT(recall->owner, row);
    uint64_t code = AT(recall->code, row);
    int64_t length = AT(recall->length, row) + 1;
    I32x3 sketch = sketch_of(tree->sketch, owner);
    double total = estimate_outcomes(recall, sketch, codes, likely, code, length);
    double scale = total > limit ? limit / total : 1.0;
    AT(recall->ends, row) = AT(recall->visits, row) = (int64_t)(AT(recall->estimates, 0) * scale + 0.5);
    for (int64_t rank = 0; rank < likely.n; rank++) {
        int64_t count = (int64_t)(AT(recall->estimates, 1 + rank) * scale + 0.5), symbol = AT(likely, rank);
        if (count == 0) continue;
        int64_t at = SIZE(recall, EDGES);
        if (at == recall->keys.n || SIZE(recall, NODES) == recall->entry.n) return 0;
        SIZE(recall, EDGES) = at + 1;
        AT(recall->keys, at) = make_key(nodes + row, symbol);
        AT(recall->counts, at) = count;
        AT(recall->child, at) = -1;
        AT(recall->visits, row) += count;
        if ((double)count >= LEAST && length < sketch.n) {
            uint64_t further = chain(code, AT(codes, symbol));
            AT(recall->child, at) = (int32_t)add_recalled(recall, nodes, edges + at, owner, further, length);
        }
    }
    return 1;
}

/* Make a node below each edge of the tree that has not grown; return whether there was room for all. */
static int add_leaves(RecallColumns *recall, const TreeColumns *tree, U64 codes) {
    int64_t nodes = SIZE(tree, NODES);
    for (int64_t edge = 0; edge < SIZE(tree, EDGES); edge++) {
        const TreeEdge *row = &AT(tree->edge, edge);
        if (row->child >= 0 || (double)row->counts < LEAST || tree->sketch.n1 <= 1) continue;
        if (SIZE(recall, NODES) == recall->entry.n) return 0;
        uint64_t code = chain(0, AT(codes, key_symbol(row->keys)));
        add_recalled(recall, nodes, edge, key_node(row->keys), code, 1);
    }
    return 1;
}

KERNEL(recall_futures, { RecallColumns *recall; TreeColumns *tree; U64 codes; I64 likely; }) {
    RecallColumns *recall = in->recall;
    TreeColumns *tree = in->tree;
    if (!add_leaves(recall, tree, in->codes)) return 0;
    for (int64_t row = 0; row < SIZE(recall, NODES); row++) {
        int64_t entry = AT(recall->entry, row), edges = SIZE(tree, EDGES);
        int64_t limit = entry < edges ? AT(tree->edge, entry).counts : AT(recall->counts, entry - edges);
        if (!fill(recall, tree, in->codes, in->likely, row, (double)limit)) return 0;
    }
    return 1;
}
