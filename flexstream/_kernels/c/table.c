/* The open-addressing table from (node, symbol) to edge, and the hash functions; see table.py. */

enum { FREE = -1 };

/* Scramble 64 bits (the finaliser of SplitMix64: Steele, Lea & Flood, OOPSLA 2014). */
HOT uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

/* Extend the hash of a string by one symbol; every bit of both goes into every bit of the result. */
HOT uint64_t chain(uint64_t running, uint64_t symbol) { return mix(running * 0x9E3779B97F4A7C15u + symbol + 1); }

HOT int64_t make_key(int64_t node, int64_t symbol) { return (int64_t)((uint64_t)node << 32 | (uint64_t)symbol); }
HOT int64_t key_node(int64_t key) { return key >> 32; }
HOT int64_t key_symbol(int64_t key) { return key & 0xFFFFFFFF; }

/* The slot where the search for a key begins; eight symbols of a node stand side by side. */
HOT int64_t home_slot(I32 slots, int64_t key) {
    return (int64_t)((mix((uint64_t)(key >> 3)) + (uint64_t)(key & 7)) & (uint64_t)(slots.n - 1));
}

/* The slot that holds the key, or the free one where it belongs, searched from where the search for it begins. */
HOT int64_t find_slot_from(int64_t slot, I32 slots, Keys keys, int64_t key) {
    while (1) {
        int32_t edge = AT(slots, slot);
        if (edge == FREE || KEY_AT(keys, edge) == key) return slot;
        slot = (slot + 1) & (slots.n - 1);
    }
}

/* The slot that holds the key, or the free one where it belongs. */
HOT int64_t find_slot(I32 slots, Keys keys, int64_t key) {
    return find_slot_from(home_slot(slots, key), slots, keys, key);
}

static void clear(I32 slots) {
    for (int64_t slot = 0; slot < slots.n; slot++) AT(slots, slot) = FREE;
}

KERNEL(rebuild, { I32 slots; Keys keys; int64_t edges; }) {
    clear(in->slots);
    for (int64_t edge = 0; edge < in->edges; edge++)
        AT(in->slots, find_slot(in->slots, in->keys, KEY_AT(in->keys, edge))) = (int32_t)edge;
    return 0;
}
