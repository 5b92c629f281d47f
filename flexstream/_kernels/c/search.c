/* The red-blue search: which blue node becomes red, which is folded where, and on what evidence; see search.py. */

enum { PROMOTE, MERGE, UNDECIDED };
enum { KEPT, GREEDY, FORCED, DROPPED };
enum { REDS, HEAP, WAITING, WORK };

RECORD(Rules, {
    double margin;
    double slack;
    double lead;
    double division;
    int64_t light;
    int64_t mean;
    int64_t trusting;
    int64_t deepest;
    int64_t apart;
    int64_t patient;
    int64_t narrow;
    int64_t consistent;
    int64_t most;
})
RECORD(JournalColumns, {
    I8 kind;
    I8 stage;
    I32 node;
    I32 into;
    F64 score;
    F64 second;
    I64 visits;
    F64 division;
    I64 size;
})

/* What a search is about. */
typedef struct {
    FoldColumns *fold;
    SearchColumns *search;
    Judge judge;
    const void *parameters;
    const Rules *rules;
    JournalColumns *journal;
    I64 stopped; /* not 0 once a judge wants the search to end */
    int64_t sketch_shape[3], futures_shape[2];
} Search;

/* Another thread may set it at any moment. */
HOT int is_stopped(const Search *is) { return *(volatile int64_t *)&AT(is->stopped, 0) != 0; }

/* Move what row 1 holds to a row for each symbol; return how many rows there are. */
static int64_t gather_apart(const FoldColumns *fold, SearchColumns *search, int64_t target, int64_t source,
                            int64_t rows) {
    for (int64_t edge = AT(fold->node, target).first; edge >= 0; edge = AT(fold->edge, edge).next) {
        int64_t symbol = key_symbol(AT(fold->edge, edge).keys);
        int64_t slot = find_slot(fold->slots, KEYS(fold->edge), make_key(source, symbol));
        if (AT(fold->slots, slot) != FREE) continue;
        AT2(search->counts, rows, 0) = AT(fold->edge, edge).counts;
        AT2(search->counts, rows, 1) = 0;
        AT(search->shares, rows) = AT(search->base, 1 + symbol);
        AT2(search->counts, 1, 0) -= AT2(search->counts, rows, 0);
        AT(search->shares, 1) -= AT(search->shares, rows);
        rows++;
    }
    return rows;
}

/* Line up the next-symbol counts of a pair; return how many rows there are.
 *
 * Row 0 is the end of the trace, row 1 all symbols that the source has not seen, then the source's symbols.  With
 * `apart` those of row 1 come last, one by one, and row 1 stays empty.
 */
HOT int64_t gather(const FoldColumns *fold, SearchColumns *search, int64_t pair, int apart) {
    int64_t target = AT2(fold->pairs, pair, TARGET), source = AT2(fold->pairs, pair, SOURCE);
    const FoldNode *one = &AT(fold->node, target), *other = &AT(fold->node, source);
    I64x2 counts = search->counts;
    int64_t rest = one->visits - one->ends, rest2 = other->visits - other->ends;
    double share = 1.0 - AT(search->base, 0);
    int64_t rows = 2, at = AT2(fold->marks, pair, TWINS_BEFORE);
    AT2(counts, 0, 0) = one->ends, AT2(counts, 0, 1) = other->ends;
    AT(search->shares, 0) = AT(search->base, 0);
    for (int64_t edge = other->first; edge >= 0; edge = AT(fold->edge, edge).next) {
        int64_t symbol = key_symbol(AT(fold->edge, edge).keys), twin = AT(fold->twins, at++);
        int64_t count = twin == FREE ? 0 : AT(fold->edge, twin).counts, count2 = AT(fold->edge, edge).counts;
        double part = AT(search->base, 1 + symbol);
        AT2(counts, rows, 0) = count, AT2(counts, rows, 1) = count2;
        AT(search->shares, rows++) = part;
        rest -= count, rest2 -= count2, share -= part;
    }
    AT2(counts, 1, 0) = rest, AT2(counts, 1, 1) = rest2;
    AT(search->shares, 1) = share;
    return apart ? gather_apart(fold, search, target, source, rows) : rows;
}

