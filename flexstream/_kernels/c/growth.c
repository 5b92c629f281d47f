/* Counting traces into the columns of a prefix tree; see growth.py, which says what the columns hold. */

enum { NODES, EDGES, TAILS, STORED, FREED, WANTED, SYMBOLS_SEEN, LOST_TAILS, LOST_EVENTS, SALT };

ROWS(TreeNode, {
    int64_t visits;
    int64_t ends;
    int32_t parent;
    int32_t symbol;
    int32_t below;
    int32_t first;
})
ROWS(TreeEdge, {
    int64_t keys;
    int64_t counts;
    int32_t child;
    int32_t next;
    int32_t tails;
})
ROWS(TreeTail, {
    int32_t tail_next;
    int64_t tail_start;
    int64_t tail_stop;
})
RECORD(TreeColumns, { TreeNodes node; TreeEdges edge; I32 slots; I32x4 sketch; TreeTails tail; I32 store; I64 size; })
RECORD(GrowthRules, { int64_t grow_at; int64_t hold; int64_t far; int64_t reach; int64_t longest; })

#define SIZE(tree, which) AT((tree)->size, which)

/* Enter an edge that the table does not hold at the slot where it belongs. */
static int64_t add_edge(TreeColumns *tree, int64_t slot, int64_t node, int64_t symbol) {
    int64_t edge = SIZE(tree, EDGES)++;
    AT(tree->slots, slot) = (int32_t)edge;
    TreeEdge *row = &AT(tree->edge, edge);
    TreeNode *owner = &AT(tree->node, node);
    row->keys = make_key(node, symbol);
    row->counts = 0;
    row->child = row->tails = -1;
    row->next = owner->first;
    owner->first = (int32_t)edge;
    SIZE(tree, SYMBOLS_SEEN) = most_of(SIZE(tree, SYMBOLS_SEEN), symbol + 1);
    return edge;
}

/* The edge of (node, symbol), made if it is new. */
HOT int64_t find_or_add_edge(TreeColumns *tree, int64_t node, int64_t symbol) {
    int64_t slot = find_slot(tree->slots, KEYS(tree->edge), make_key(node, symbol));
    int64_t edge = AT(tree->slots, slot);
    return edge == FREE ? add_edge(tree, slot, node, symbol) : edge;
}

/* Make a node with nothing counted; its row may hold what a given-up node left, so clear it. */
static int64_t add_node(TreeColumns *tree, int64_t parent, int64_t symbol) {
    int64_t node = SIZE(tree, NODES)++;
    AT(tree->node, node) = (TreeNode){
        .parent = (int32_t)parent, .symbol = (int32_t)symbol, .below = AT(tree->node, parent).below + 1, .first = -1};
    I32x3 sketch = sketch_of(tree->sketch, node);
    memset(sketch.at, 0, (size_t)(sketch.n * sketch.n1 * sketch.n2) * sizeof *sketch.at);
    return node;
}

/* A number that no two visits of nodes share, from which resamples are drawn; the salt tells shards of a stream apart. */
HOT uint64_t visit_of(const TreeColumns *tree, int64_t node) {
    uint64_t salt = (uint64_t)SIZE(tree, SALT) * 0x9E3779B97F4A7C15u;
    return (uint64_t)make_key(node, AT(tree->node, node).visits) ^ salt;
}

/* Keep the rest of a trace at the edge by which it left the tree. */
HOT void keep_tail(TreeColumns *tree, int64_t edge, I32 symbols, int64_t start, int64_t stop,
                   const GrowthRules *rules) {
    if (stop - start > rules->longest) {
        SIZE(tree, LOST_TAILS) += 1;
        SIZE(tree, LOST_EVENTS) += stop - start;
        return;
    }
    int64_t tail = SIZE(tree, FREED);
    if (tail >= 0)
        SIZE(tree, FREED) = AT(tree->tail, tail).tail_next;
    else
        tail = SIZE(tree, TAILS)++;
    int64_t stored = SIZE(tree, STORED);
    int32_t largest = -1;
    for (int64_t at = 0; at < stop - start; at++) {
        int32_t symbol = AT(tree->store, stored + at) = AT(symbols, start + at);
        largest = symbol > largest ? symbol : largest;
    }
    SIZE(tree, STORED) = stored + stop - start;
    SIZE(tree, SYMBOLS_SEEN) = most_of(SIZE(tree, SYMBOLS_SEEN), largest + 1);
    AT(tree->tail, tail) = (TreeTail){AT(tree->edge, edge).tails, stored, stored + stop - start};
    AT(tree->edge, edge).tails = (int32_t)tail;
}

