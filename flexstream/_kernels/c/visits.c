/* What a report counts at the nodes of a tree that have states; see visits.py.  Parents stand before their children. */

enum { WORD_BITS = 64 };

KERNEL(measure_depths, { I64 parent; I64 depth; }) {
    for (int64_t node = 0; node < in->depth.n; node++) {
        int64_t above = AT(in->parent, node);
        AT(in->depth, node) = above < 0 ? 0 : AT(in->depth, above) + 1;
    }
    return 0;
}

KERNEL(find_again, { I64 parent; I64 state; U64x2 met; U8 again; }) {
    for (int64_t node = 0; node < in->state.n; node++) {
        int64_t above = AT(in->parent, node), state = AT(in->state, node), word = state / WORD_BITS;
        uint64_t bit = (uint64_t)1 << state % WORD_BITS;
        for (int64_t i = 0; i < in->met.n1; i++) AT2(in->met, node, i) = above < 0 ? 0 : AT2(in->met, above, i);
        AT(in->again, node) = (AT2(in->met, node, word) & bit) > 0;
        AT2(in->met, node, word) |= bit;
    }
    return 0;
}

KERNEL(add_outcomes, {
    I64 group;
    U8 chosen;
    I64 ends;
    I64 owner;
    I64 following;
    I64 counts;
    I64x2 sums;
}) {
    for (int64_t node = 0; node < in->group.n; node++)
        if (AT(in->chosen, node)) AT2(in->sums, AT(in->group, node), 0) += AT(in->ends, node);
    for (int64_t edge = 0; edge < in->owner.n; edge++) {
        int64_t node = AT(in->owner, edge);
        if (AT(in->chosen, node))
            AT2(in->sums, AT(in->group, node), 1 + AT(in->following, edge)) += AT(in->counts, edge);
    }
    return 0;
}

KERNEL(add_tail_symbols, { TreeColumns *tree; I64 totals; }) {
    TreeColumns *tree = in->tree;
    for (int64_t tail = 0; tail < SIZE(tree, TAILS); tail++) {
        const TreeTail *row = &AT(tree->tail, tail);
        if (row->tail_start < 0) continue;
        for (int64_t at = row->tail_start; at < row->tail_stop; at++) {
            int64_t symbol = AT(tree->store, at);
            if (symbol < in->totals.n) AT(in->totals, symbol) += 1;
        }
    }
    return 0;
}

KERNEL(count_lengths, { TreeColumns *tree; I64 depth; I64 lengths; }) {
    TreeColumns *tree = in->tree;
    for (int64_t node = 0; node < SIZE(tree, NODES); node++)
        AT(in->lengths, AT(in->depth, node)) += AT(tree->node, node).ends;
    for (int64_t edge = 0; edge < SIZE(tree, EDGES); edge++) {
        int64_t above = AT(in->depth, key_node(AT(tree->edge, edge).keys)) + 1;
        for (int64_t tail = AT(tree->edge, edge).tails; tail >= 0; tail = AT(tree->tail, tail).tail_next)
            AT(in->lengths, above + AT(tree->tail, tail).tail_stop - AT(tree->tail, tail).tail_start) += 1;
    }
    return 0;
}
