/* Folding one node of a prefix tree into another, recursively, and taking it back exactly; see folding.py. */

enum { WHITE, BLUE, RED, ABSORBED };
enum { PAIRS, MOVES, TWINS };
enum { TARGET, SOURCE };             /* of a pair */
enum { MOVES_BEFORE, TWINS_BEFORE }; /* of a mark */
enum { EDGE, PLACE, NEXT };          /* of a move */

ROWS(FoldNode, {
    int64_t visits;
    int64_t ends;
    int32_t first;
    int8_t colour;
    int32_t entry;
})
ROWS(FoldEdge, {
    int64_t keys;
    int64_t counts;
    int32_t child;
    int32_t next;
})
RECORD(FoldColumns, {
    FoldNodes node;
    FoldEdges edge;
    I32 slots;
    I32x4 sketch;
    int64_t additive;
    I32x2 pairs;
    I32x2 marks;
    I32 twins;
    I32x2 moves;
    I64 trail;
})

#define TRAIL(fold, which) AT((fold)->trail, which)

KERNEL(enter_children, { FoldColumns *fold; }) {
    FoldColumns *fold = in->fold;
    for (int64_t node = 0; node < fold->node.n; node++) {
        AT(fold->node, node).colour = WHITE;
        AT(fold->node, node).entry = -1;
    }
    for (int64_t edge = 0; edge < fold->edge.n; edge++)
        if (AT(fold->edge, edge).child >= 0) AT(fold->node, AT(fold->edge, edge).child).entry = (int32_t)edge;
    return 0;
}

/* Redirect the edge to `source` to `target` and put the two on the trail, nothing merged yet. */
HOT void start_fold(FoldColumns *fold, int64_t target, int64_t source) {
    AT(fold->edge, AT(fold->node, source).entry).child = (int32_t)target;
    AT2(fold->pairs, 0, TARGET) = (int32_t)target;
    AT2(fold->pairs, 0, SOURCE) = (int32_t)source;
    TRAIL(fold, PAIRS) = 1;
    TRAIL(fold, MOVES) = 0;
    TRAIL(fold, TWINS) = 0;
}

/* Ask the memory for the place of the table at which `find_twins` will begin. */
HOT void fetch_twin(FoldColumns *fold, int64_t target, int64_t source) {
    for (int64_t edge = AT(fold->node, source).first; edge >= 0; edge = AT(fold->edge, edge).next) {
        int64_t key = make_key(target, key_symbol(AT(fold->edge, edge).keys));
        FETCH(&AT(fold->slots, home_slot(fold->slots, key)));
    }
}

/* Ask for the edges that stand where the searches for the twins of a pair begin: mostly they are these twins. */
HOT void fetch_found(FoldColumns *fold, int64_t target, int64_t source) {
    for (int64_t edge = AT(fold->node, source).first; edge >= 0; edge = AT(fold->edge, edge).next) {
        int64_t key = make_key(target, key_symbol(AT(fold->edge, edge).keys));
        FETCH(&AT(fold->edge, most_of(0, AT(fold->slots, home_slot(fold->slots, key)))));
    }
}

/* Ask the memory for what the next pairs of the trail need: a large tree lies far from the processor.
 *
 * Each thing says where the next one is, so it is asked for one pair earlier.
 */
HOT void fetch_pairs(FoldColumns *fold, int64_t pair) {
    if (pair + 6 >= TRAIL(fold, PAIRS)) return;
    fetch_found(fold, AT2(fold->pairs, pair + 2, TARGET), AT2(fold->pairs, pair + 2, SOURCE));
    fetch_twin(fold, AT2(fold->pairs, pair + 4, TARGET), AT2(fold->pairs, pair + 4, SOURCE));
    FETCH(&AT(fold->edge, most_of(0, AT(fold->node, AT2(fold->pairs, pair + 6, SOURCE)).first)));
}

/* Find the edges that the two nodes of a pair have in common, before they are compared or merged.
 *
 * A search looks at most pairs several times: to compare, to merge, to take the merge back.  The table is asked once.
 */
HOT void find_twins(FoldColumns *fold, int64_t pair) {
    fetch_pairs(fold, pair);
    int64_t target = AT2(fold->pairs, pair, TARGET), source = AT2(fold->pairs, pair, SOURCE);
    int64_t found = TRAIL(fold, TWINS);
    AT2(fold->marks, pair, MOVES_BEFORE) = (int32_t)TRAIL(fold, MOVES);
    AT2(fold->marks, pair, TWINS_BEFORE) = (int32_t)found;
    for (int64_t edge = AT(fold->node, source).first; edge >= 0; edge = AT(fold->edge, edge).next) {
        int64_t key = make_key(target, key_symbol(AT(fold->edge, edge).keys));
        AT(fold->twins, found++) = AT(fold->slots, find_slot(fold->slots, KEYS(fold->edge), key));
    }
    TRAIL(fold, TWINS) = found;
}

/* Add (or, with sign -1, subtract) the sketch of one node to that of another. */
HOT void add_sketch(I32x4 sketch, int64_t target, int64_t source, int32_t sign) {
    I32 into = flat(sketch_of(sketch, target)), from = flat(sketch_of(sketch, source));
    for (int64_t cell = 0; cell < into.n; cell++) AT(into, cell) += sign * AT(from, cell);
}

/* Note what is about to be moved. */
HOT void note_move(FoldColumns *fold, int64_t edge, int64_t place, int64_t next) {
    int64_t move = TRAIL(fold, MOVES)++;
    AT2(fold->moves, move, EDGE) = (int32_t)edge;
    AT2(fold->moves, move, PLACE) = (int32_t)place;
    AT2(fold->moves, move, NEXT) = (int32_t)next;
}