/* Give the row of a tail that ended back. */
static void free_tail(TreeColumns *tree, int64_t tail) {
    AT(tree->tail, tail).tail_start = -1;
    AT(tree->tail, tail).tail_next = (int32_t)SIZE(tree, FREED);
    SIZE(tree, FREED) = tail;
}

/* Hang a tail on an edge. */
static void hang_tail(TreeColumns *tree, int64_t edge, int64_t tail) {
    AT(tree->tail, tail).tail_next = AT(tree->edge, edge).tails;
    AT(tree->edge, edge).tails = (int32_t)tail;
}

/* Count a tail from a node on, down to where the tree has not grown. */
static void place_tail(TreeColumns *tree, const Coding *coding, int64_t node, int64_t tail) {
    int64_t position = AT(tree->tail, tail).tail_start, stop = AT(tree->tail, tail).tail_stop;
    while (1) {
        AT(tree->node, node).visits += 1;
        sketch_futures(sketch_of(tree->sketch, node), coding, tree->store, position, stop, visit_of(tree, node));
        if (position == stop) {
            AT(tree->node, node).ends += 1;
            free_tail(tree, tail);
            return;
        }
        int64_t edge = find_or_add_edge(tree, node, AT(tree->store, position));
        AT(tree->edge, edge).counts += 1;
        position++;
        if (AT(tree->edge, edge).child < 0) {
            AT(tree->tail, tail).tail_start = position;
            hang_tail(tree, edge, tail);
            return;
        }
        node = AT(tree->edge, edge).child;
    }
}

/* Give an edge a child, to which its tails move. */
static void grow_edge(TreeColumns *tree, const Coding *coding, int64_t node, int64_t symbol, int64_t edge) {
    int64_t child = add_node(tree, node, symbol), tail = AT(tree->edge, edge).tails;
    AT(tree->edge, edge).child = (int32_t)child;
    AT(tree->edge, edge).tails = -1;
    while (tail >= 0) {
        int64_t following = AT(tree->tail, tail).tail_next;
        place_tail(tree, coding, child, tail);
        tail = following;
    }
}

/* How many tails an edge has. */
HOT int64_t count_tails(const TreeColumns *tree, int64_t edge) {
    int64_t number = 0;
    for (int64_t tail = AT(tree->edge, edge).tails; tail >= 0; tail = AT(tree->tail, tail).tail_next) number++;
    return number;
}

/* Whether an edge gets a child now; where only room is missing, ask for it. */
HOT int may_grow(TreeColumns *tree, int64_t node, int64_t edge, const GrowthRules *rules) {
    int64_t below = AT(tree->node, node).below;
    if (AT(tree->node, node).visits < rules->grow_at || below >= rules->reach) return 0;
    if (below + 1 >= rules->far && AT(tree->edge, edge).counts < rules->hold) return 0;
    /* Each tail that moves down may need an edge of its own, and so may the trace itself. */
    int64_t edges = least_of(count_tails(tree, edge), SIZE(tree, SYMBOLS_SEEN)) + 1;
    if (SIZE(tree, NODES) < tree->node.n && SIZE(tree, EDGES) + edges <= tree->edge.n) return 1;
    SIZE(tree, WANTED) = edges;
    return 0;
}

/* Whether an edge has tails but no child to take them. */
HOT int may_take_tails(const TreeColumns *tree, int64_t edge) {
    return AT(tree->edge, edge).child < 0 && AT(tree->edge, edge).tails >= 0;
}