/* What the judge says of a pair whose counts are lined up in so many rows. */
HOT double judge_pair(const Search *is, int64_t pair, int64_t rows) {
    const FoldColumns *fold = is->fold;
    const SearchColumns *search = is->search;
    I32x3 target = sketch_of(fold->sketch, AT2(fold->pairs, pair, TARGET));
    I32x3 source = sketch_of(fold->sketch, AT2(fold->pairs, pair, SOURCE));
    return is->judge(search->counts.at, search->shares.at, rows, target.at, source.at, is->sketch_shape,
                     search->futures.at, is->futures_shape, is->parameters);
}

/* The log Bayes factor of one against two ways in which visits divide among the outcomes that either node of a pair has,
 * whose counts are lined up in so many rows; infinite of a single outcome, among which nothing divides.
 *
 * It leaves out what the judge counts for a merge, that the two have the same outcomes at all: a state of its own may
 * have them too.  All ways are as likely beforehand, so each outcome is worth one observation.
 */
HOT double judge_division(const Search *is, int64_t pair, int64_t rows) {
    const FoldColumns *fold = is->fold;
    I64x2 counts = is->search->counts;
    int64_t edge = AT(fold->node, AT2(fold->pairs, pair, TARGET)).first, kinds = 0, all = 0, others = 0;
    double total = 0.0;
    for (; edge >= 0; edge = AT(fold->edge, edge).next) kinds += AT(fold->edge, edge).counts > 0;
    for (int64_t row = 0; row < rows; row++) {
        int64_t one = AT2(counts, row, 0), other = AT2(counts, row, 1);
        all += one, others += other;
        if (other > 0 && one > 0) total += log_rising_of(1.0, one, other);
        kinds += row == 0 ? one + other > 0 : other > 0 && one == 0;
    }
    return kinds < 2 ? INF : total - log_rising_of((double)kinds, all, others);
}

/* How far a trial is followed, and what it must stand. */
typedef struct {
    double floor;    /* score of the pairs so far, below which it ends */
    double division; /* least that how the first pair's visits divide may say */
    int64_t deepest; /* levels */
} Limits;

/* What a trial gave. */
typedef struct {
    double score, division;
    int64_t merged; /* pairs, by the end of it */
} Tried;

/* Fold a pair, judging as it goes, until it falls below the floor.
 *
 * Where the visits of the first pair divide too differently, the score says no, however much the rest says for it.
 */
static Tried trial(const Search *is, int64_t target, int64_t source, Limits limits) {
    FoldColumns *fold = is->fold;
    const Rules *rules = is->rules;
    double total = 0.0, division = INF;
    int64_t pair = 0, level = 0, last = 1;
    start_fold(fold, target, source);
    for (; pair < TRAIL(fold, PAIRS); pair++) {
        if (pair == last) { /* pairs join the trail level by level */
            level++;
            last = TRAIL(fold, PAIRS);
            if (level > limits.deepest) break;
        }
        find_twins(fold, pair);
        int64_t rows = gather(fold, is->search, pair, rules->apart == 1);
        total += judge_pair(is, pair, rows);
        if (total < limits.floor || total == -INF || limits.deepest == 0 || is_stopped(is)) break;
        if (pair == 0 && rules->division < INF) division = judge_division(is, pair, rows);
        fold_pair(fold, pair);
    }
    if (rules->mean == 1) total /= (double)most_of(1, pair);
    return (Tried){division < limits.division ? fmin(total, division + rules->division) : total, division, pair};
}

/* The most that the next symbols of a node could say for a merge: against those of a heavy node that are just as its own.
 */
