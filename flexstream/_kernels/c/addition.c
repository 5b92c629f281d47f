/* Adding up prefix trees, and growing what their sum lets grow; see addition.py. */

/* Copy a tail of another tree; return its row here. */
static int64_t adopt_tail(TreeColumns *tree, const TreeColumns *other, int64_t tail, I32 symbol_map) {
    int64_t row = SIZE(tree, TAILS)++, stored = SIZE(tree, STORED);
    AT(tree->tail, row).tail_start = stored;
    for (int64_t at = AT(other->tail, tail).tail_start; at < AT(other->tail, tail).tail_stop; at++) {
        int32_t symbol = AT(symbol_map, AT(other->store, at));
        AT(tree->store, stored++) = symbol;
        SIZE(tree, SYMBOLS_SEEN) = most_of(SIZE(tree, SYMBOLS_SEEN), symbol + 1);
    }
    AT(tree->tail, row).tail_stop = SIZE(tree, STORED) = stored;
    return row;
}

/* Add an edge of another tree to a node, with its tails; return where its child is here, -1 if it has none. */
static int64_t add_edge_of(TreeColumns *tree, const Coding *coding, const TreeColumns *other, int64_t edge,
                           int64_t here, I32 symbol_map) {
    int64_t symbol = AT(symbol_map, key_symbol(AT(other->edge, edge).keys));
    int64_t twin = find_or_add_edge(tree, here, symbol);
    if (AT(other->edge, edge).child >= 0 && AT(tree->edge, twin).child < 0)
        grow_edge(tree, coding, here, symbol, twin);
    AT(tree->edge, twin).counts += AT(other->edge, edge).counts;
    for (int64_t tail = AT(other->edge, edge).tails; tail >= 0; tail = AT(other->tail, tail).tail_next) {
        int64_t row = adopt_tail(tree, other, tail, symbol_map);
        if (AT(tree->edge, twin).child >= 0)
            place_tail(tree, coding, AT(tree->edge, twin).child, row);
        else
            hang_tail(tree, twin, row);
    }
    return AT(other->edge, edge).child >= 0 ? AT(tree->edge, twin).child : -1;
}

/* Add the sketch of a node of another tree. */
static void add_sketch_of(I32x3 into, I32x3 more, const Coding *coding, I32x2 items) {
    if (coding->prefixes == 1) {
        combine(into, more, items);
        return;
    }
    I32 cells = flat(into), others = flat(more);
    for (int64_t cell = 0; cell < cells.n; cell++) AT(cells, cell) = more_of(AT(cells, cell), AT(others, cell));
}

/* The lesser of two distances from a red node. */
HOT int32_t nearer(int32_t one, int32_t other) { return one < other ? one : other; }

/* Add what a node of another tree counted by itself, its sketch included. */
static void add_node_of(TreeColumns *tree, const Coding *coding, const TreeColumns *other, int64_t node, int64_t here,
                        I32x2 items) {
    AT(tree->node, here).visits += AT(other->node, node).visits;
    AT(tree->node, here).ends += AT(other->node, node).ends;
    AT(tree->node, here).below = nearer(AT(tree->node, here).below, AT(other->node, node).below);
    add_sketch_of(sketch_of(tree->sketch, here), sketch_of(other->sketch, node), coding, items);
}

/* Add what was lost, and let no node be further from a red node than one more than its parent. */
static void add_sizes(TreeColumns *tree, const TreeColumns *other) {
    SIZE(tree, LOST_TAILS) += SIZE(other, LOST_TAILS);
    SIZE(tree, LOST_EVENTS) += SIZE(other, LOST_EVENTS);
    for (int64_t node = 1; node < SIZE(tree, NODES); node++) {
        int32_t above = AT(tree->node, AT(tree->node, node).parent).below;
        AT(tree->node, node).below = nearer(AT(tree->node, node).below, above + 1);
    }
}

KERNEL(add_rows, {
    TreeColumns *tree;
    Coding *coding;
    TreeColumns *other;
    I32 symbol_map;
    I64 place;
    I32x2 items;
}) {
    TreeColumns *tree = in->tree, *other = in->other;
    AT(in->place, 0) = 0;
    for (int64_t node = 0; node < SIZE(other, NODES); node++) {
        int64_t here = AT(in->place, node);
        add_node_of(tree, in->coding, other, node, here, in->items);
        for (int64_t edge = AT(other->node, node).first; edge >= 0; edge = AT(other->edge, edge).next) {
            int64_t child = add_edge_of(tree, in->coding, other, edge, here, in->symbol_map);
            if (child >= 0) AT(in->place, AT(other->edge, edge).child) = child;
        }
    }
    add_sizes(tree, other);
    return 0;
}

/* Add what another tree counted that began as a copy of this one without its tails: so many nodes and edges are the same.
 *
 * What was counted on rows of both is added row by row; what grew there hangs on an old edge, or on a new one, which
 * comes after the edge by which its node is reached.
 */
KERNEL(add_aligned, {
    TreeColumns *tree;
    Coding *coding;
    TreeColumns *other;
    I32 symbol_map;
    I64 place;
    I32x2 items;
    int64_t nodes;
    int64_t edges;
}) {
    TreeColumns *tree = in->tree, *other = in->other;
    for (int64_t node = 0; node < in->nodes; node++) AT(in->place, node) = node;
    for (int64_t edge = 0; edge < SIZE(other, EDGES); edge++) {
        int64_t owner = key_node(AT(other->edge, edge).keys), child = AT(other->edge, edge).child;
        if (edge < in->edges && (child < 0 || child < in->nodes) && AT(other->edge, edge).tails < 0) {
            AT(tree->edge, edge).counts += AT(other->edge, edge).counts;
            continue;
        }
        int64_t here = add_edge_of(tree, in->coding, other, edge, AT(in->place, owner), in->symbol_map);
        if (child >= 0) AT(in->place, child) = here;
    }
    for (int64_t node = 0; node < SIZE(other, NODES); node++) {
        int64_t here = AT(in->place, node);
        add_node_of(tree, in->coding, other, node, here, in->items);
    }
    add_sizes(tree, other);
    return 0;
}

/* Grow every edge whose node has as many visits as it takes, and which has tails to move down; return the first node
 * for which there was no room, or the number of nodes.  What is made comes later in the order of rows, so one pass
 * reaches it too. */
KERNEL(close_growth, { TreeColumns *tree; Coding *coding; GrowthRules *rules; int64_t start; }) {
    TreeColumns *tree = in->tree;
    const GrowthRules *rules = in->rules;
    int64_t node = in->start;
    for (; node < SIZE(tree, NODES); node++) {
        int64_t below = AT(tree->node, node).below, edge = AT(tree->node, node).first;
        if (AT(tree->node, node).visits < rules->grow_at || below >= rules->reach) continue;
        for (; edge >= 0; edge = AT(tree->edge, edge).next) {
            int light = below + 1 >= rules->far && AT(tree->edge, edge).counts < rules->hold;
            if (light || !may_take_tails(tree, edge)) continue;
            if (!took_tails(tree, in->coding, node, edge)) return node;
        }
    }
    return node;
}

/* Fill for each tail the edge on which it hangs; those in free rows are left as they are. */
KERNEL(find_owners, { TreeColumns *tree; I64 owners; }) {
    TreeColumns *tree = in->tree;
    for (int64_t edge = 0; edge < SIZE(tree, EDGES); edge++)
        for (int64_t tail = AT(tree->edge, edge).tails; tail >= 0; tail = AT(tree->tail, tail).tail_next)
            AT(in->owners, tail) = edge;
    return 0;
}