/* Move the tails of an edge into a child of its own; where there is no room ask for it, and tell so. */
static int took_tails(TreeColumns *tree, const Coding *coding, int64_t node, int64_t edge) {
    int64_t edges = least_of(count_tails(tree, edge), SIZE(tree, SYMBOLS_SEEN));
    if (SIZE(tree, NODES) == tree->node.n || SIZE(tree, EDGES) + edges > tree->edge.n) {
        SIZE(tree, WANTED) = edges;
        return 0;
    }
    grow_edge(tree, coding, node, key_symbol(AT(tree->edge, edge).keys), edge);
    return 1;
}

KERNEL(grow_tails, { TreeColumns *tree; Coding *coding; int64_t start; int64_t levels; }) {
    TreeColumns *tree = in->tree;
    int64_t node = in->start;
    for (; node < SIZE(tree, NODES); node++) {
        int64_t edge = AT(tree->node, node).below < in->levels ? AT(tree->node, node).first : -1;
        for (; edge >= 0; edge = AT(tree->edge, edge).next) {
            if (!may_take_tails(tree, edge)) continue;
            if (!took_tails(tree, in->coding, node, edge)) return node;
        }
    }
    return node;
}

/* Steps of a trace from the root on: where it goes while nothing has to be made. */
enum { ABREAST = 64, FORESEEN = 32 };
typedef struct {
    int32_t edge, node;
} Step;
typedef struct {
    Step steps[FORESEEN];
    int64_t count, node;
} Path;

/* Find the way of some traces through the tree as it is, at most FORESEEN steps of each, without counting.
 *
 * A trace alone waits for the memory three times a step, for slot, edge and node, each of which says where the next one
 * is.  Side by side they wait together; what is counted afterwards stands in the cache.
 */
HOT void walk_ahead(const TreeColumns *tree, I32 symbols, I64 offsets, int64_t first, int64_t traces, Path *paths) {
    int32_t active[ABREAST];
    int64_t keys[ABREAST], homes[ABREAST];
    int64_t left = traces;
    for (int64_t i = 0; i < traces; i++) {
        paths[i].count = paths[i].node = 0;
        active[i] = (int32_t)i;
    }
    for (int64_t level = 0; level < FORESEEN && left > 0; level++) {
        int64_t still = 0;
        for (int64_t at = 0; at < left; at++) {
            int64_t i = active[at], position = AT(offsets, first + i) + level;
            active[still] = (int32_t)i;
            if (position == AT(offsets, first + i + 1)) continue;
            keys[still] = make_key(paths[i].node, AT(symbols, position));
            homes[still] = home_slot(tree->slots, keys[still]);
            FETCH(&AT(tree->slots, homes[still]));
            still++;
        }
        left = still;
        for (int64_t at = 0; at < left; at++) {
            int64_t edge = AT(tree->slots, homes[at]);
            FETCH(&AT(tree->edge, edge < 0 ? 0 : edge));
        }
        still = 0;
        for (int64_t at = 0; at < left; at++) {
            int64_t i = active[at];
            int64_t edge = AT(tree->slots, find_slot_from(homes[at], tree->slots, KEYS(tree->edge), keys[at]));
            if (edge == FREE || AT(tree->edge, edge).child < 0) continue;
            int64_t node = paths[i].node = AT(tree->edge, edge).child;
            FETCH(&AT(tree->node, node));
            paths[i].steps[level] = (Step){(int32_t)edge, (int32_t)node};
            paths[i].count = level + 1;
            active[still++] = (int32_t)i;
        }
        left = still;
    }
}

/* Count the steps that are known of a trace; return the node to which they lead. */
HOT int64_t count_steps(TreeColumns *tree, const Path *path) {
    int64_t node = 0;
    for (int64_t at = 0; at < path->count; at++) {
        AT(tree->node, node).visits += 1;
        AT(tree->edge, path->steps[at].edge).counts += 1;
        node = path->steps[at].node;
    }
    return node;
}