static double most_said(const Search *is, int64_t node) {
    const FoldColumns *fold = is->fold;
    const SearchColumns *search = is->search;
    I64x2 counts = search->counts;
    int64_t rows = 2;
    AT2(counts, 0, 1) = AT(fold->node, node).ends, AT2(counts, 1, 1) = 0;
    AT(search->shares, 0) = AT(search->base, 0), AT(search->shares, 1) = 0.0;
    for (int64_t edge = AT(fold->node, node).first; edge >= 0; edge = AT(fold->edge, edge).next) {
        AT2(counts, rows, 1) = AT(fold->edge, edge).counts;
        AT(search->shares, rows++) = AT(search->base, 1 + key_symbol(AT(fold->edge, edge).keys));
    }
    for (int64_t row = 0; row < rows; row++) AT2(counts, row, 0) = HEAVY * AT2(counts, row, 1);
    I32x3 sketch = sketch_of(fold->sketch, node);
    return is->judge(counts.at, search->shares.at, rows, sketch.at, sketch.at, is->sketch_shape, search->futures.at,
                     is->futures_shape, is->parameters);
}

/* Whether the search has taken back so many merges of nodes that it looks no further than the next levels from here on.
 *
 * Where many nodes are alike down to far below, as in long runs of one symbol, all of a tree would be looked through
 * for each pair of nodes otherwise.
 */
HOT int is_spent(const Search *is) {
    return is->rules->narrow == 1 && SIZE(is->search, WORK) > PATIENCE * (LITTLE + is->fold->node.n);
}

/* The score that a merge of a node needs.
 *
 * Where a margin is asked for that the node's next symbols cannot reach however well they fit, each such node becomes a
 * state; once the search is spent, half of what they can say does.
 */
static double margin_of(const Search *is, int64_t node) {
    const Rules *rules = is->rules;
    if (rules->margin <= rules->slack || !is_spent(is)) return rules->margin;
    double most = most_said(is, node);
    return most < rules->margin - rules->slack ? 0.5 * most : rules->margin;
}

/* The best targets that a blue node has. */
typedef struct {
    int64_t best;         /* the red node it fits best, -1: none */
    double score, second; /* its score and the runner-up's */
    double division;      /* what is said for it by how visits divide */
    int64_t standing;     /* where the last trial is the best and a merge, its pairs, so many, stay merged */
} Verdict;

/* Whether there are as many states as there may be. */
HOT int is_full(const Search *is) { return SIZE(is->search, REDS) >= is->rules->most; }

/* Whether a blue node is folded whatever the score: it has too few events to be a state, or there are states enough. */
HOT int must_fold(const Search *is, int64_t node) {
    return AT(is->fold->node, node).visits < is->rules->light || is_full(is);
}

/* Whether all red nodes are tried, however many there are, or only those on a shortlist. */
HOT int tries_all(const Search *is) { return is->rules->narrow == 0 || SIZE(is->search, REDS) < MANY; }

/* Whether a trial gave the best score so far.  Of equal ones that of the older red node is, where all are tried. */
HOT int is_better(const Search *is, Verdict found, double score, int64_t target) {
    if (score != found.score || found.best < 0 || !tries_all(is)) return score > found.score;
    return AT(is->search->place, target) < AT(is->search->place, found.best);
}

/* Try a blue node on the listed red nodes; all trials are taken back but for one that stands. */
static Verdict best_target(const Search *is, int64_t listed, int64_t source, double margin) {
    FoldColumns *fold = is->fold;
    I32 reds = is->search->short_;
    const Rules *rules = is->rules;
    Verdict found = {-1, -INF, -INF, INF, 0};
    int spent = is_spent(is), light = must_fold(is, source);
    Limits limits = {.floor = rules->mean == 1 ? -INF : margin - rules->slack,
                     .division = light ? -INF : fmin(margin, 0.0) - rules->division,
                     .deepest = spent ? least_of(SHALLOW, rules->deepest) : rules->deepest};
    for (int64_t at = spent ? most_of(0, listed - FEW) : 0; at < listed && !is_stopped(is); at++) {
        int64_t target = AT(reds, at);
        if (at + 1 < listed) fetch_twin(fold, AT(reds, at + 1), source);
        if (light && rules->mean == 0)
            /* It must go somewhere, be the best ever so bad. */
            limits.floor = fmin(margin - rules->slack, found.score - LOST);
        Tried tried = trial(is, target, source, limits);
        if (is_better(is, found, tried.score, target)) {
            found = (Verdict){target, tried.score, found.score, tried.division, 0};
            if (at + 1 == listed && tried.score > margin && tried.merged == TRAIL(fold, PAIRS)) {
                found.standing = tried.merged;
                return found;
            }
        } else if (tried.score > found.second) {
            found.second = tried.score;
        }
        undo_fold(fold, tried.merged);
        SIZE(is->search, WORK) += 1 + tried.merged;
    }
    return found;
}

