/* How far the nodes of a tree lie below the states of an automaton; see states.py. */

KERNEL(place_nodes, { TreeColumns *tree; I32 reds; }) {
    TreeColumns *tree = in->tree;
    for (int64_t node = 1; node < SIZE(tree, NODES); node++) AT(tree->node, node).below = -1;
    AT(tree->node, 0).below = 0;
    for (int64_t red = 0; red < in->reds.n; red++) AT(tree->node, AT(in->reds, red)).below = 0;
    for (int64_t node = 1; node < SIZE(tree, NODES); node++)
        if (AT(tree->node, node).below < 0)
            AT(tree->node, node).below = AT(tree->node, AT(tree->node, node).parent).below + 1;
    return 0;
}

KERNEL(raise_levels, { TreeColumns *tree; I32 levels; }) {
    TreeColumns *tree = in->tree;
    for (int64_t node = 0; node < in->levels.n; node++) AT(in->levels, node) = AT(tree->node, node).below;
    for (int64_t node = in->levels.n - 1; node > 0; node--) {
        int32_t *above = &AT(in->levels, AT(tree->node, node).parent);
        if (AT(in->levels, node) < *above) *above = AT(in->levels, node);
    }
    return 0;
}
