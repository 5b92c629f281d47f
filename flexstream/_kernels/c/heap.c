/* A binary heap of (weight, node): the heaviest first, of equals the node with the smallest number. */

/* Whether entry a comes out before entry b. */
HOT int before(I64 weights, I32 nodes, int64_t a, int64_t b) {
    if (AT(weights, a) != AT(weights, b)) return AT(weights, a) > AT(weights, b);
    return AT(nodes, a) < AT(nodes, b);
}

HOT void swap_entries(I64 weights, I32 nodes, int64_t a, int64_t b) {
    int64_t weight = AT(weights, a);
    AT(weights, a) = AT(weights, b);
    AT(weights, b) = weight;
    exchange(nodes, a, b);
}

/* Enter (weight, node) into a heap of `size` entries. */
static void heap_push(I64 weights, I32 nodes, int64_t size, int64_t weight, int64_t node) {
    AT(weights, size) = weight;
    AT(nodes, size) = (int32_t)node;
    for (int64_t at = size; at > 0 && before(weights, nodes, at, (at - 1) / 2); at = (at - 1) / 2)
        swap_entries(weights, nodes, at, (at - 1) / 2);
}

/* Take the first entry out of a heap of `size` entries and return its node. */
static int64_t heap_pop(I64 weights, I32 nodes, int64_t size, int64_t *weight) {
    int64_t node = AT(nodes, 0), last = size - 1, at = 0;
    *weight = AT(weights, 0);
    AT(weights, 0) = AT(weights, last);
    AT(nodes, 0) = AT(nodes, last);
    while (1) {
        int64_t least = at;
        for (int64_t kid = 2 * at + 1; kid <= 2 * at + 2; kid++)
            if (kid < last && before(weights, nodes, kid, least)) least = kid;
        if (least == at) return node;
        swap_entries(weights, nodes, at, least);
        at = least;
    }
}

/* Push all, pop all. */
KERNEL(sort_by_heap, { I64 weights; I32 nodes; I64 heap; I32 names; I64x2 entries; }) {
    int64_t size = in->weights.n;
    for (int64_t i = 0; i < size; i++) heap_push(in->heap, in->names, i, AT(in->weights, i), AT(in->nodes, i));
    for (int64_t i = 0; i < size; i++)
        AT2(in->entries, i, 1) = heap_pop(in->heap, in->names, size - i, &AT2(in->entries, i, 0));
    return 0;
}