/* List the red nodes that a blue node is tried on; return how many they are.
 *
 * What a trial of a node that is not light gives does not hang on the trials before it, so that its likeliest red node
 * comes last: that merge then need not be taken back.
 */
static int64_t list_worth_trying(const Search *is, int64_t node) {
    SearchColumns *search = is->search;
    int64_t reds = SIZE(search, REDS);
    int light = must_fold(is, node);
    if (!tries_all(is)) return shortlist(is->fold, search, node, reds, light, fmax(0.0, -is->rules->margin));
    for (int64_t red = 0; red < reds; red++) AT(search->short_, red) = AT(search->reds, red);
    if (reds > 1 && !light) put_likeliest_last(is->fold, search, node, reds);
    return reds;
}

/* Make a node that hangs below a red one a candidate, or weigh it again. */
static void turn_blue(FoldColumns *fold, SearchColumns *search, int64_t node) {
    if (AT(fold->node, node).colour == RED) return;
    AT(fold->node, node).colour = BLUE;
    heap_push(search->weights, search->blues, SIZE(search, HEAP), AT(fold->node, node).visits, node);
    SIZE(search, HEAP) += 1;
}

/* Make a blue node red and its children blue. */
static void promote(FoldColumns *fold, SearchColumns *search, int64_t node) {
    AT(fold->node, node).colour = RED;
    AT(search->place, node) = (int32_t)SIZE(search, REDS);
    AT(search->reds, SIZE(search, REDS)++) = (int32_t)node;
    weigh_groups(fold, search, node);
    for (int64_t edge = AT(fold->node, node).first; edge >= 0; edge = AT(fold->edge, edge).next)
        if (AT(fold->edge, edge).child >= 0) turn_blue(fold, search, AT(fold->edge, edge).child);
}

/* What else changes for the nodes of so many pairs that were merged. */
static void settle_pairs(FoldColumns *fold, SearchColumns *search, int64_t pairs) {
    for (int64_t done = 0; done < pairs; done++) {
        int64_t target = AT2(fold->pairs, done, TARGET), source = AT2(fold->pairs, done, SOURCE);
        if (fold->additive == 0)
            combine(sketch_of(fold->sketch, target), sketch_of(fold->sketch, source), search->items);
        AT(fold->node, source).colour = ABSORBED;
    }
    for (int64_t done = 0; done < pairs; done++) {
        int64_t grown = AT2(fold->pairs, done, TARGET);
        const FoldNode *row = &AT(fold->node, grown);
        if (row->colour == BLUE)
            turn_blue(fold, search, grown);
        else if (row->colour == RED
                 && (double)row->visits > STALE * (double)AT(search->weighed, AT(search->place, grown)))
            weigh_groups(fold, search, grown);
    }
}

/* Fold for good, unless a trial has, of which so many pairs stand.
 *
 * Nodes that now hang below a red one turn blue, blue ones that grew are weighed again.
 */
static void merge(FoldColumns *fold, SearchColumns *search, int64_t target, int64_t source, int64_t standing) {
    if (standing == 0) {
        start_fold(fold, target, source);
        for (; standing < TRAIL(fold, PAIRS); standing++) {
            find_twins(fold, standing);
            fold_pair(fold, standing);
        }
    }
    settle_pairs(fold, search, standing);
    for (int64_t move = 0; move < TRAIL(fold, MOVES); move++) {
        int64_t edge = AT2(fold->moves, move, EDGE), child = AT(fold->edge, edge).child;
        if (child >= 0 && AT(fold->node, edge_owner(fold, edge)).colour == RED && AT(fold->node, child).colour != BLUE)
            turn_blue(fold, search, child);
    }
}

