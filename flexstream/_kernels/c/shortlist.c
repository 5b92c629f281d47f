/* Which red nodes are worth a trial: those whose next symbols come near those of the blue node; see shortlist.py. */

enum { GROUPS = 32, MANY = 32, FEW = 48, CROWD = 256, HEAVY = 1 << 20 };
enum { PATIENCE = 250, LITTLE = 1000, SHALLOW = 16 };

static const double SPARE = 8.0, LOST = 4.0, STALE = 1.1, PRIOR = 2.0;

RECORD(SearchColumns, {
    I32 reds;
    I64 weights;
    I32 blues;
    F64 base;
    I64x2 counts;
    F64 shares;
    I32 open;
    I32 waiting;
    I32x2 futures;
    F32x2 groups;
    F64 group_shares;
    F64 tally;
    F32 weighed;
    I32 place;
    F32 gap;
    I32 short_;
    I32x2 items;
    I64 size;
})

/* The group of a symbol; 0 is the end's. */
HOT int64_t group_of(int64_t symbol, int64_t alphabet) {
    if (alphabet < GROUPS) return symbol + 1;
    return (int64_t)(mix((uint64_t)symbol) % (GROUPS - 1)) + 1;
}

KERNEL(add_shares, { F64 base; F64 shares; }) {
    int64_t alphabet = in->base.n - 1;
    for (int64_t group = 0; group < GROUPS; group++) AT(in->shares, group) = 0.0;
    AT(in->shares, 0) = AT(in->base, 0);
    for (int64_t symbol = 0; symbol < alphabet; symbol++)
        AT(in->shares, group_of(symbol, alphabet)) += AT(in->base, 1 + symbol);
    return 0;
}

/* Count the outcomes of a node by group; return how many there are. */
static double count_groups(const FoldColumns *fold, int64_t alphabet, int64_t node, F64 counts) {
    for (int64_t group = 0; group < GROUPS; group++) AT(counts, group) = 0.0;
    double total = AT(counts, 0) = (double)AT(fold->node, node).ends;
    for (int64_t edge = AT(fold->node, node).first; edge >= 0; edge = AT(fold->edge, edge).next) {
        double count = (double)AT(fold->edge, edge).counts;
        AT(counts, group_of(key_symbol(AT(fold->edge, edge).keys), alphabet)) += count;
        total += count;
    }
    return total;
}

/* Set the logarithms of the shares of a red node's groups. */
static void weigh_groups(const FoldColumns *fold, SearchColumns *search, int64_t node) {
    double total = count_groups(fold, search->base.n - 1, node, search->tally);
    int64_t place = AT(search->place, node);
    AT(search->weighed, place) = (float)AT(fold->node, node).visits;
    for (int64_t group = 0; group < GROUPS; group++) {
        double share = (AT(search->tally, group) + PRIOR * AT(search->group_shares, group)) / (total + PRIOR);
        AT2(search->groups, group, place) = share > 0.0 ? (float)log(share) : 0.0f;
    }
}

/* Take off each gap what a group that so many events fell into says. */
static void lessen_gaps(F32 gap, F32 row, float count, int64_t reds) {
    for (int64_t red = 0; red < reds; red++) AT(gap, red) -= count * AT(row, red);
}

/* Set each red node's gap, N · KL(f ‖ g); return N, and how many groups were seen. */
static double measure_gaps(const FoldColumns *fold, SearchColumns *search, int64_t node, int64_t reds, int64_t *seen) {
    F64 counts = search->tally;
    double total = count_groups(fold, search->base.n - 1, node, counts), own = 0.0;
    *seen = 0;
    for (int64_t group = 0; group < GROUPS; group++) {
        if (AT(counts, group) <= 0.0) continue;
        own += AT(counts, group) * log(AT(counts, group) / total);
        *seen += 1;
    }
    for (int64_t red = 0; red < reds; red++) AT(search->gap, red) = (float)own;
    for (int64_t group = 0; group < GROUPS; group++) {
        float count = (float)AT(counts, group);
        if (count <= 0.0f) continue;
        F32 row = {search->groups.at + INSIDE(group, search->groups.n, groups) * search->groups.n1, search->groups.n1};
        lessen_gaps(search->gap, row, count, reds);
    }
    return total;
}