/* Hand an edge over to a node that has none with its symbol.
 *
 * The slot of the old key still holds the edge, which is harmless: its old node is not looked up before the undo.
 */
HOT void move_edge(FoldColumns *fold, int64_t edge, int64_t target) {
    FoldEdge *row = &AT(fold->edge, edge);
    int64_t key = make_key(target, key_symbol(row->keys));
    int64_t slot = find_slot(fold->slots, KEYS(fold->edge), key);
    note_move(fold, edge, slot, row->next);
    row->keys = key;
    AT(fold->slots, slot) = (int32_t)edge;
    row->next = AT(fold->node, target).first;
    AT(fold->node, target).first = (int32_t)edge;
}

/* Pair the children of two edges that became one, or graft the only child there is. */
HOT void meet_children(FoldColumns *fold, int64_t twin, int64_t edge) {
    int32_t child = AT(fold->edge, edge).child, other = AT(fold->edge, twin).child;
    if (child < 0) return;
    if (other >= 0) {
        int64_t pair = TRAIL(fold, PAIRS)++;
        AT2(fold->pairs, pair, TARGET) = other;
        AT2(fold->pairs, pair, SOURCE) = child;
        FETCH(&AT(fold->node, other));
        FETCH(&AT(fold->node, child));
        return;
    }
    note_move(fold, twin, -1 - edge, -1);
    AT(fold->edge, twin).child = child;
    AT(fold->node, child).entry = (int32_t)twin;
}

/* Merge the source of a pair of the trail, twins found, into its target; children that meet join the trail. */
HOT void fold_pair(FoldColumns *fold, int64_t pair) {
    int64_t target = AT2(fold->pairs, pair, TARGET), source = AT2(fold->pairs, pair, SOURCE);
    AT(fold->node, target).visits += AT(fold->node, source).visits;
    AT(fold->node, target).ends += AT(fold->node, source).ends;
    if (fold->additive == 1) add_sketch(fold->sketch, target, source, 1);
    int64_t at = AT2(fold->marks, pair, TWINS_BEFORE), edge = AT(fold->node, source).first;
    while (edge >= 0) {
        int64_t following = AT(fold->edge, edge).next, twin = AT(fold->twins, at++);
        if (twin == FREE) {
            move_edge(fold, edge, target);
        } else {
            AT(fold->edge, twin).counts += AT(fold->edge, edge).counts;
            meet_children(fold, twin, edge);
        }
        edge = following;
    }
}

/* Give an edge or a grafted child back. */
HOT void undo_move(FoldColumns *fold, int64_t move, int64_t target, int64_t source) {
    int64_t edge = AT2(fold->moves, move, EDGE), place = AT2(fold->moves, move, PLACE);
    FoldEdge *row = &AT(fold->edge, edge);
    if (place < 0) {
        AT(fold->node, row->child).entry = (int32_t)(-1 - place);
        row->child = -1;
        return;
    }
    AT(fold->node, target).first = row->next;
    row->next = AT2(fold->moves, move, NEXT);
    row->keys = make_key(source, key_symbol(row->keys));
    AT(fold->slots, place) = FREE;
}

/* Take the merge of one pair back; the pairs must be undone in reverse order. */
HOT void undo_pair(FoldColumns *fold, int64_t pair) {
    int64_t target = AT2(fold->pairs, pair, TARGET), source = AT2(fold->pairs, pair, SOURCE);
    int64_t moves = AT2(fold->marks, pair, MOVES_BEFORE);
    for (int64_t move = TRAIL(fold, MOVES) - 1; move >= moves; move--) undo_move(fold, move, target, source);
    TRAIL(fold, MOVES) = moves;
    int64_t at = AT2(fold->marks, pair, TWINS_BEFORE);
    for (int64_t edge = AT(fold->node, source).first; edge >= 0; edge = AT(fold->edge, edge).next) {
        int64_t twin = AT(fold->twins, at++);
        if (twin != FREE) AT(fold->edge, twin).counts -= AT(fold->edge, edge).counts;
    }
    AT(fold->node, target).visits -= AT(fold->node, source).visits;
    AT(fold->node, target).ends -= AT(fold->node, source).ends;
    if (fold->additive == 1) add_sketch(fold->sketch, target, source, -1);
}

/* Take back the first `merged` pairs of the trail and the redirected edge. */
HOT void undo_fold(FoldColumns *fold, int64_t merged) {
    for (int64_t pair = merged - 1; pair >= 0; pair--) undo_pair(fold, pair);
    int32_t source = AT2(fold->pairs, 0, SOURCE);
    AT(fold->edge, AT(fold->node, source).entry).child = source;
    TRAIL(fold, PAIRS) = 0;
}

/* The node an edge leaves. */
HOT int64_t edge_owner(const FoldColumns *fold, int64_t edge) { return key_node(AT(fold->edge, edge).keys); }

/* Fold at most so many pairs of nodes, from a source and a target on; return how many were folded. */
KERNEL(fold_pairs, { FoldColumns *fold; int64_t target; int64_t source; int64_t most; }) {
    FoldColumns *fold = in->fold;
    start_fold(fold, in->target, in->source);
    int64_t pair = 0;
    for (; pair < least_of(TRAIL(fold, PAIRS), in->most); pair++) {
        find_twins(fold, pair);
        fold_pair(fold, pair);
    }
    return pair;
}

KERNEL(undo_pairs, { FoldColumns *fold; int64_t pairs; }) {
    undo_fold(in->fold, in->pairs);
    return 0;
}