/* Append an entry to the journal. */
static void write_entry(JournalColumns *journal, int64_t kind, int64_t stage, int64_t node, Verdict found,
                        int64_t visits) {
    int64_t entry = SIZE(journal, 0)++;
    AT(journal->kind, entry) = (int8_t)kind;
    AT(journal->stage, entry) = (int8_t)stage;
    AT(journal->node, entry) = (int32_t)node;
    AT(journal->into, entry) = (int32_t)found.best;
    AT(journal->score, entry) = found.score;
    AT(journal->second, entry) = found.second;
    AT(journal->visits, entry) = visits;
    AT(journal->division, entry) = found.division;
}

/* What binds a decision. */
typedef struct {
    int64_t kind;     /* what the last journal did with the node; UNDECIDED: nothing that binds */
    double before;    /* the score it had */
    double runner_up; /* the second best score when all red nodes were asked last */
    double division;  /* what was said by how visits divide */
} Past;

/* The red node whose next symbols are likeliest to be those of a blue one. */
static int64_t likeliest_red(const Search *is, int64_t node) {
    int64_t reds = SIZE(is->search, REDS);
    put_likeliest_last(is->fold, is->search, node, reds);
    return AT(is->search->short_, reds - 1);
}

/* Promote or merge one blue node by what the data say now.
 *
 * If the data now speak against what the last journal did, or less in favour of a merge than before, the entry is
 * dropped and the node stays blue: right merges gain evidence as data come, and one that loses it may no longer be the
 * best.  A patient search leaves a node blue whose best score says neither yes nor no, and folds it only once nobody
 * waits any more.
 */
static void decide(const Search *is, int64_t node, int64_t listed, Past last) {
    FoldColumns *fold = is->fold;
    const Rules *rules = is->rules;
    int64_t visits = AT(fold->node, node).visits;
    Verdict found;
    int fits;
    if (last.kind != UNDECIDED && rules->trusting == 1) {
        found = (Verdict){AT(is->search->short_, 0), last.before, last.runner_up, last.division, 0};
        fits = last.kind == MERGE;
    } else {
        double margin = margin_of(is, node);
        found = best_target(is, listed, node, margin);
        fits = found.score > margin && (found.score >= last.before || rules->consistent == 1);
        found.second = fmax(found.second, last.runner_up);
    }
    if (is_stopped(is)) return;
    int open = last.kind == UNDECIDED;
    if (open && found.best < 0 && is_full(is)) found.best = likeliest_red(is, node);
    int forced = open && !fits && found.best >= 0 && (must_fold(is, node) || rules->patient == 1);
    int waits = forced && !must_fold(is, node) && SIZE(is->search, WAITING) >= 0;
    int64_t kind = fits || forced ? MERGE : PROMOTE;
    if (found.standing > 0 && (waits || kind != MERGE || (!open && last.kind != kind)))
        undo_fold(fold, found.standing);
    if (waits) return;
    if (!open && (last.kind != kind || (kind == PROMOTE && is_full(is)))) {
        write_entry(is->journal, last.kind, DROPPED, node, found, visits);
        return;
    }
    if (kind == MERGE)
        merge(fold, is->search, found.best, node, found.standing);
    else
        promote(fold, is->search, node);
    write_entry(is->journal, kind, forced ? FORCED : open ? GREEDY : KEPT, node, found, visits);
}

/* Take an entry of the last journal again if its nodes have their colours; tell whether they had.
 *
 * A merge binds if it was settled: forced ones were not, nor those whose runner-up came close; for them the search
 * asks all red nodes again, in the place where they stand.
 */