/* Up to which gap a light node is tried: LOST above the least, but less where that leaves many. */
static double limit_for_light(F32 gap, int64_t reds, double least) {
    double margin = LOST;
    for (; margin > 0.1; margin *= 0.5) {
        int64_t near = 0;
        for (int64_t red = 0; red < reds; red++) near += AT(gap, red) <= least + margin;
        if (near <= FEW) break;
    }
    return least + margin;
}

/* By how many nats the approximation may err. */
HOT double spare_of(int64_t reds) { return reds < CROWD ? SPARE : 0.5 * SPARE; }

/* The negative of the approximate log Bayes factor. */
HOT double nats_against(double gap, double total, double visits, int64_t seen) {
    double share = visits > 0.0 ? visits / (total + visits) : 0.0;
    return gap * share - 0.5 * (double)seen * log(1.0 + total * share);
}

/* Make the gap of each red node infinite that is out of the question, without a branch or a division. */
static void rule_out(F32 gap, F32 weighed, int64_t reds, float widest, float total, double most) {
    for (int64_t red = 0; red < reds; red++) {
        float visits = AT(weighed, red), found = AT(gap, red);
        int far = found * visits > widest * (total + visits);
        AT(gap, red) = (far | ((double)found > most)) ? (float)INFINITY : found;
    }
}

/* List the red nodes whose gap is not too wide, the likeliest last; return how many there are. */
static int64_t list_likely(SearchColumns *search, int64_t reds, double total, int64_t seen, double spare) {
    double least = spare;
    int64_t listed = 0, likeliest = 0;
    for (int64_t red = 0; red < reds; red++) {
        if (!(AT(search->gap, red) < (float)INFINITY)) continue;
        double against = nats_against(AT(search->gap, red), total, AT(search->weighed, red), seen);
        if (!(against <= spare)) continue;
        AT(search->short_, listed) = AT(search->reds, red);
        if (against < least) {
            likeliest = listed;
            least = against;
        }
        listed++;
    }
    if (listed > 0) exchange(search->short_, likeliest, listed - 1);
    return listed;
}

/* List the red nodes that a blue node should be tried on, at least the nearest; return how many.
 *
 * They come in their order, but the likeliest last: a trial that turns out to be the merge need not be taken back.
 *
 * A light node has too few events to contradict any red node.  It goes to the best of them, so only those are listed
 * to whose next symbols it does not come LOST nats worse than to the nearest's.  `allowed` is how many nats may speak
 * against a merge.
 */
static int64_t shortlist(const FoldColumns *fold, SearchColumns *search, int64_t node, int64_t reds, int light,
                         double allowed) {
    F32 gap = search->gap;
    int64_t seen, nearest = 0;
    double total = measure_gaps(fold, search, node, reds, &seen);
    for (int64_t red = 0; red < reds; red++)
        if (AT(gap, red) < AT(gap, nearest)) nearest = red;
    double most = light ? limit_for_light(gap, reds, AT(gap, nearest)) : INF;
    double spare = spare_of(reds) + allowed;
    double widest = spare + 0.5 * (double)seen * log(1.0 + total); /* that can be and be tried still */
    rule_out(gap, search->weighed, reds, (float)widest, (float)total, most);
    int64_t listed = list_likely(search, reds, total, seen, spare);
    if (listed > 0 || reds == 0) return listed;
    AT(search->short_, 0) = AT(search->reds, nearest);
    return 1;
}

/* Let one of the red nodes that are listed, all of them in their order, come last: of those that are about as likely as
 * the likeliest the heaviest, which has the most to say for itself.
 */
static void put_likeliest_last(const FoldColumns *fold, SearchColumns *search, int64_t node, int64_t reds) {
    int64_t seen, likeliest = 0;
    double total = measure_gaps(fold, search, node, reds, &seen), least = INF;
    for (int64_t red = 0; red < reds; red++) {
        double against = nats_against(AT(search->gap, red), total, AT(search->weighed, red), seen);
        AT(search->gap, red) = (float)against;
        least = fmin(least, against);
    }
    float heaviest = -1.0f;
    for (int64_t red = 0; red < reds; red++) {
        if (AT(search->gap, red) > (float)(least + SPARE) || AT(search->weighed, red) <= heaviest) continue;
        heaviest = AT(search->weighed, red);
        likeliest = red;
    }
    for (int64_t red = likeliest; red + 1 < reds; red++) AT(search->short_, red) = AT(search->reds, red + 1);
    AT(search->short_, reds - 1) = AT(search->reds, likeliest);
}