/* Path one trace down from a node, counting; keep as a tail what goes further than the tree. */
HOT void count_trace(TreeColumns *tree, const Coding *coding, I32 symbols, int64_t node, int64_t start, int64_t stop,
                     const GrowthRules *rules, int sketched) {
    for (int64_t position = start; position < stop; position++) {
        AT(tree->node, node).visits += 1;
        if (sketched)
            sketch_futures(sketch_of(tree->sketch, node), coding, symbols, position, stop, visit_of(tree, node));
        int64_t edge = find_or_add_edge(tree, node, AT(symbols, position));
        AT(tree->edge, edge).counts += 1;
        if (AT(tree->edge, edge).child < 0) {
            if (!may_grow(tree, node, edge, rules)) {
                keep_tail(tree, edge, symbols, position + 1, stop, rules);
                return;
            }
            grow_edge(tree, coding, node, AT(symbols, position), edge);
        }
        node = AT(tree->edge, edge).child;
    }
    AT(tree->node, node).visits += 1;
    AT(tree->node, node).ends += 1;
    if (sketched) sketch_futures(sketch_of(tree->sketch, node), coding, symbols, stop, stop, visit_of(tree, node));
}

/* Whether a trace of this length can be counted; in any case it can leave by a new edge with a tail. */
HOT int has_room(const TreeColumns *tree, int64_t length, const GrowthRules *rules) {
    int64_t rows = rules->grow_at == 1 ? length + 1 : 1;
    if (SIZE(tree, NODES) + rows > tree->node.n || SIZE(tree, EDGES) + rows > tree->edge.n) return 0;
    if (length > rules->longest) return 1;
    int no_row = SIZE(tree, FREED) < 0 && SIZE(tree, TAILS) == tree->tail.n;
    return !no_row && SIZE(tree, STORED) + length <= tree->store.n;
}

KERNEL(count_batch, {
    TreeColumns *tree;
    Coding *coding;
    I32 symbols;
    I64 offsets;
    int64_t start;
    int64_t stop;
    GrowthRules *rules;
}) {
    TreeColumns *tree = in->tree;
    int sketched = tree->sketch.n * tree->sketch.n1 * tree->sketch.n2 * tree->sketch.n3 > 0;
    Path paths[ABREAST];
    SIZE(tree, WANTED) = 0;
    for (int64_t block = in->start; block < in->stop; block += ABREAST) {
        int64_t traces = least_of(ABREAST, in->stop - block);
        if (!sketched) walk_ahead(tree, in->symbols, in->offsets, block, traces, paths);
        for (int64_t trace = block; trace < block + traces; trace++) {
            int64_t first = AT(in->offsets, trace), last = AT(in->offsets, trace + 1);
            if (!has_room(tree, last - first, in->rules)) {
                SIZE(tree, WANTED) = 1;
                return trace;
            }
            const Path *path = &paths[trace - block];
            int64_t node = sketched ? 0 : count_steps(tree, path), known = sketched ? 0 : path->count;
            count_trace(tree, in->coding, in->symbols, node, first + known, last, in->rules, sketched);
            if (SIZE(tree, WANTED) > 0) return trace + 1;
        }
    }
    return in->stop;
}

KERNEL(compact_tails, { TreeColumns *tree; I64 order; }) {
    TreeColumns *tree = in->tree;
    int64_t stored = 0;
    for (int64_t at = 0; at < in->order.n; at++) {
        TreeTail *tail = &AT(tree->tail, AT(in->order, at));
        int64_t length = tail->tail_stop - tail->tail_start;
        for (int64_t symbol = 0; symbol < length; symbol++)
            AT(tree->store, stored + symbol) = AT(tree->store, tail->tail_start + symbol);
        tail->tail_start = stored;
        tail->tail_stop = stored + length;
        stored += length;
    }
    SIZE(tree, STORED) = stored;
    return 0;
}

KERNEL(relink, { TreeColumns *tree; }) {
    TreeColumns *tree = in->tree;
    for (int64_t node = 0; node < SIZE(tree, NODES); node++) AT(tree->node, node).first = -1;
    clear(tree->slots);
    for (int64_t edge = 0; edge < SIZE(tree, EDGES); edge++) {
        int64_t key = AT(tree->edge, edge).keys, node = key_node(key);
        AT(tree->edge, edge).next = AT(tree->node, node).first;
        AT(tree->node, node).first = (int32_t)edge;
        AT(tree->slots, find_slot(tree->slots, KEYS(tree->edge), key)) = (int32_t)edge;
    }
    return 0;
}