static int take_again(const Search *is, const JournalColumns *last, int64_t entry) {
    int64_t node = AT(last->node, entry), into = AT(last->into, entry), kind = AT(last->kind, entry);
    double score = AT(last->score, entry), second = AT(last->second, entry);
    int settled = score - second >= is->rules->lead || is->rules->trusting == 1 || is->rules->consistent == 1;
    if (kind == MERGE && (AT(last->stage, entry) == FORCED || !settled)) kind = UNDECIDED;
    if (AT(is->fold->node, node).colour != BLUE) return 0;
    if (kind == MERGE && AT(is->fold->node, into).colour != RED) return 0;
    AT(is->search->short_, 0) = (int32_t)into;
    int64_t listed = kind == MERGE ? 1 : list_worth_trying(is, node);
    decide(is, node, listed,
           kind == MERGE ? (Past){kind, score, second, AT(last->division, entry)} : (Past){kind, -INF, -INF, INF});
    return 1;
}

/* Go through those entries of the last journal that wait, again and again while some find their colours; return how many
 * still wait. */
static int64_t replay(const Search *is, const JournalColumns *last, int64_t left) {
    I32 waiting = is->search->waiting;
    int64_t before_pass = -1;
    while (left != before_pass) {
        before_pass = left;
        left = 0;
        for (int64_t at = 0; at < before_pass && !is_stopped(is); at++) {
            int32_t entry = AT(waiting, at);
            if (!take_again(is, last, entry)) AT(waiting, left++) = entry;
        }
    }
    return left;
}

/* Enter the nodes that wait into the heap again; without `more` news since, from now on nobody waits. */
static void ask_again(const Search *is, int more) {
    SearchColumns *search = is->search;
    int64_t waiting = SIZE(search, WAITING);
    SIZE(search, WAITING) = more ? 0 : -1;
    for (int64_t entry = 0; entry < waiting; entry++) {
        int64_t node = AT(search->open, entry);
        if (AT(is->fold->node, node).colour == BLUE) turn_blue(is->fold, search, node);
    }
}

/* Decide about the heaviest blue node. */
static void decide_next(const Search *is) {
    SearchColumns *search = is->search;
    int64_t weight, node = heap_pop(search->weights, search->blues, SIZE(search, HEAP), &weight);
    SIZE(search, HEAP) -= 1;
    const FoldNode *row = &AT(is->fold->node, node);
    if (row->colour != BLUE || row->visits != weight) return;
    decide(is, node, list_worth_trying(is, node), (Past){UNDECIDED, -INF, -INF, INF});
    if (row->colour == BLUE) AT(search->open, SIZE(search, WAITING)++) = (int32_t)node;
}

KERNEL(search_states, {
    FoldColumns *fold;
    SearchColumns *search;
    void *judge;
    void *parameters;
    Rules *rules;
    JournalColumns *last;
    JournalColumns *journal;
    I64 stopped;
}) {
    FoldColumns *fold = in->fold;
    SearchColumns *search = in->search;
    Search is = {.fold = fold,
                 .search = search,
                 .judge = (Judge)(uintptr_t)in->judge,
                 .parameters = in->parameters,
                 .rules = in->rules,
                 .journal = in->journal,
                 .stopped = in->stopped,
                 .sketch_shape = {fold->sketch.n1, fold->sketch.n2, fold->sketch.n3},
                 .futures_shape = {search->futures.n, search->futures.n1}};
    turn_blue(fold, search, 0);
    int64_t left = SIZE(in->last, 0), decided = -1;
    for (int64_t entry = 0; entry < left; entry++) AT(search->waiting, entry) = (int32_t)entry;
    left = replay(&is, in->last, left);
    while (SIZE(search, HEAP) > 0 && !is_stopped(&is)) {
        decide_next(&is);
        if (is.rules->consistent == 1) left = replay(&is, in->last, left);
        if (SIZE(search, HEAP) == 0 && SIZE(search, WAITING) > 0) {
            /* New states and merges may settle what waits. */
            ask_again(&is, SIZE(in->journal, 0) > decided);
            decided = SIZE(in->journal, 0);
        }
    }
    return 0;
}
