/* From interleaved events to cases: which are open, and when one ends; see sessions.py.
 *
 * An open case is a row of `cases`, and its events a chain of blocks of seven.  The open cases stand in a list by their
 * last event, so that the one to close is always in front.  What is free is a list as well.
 */

enum { CASE_NUMBER, CASE_BEGAN, CASE_EVENTS, CASE_FIRST, CASE_LAST, CASE_BEFORE, CASE_AFTER, CASE_BYTES };
enum { FRONT, BACK, FREE_CASE, FREE_BLOCK, USED_CASES, USED_BLOCKS, OPEN_CASES, HELD_EVENTS, HELD_BYTES, BEGUN };
enum { MOST_CASES, MOST_EVENTS, MOST_BYTES, EVENT_COST, MOST_EACH, STARTING };
enum { PUT, PENDING, CASES_ENDED, EVENTS_COPIED };
enum { NEWEST, IDLE };
enum { END_NUMBER, END_EVENTS, END_EARLY };
enum { NOBODY = -1, FOLLOWING = 0, IN_BLOCK = 7, AHEAD = 12 };

RECORD(SessionColumns, { I64x2 cases; F64 touched; F64 moments; I32x2 blocks; I16x2 bins; I64x2 origins; I32 listed; I64 listed_bytes; I32 others;
                         I64 others_bytes; I64 size; I64 limits; F64 clock; })

/* What the cases that end are written to. */
typedef struct {
    I64x2 rows;
    I32 symbols;
    I16 bins;
    I64x2 origins;
    int64_t ended, copied;
} Ending;

/* Where it stands which case has a number: those below zero are numbered apart. */
HOT int32_t *slot_of_case(const SessionColumns *sessions, int64_t number) {
    return number >= 0 ? &AT(sessions->listed, number) : &AT(sessions->others, -1 - number);
}

HOT int64_t *bytes_of_case(const SessionColumns *sessions, int64_t number) {
    return number >= 0 ? &AT(sessions->listed_bytes, number) : &AT(sessions->others_bytes, -1 - number);
}

HOT void link_last(SessionColumns *sessions, int64_t slot) {
    int64_t back = SIZE(sessions, BACK);
    AT2(sessions->cases, slot, CASE_BEFORE) = back;
    AT2(sessions->cases, slot, CASE_AFTER) = NOBODY;
    if (back == NOBODY)
        SIZE(sessions, FRONT) = slot;
    else
        AT2(sessions->cases, back, CASE_AFTER) = slot;
    SIZE(sessions, BACK) = slot;
}

HOT void unlink_case(SessionColumns *sessions, int64_t slot) {
    int64_t before = AT2(sessions->cases, slot, CASE_BEFORE), after = AT2(sessions->cases, slot, CASE_AFTER);
    if (before == NOBODY)
        SIZE(sessions, FRONT) = after;
    else
        AT2(sessions->cases, before, CASE_AFTER) = after;
    if (after == NOBODY)
        SIZE(sessions, BACK) = before;
    else
        AT2(sessions->cases, after, CASE_BEFORE) = before;
}

/* Begin a case; return its slot.  There must be room. */
HOT int64_t begin_case(SessionColumns *sessions, int64_t number) {
    int64_t slot = SIZE(sessions, FREE_CASE);
    if (slot == NOBODY)
        slot = SIZE(sessions, USED_CASES)++;
    else
        SIZE(sessions, FREE_CASE) = AT2(sessions->cases, slot, CASE_AFTER);
    int64_t bytes = *bytes_of_case(sessions, number);
    AT2(sessions->cases, slot, CASE_NUMBER) = number;
    AT2(sessions->cases, slot, CASE_BEGAN) = SIZE(sessions, BEGUN)++;
    AT2(sessions->cases, slot, CASE_EVENTS) = 0;
    if (sessions->moments.n) AT(sessions->moments, slot) = (double)NAN;
    AT2(sessions->cases, slot, CASE_BYTES) = bytes;
    SIZE(sessions, OPEN_CASES)++;
    SIZE(sessions, HELD_BYTES) += bytes;
    *slot_of_case(sessions, number) = (int32_t)slot;
    return slot;
}

/* A block for the next events of a case.  There must be room. */
HOT int64_t next_block(SessionColumns *sessions, int64_t slot, int64_t held) {
    int64_t block = SIZE(sessions, FREE_BLOCK);
    if (block == NOBODY)
        block = SIZE(sessions, USED_BLOCKS)++;
    else
        SIZE(sessions, FREE_BLOCK) = AT2(sessions->blocks, block, FOLLOWING);
    if (held == 0)
        AT2(sessions->cases, slot, CASE_FIRST) = block;
    else
        AT2(sessions->blocks, AT2(sessions->cases, slot, CASE_LAST), FOLLOWING) = (int32_t)block;
    return AT2(sessions->cases, slot, CASE_LAST) = block;
}

/* The bin of a duration; see stream/durations.py. */
HOT int16_t bin_of(double seconds) {
    if (!isfinite(seconds)) return -1;
    if (seconds < 0x1p-20) return 0;
    if (seconds > 0x1p31) seconds = 0x1p31;
    uint64_t bits;
    memcpy(&bits, &seconds, sizeof bits);
    return (int16_t)((int64_t)(bits >> 46) - ((int64_t)1003 << 6) + 1);
}

/* The bin of the time since the last event of a case, whose newest time this is then. */
HOT int16_t bin_since(SessionColumns *sessions, int64_t slot, double moment) {
    double last = AT(sessions->moments, slot);
    if (!(moment <= last)) AT(sessions->moments, slot) = moment;
    return bin_of(moment - last);
}

HOT void append_event(SessionColumns *sessions, int64_t slot, int32_t symbol, double moment) {
    int64_t held = AT2(sessions->cases, slot, CASE_EVENTS)++, place = (int64_t)((uint64_t)held % IN_BLOCK);
    int64_t block = place ? AT2(sessions->cases, slot, CASE_LAST) : next_block(sessions, slot, held);
    AT2(sessions->blocks, block, 1 + place) = symbol;
    if (sessions->bins.n) AT2(sessions->bins, block, 1 + place) = bin_since(sessions, slot, moment);
    SIZE(sessions, HELD_EVENTS)++;
}

/* Give an event to its case, which is then the one touched last. */
HOT void put_event(SessionColumns *sessions, int64_t number, int32_t symbol, double moment) {
    int64_t slot = *slot_of_case(sessions, number);
    if (slot == NOBODY) {
        slot = begin_case(sessions, number);
        link_last(sessions, slot);
    } else if (slot != SIZE(sessions, BACK)) {
        unlink_case(sessions, slot);
        link_last(sessions, slot);
    }
    AT(sessions->touched, slot) = AT(sessions->clock, NEWEST);
    append_event(sessions, slot, symbol, moment);
}

/* Note where the last event of a case came from: a row of two numbers, or nothing that is known. */
COLD void put_origin(SessionColumns *sessions, int64_t number, I64x2 origins, int64_t row) {
    int64_t slot = *slot_of_case(sessions, number), block = AT2(sessions->cases, slot, CASE_LAST);
    int64_t place = (int64_t)((uint64_t)(AT2(sessions->cases, slot, CASE_EVENTS) - 1) % IN_BLOCK);
    for (int64_t i = 0; i < 2; i++)
        AT2(sessions->origins, block, 2 * (1 + place) + i) = origins.n ? AT2(origins, row, i) : NOBODY;
}

/* Copy where the events of a case came from. */
COLD void copy_origins(const SessionColumns *sessions, int64_t slot, I64x2 into, int64_t start) {
    int64_t block = AT2(sessions->cases, slot, CASE_FIRST), events = AT2(sessions->cases, slot, CASE_EVENTS);
    for (int64_t event = 0; event < events; event++) {
        int64_t place = event % IN_BLOCK;
        if (event && !place) block = AT2(sessions->blocks, block, FOLLOWING);
        for (int64_t i = 0; i < 2; i++)
            AT2(into, start + event, i) = AT2(sessions->origins, block, 2 * (1 + place) + i);
    }
}

/* Copy the events of a case. */
HOT void copy_events(const SessionColumns *sessions, int64_t slot, I32 into, I16 bins, int64_t start) {
    int64_t block = AT2(sessions->cases, slot, CASE_FIRST), left = AT2(sessions->cases, slot, CASE_EVENTS);
    while (left > 0) {
        int64_t count = least_of(left, IN_BLOCK);
        for (int64_t i = 0; i < count; i++) AT(into, start + i) = AT2(sessions->blocks, block, 1 + i);
        for (int64_t i = 0; bins.n && i < count; i++) AT(bins, start + i) = AT2(sessions->bins, block, 1 + i);
        start += count;
        left -= count;
        if (left > 0) block = AT2(sessions->blocks, block, FOLLOWING);
    }
}

/* Ask the memory for what ends next, if it comes to that: the events of the case in front, and the one behind it. */
HOT void fetch_front(const SessionColumns *sessions) {
    int64_t front = SIZE(sessions, FRONT);
    if (front == NOBODY) return;
    int64_t after = AT2(sessions->cases, front, CASE_AFTER);
    int64_t first = AT2(sessions->cases, front, CASE_FIRST);
    FETCH(&AT2(sessions->blocks, first, 0));
    if (sessions->bins.n) FETCH(&AT2(sessions->bins, first, 0));
    FETCH(slot_of_case(sessions, AT2(sessions->cases, front, CASE_NUMBER)));
    if (after == NOBODY) return;
    FETCH(&AT2(sessions->cases, after, 0));
    FETCH(&AT(sessions->touched, after));
}

/* End a case; return 0 where what ends has no room for it. */
static int end_case(SessionColumns *sessions, int64_t slot, Ending *to, int early) {
    int64_t events = AT2(sessions->cases, slot, CASE_EVENTS);
    if (to->ended == to->rows.n || to->copied + events > to->symbols.n) return 0;
    int64_t number = AT2(sessions->cases, slot, CASE_NUMBER);
    copy_events(sessions, slot, to->symbols, to->bins, to->copied);
    if (UNLIKELY(to->origins.n)) copy_origins(sessions, slot, to->origins, to->copied);
    AT2(to->rows, to->ended, END_NUMBER) = number;
    AT2(to->rows, to->ended, END_EVENTS) = events;
    AT2(to->rows, to->ended, END_EARLY) = early;
    to->ended++;
    to->copied += events;
    unlink_case(sessions, slot);
    *slot_of_case(sessions, number) = NOBODY;
    AT2(sessions->blocks, AT2(sessions->cases, slot, CASE_LAST), FOLLOWING) = (int32_t)SIZE(sessions, FREE_BLOCK);
    SIZE(sessions, FREE_BLOCK) = AT2(sessions->cases, slot, CASE_FIRST);
    AT2(sessions->cases, slot, CASE_AFTER) = SIZE(sessions, FREE_CASE);
    SIZE(sessions, FREE_CASE) = slot;
    SIZE(sessions, OPEN_CASES)--;
    SIZE(sessions, HELD_EVENTS) -= events;
    SIZE(sessions, HELD_BYTES) -= AT2(sessions->cases, slot, CASE_BYTES);
    return 1;
}

/* End the case in front; return 0 where what ends has no room for it. */
HOT int end_front(SessionColumns *sessions, Ending *to, int early) {
    if (!end_case(sessions, SIZE(sessions, FRONT), to, early)) return 0;
    fetch_front(sessions);
    return 1;
}

/* End the cases that have been silent for too long; return 0 where there is no room for one. */
HOT int end_silent(SessionColumns *sessions, Ending *to, double time) {
    F64 clock = sessions->clock;
    if (time > AT(clock, NEWEST)) AT(clock, NEWEST) = time;
    double limit = AT(clock, NEWEST) - AT(clock, IDLE);
    while (SIZE(sessions, FRONT) != NOBODY && AT(sessions->touched, SIZE(sessions, FRONT)) < limit)
        if (!end_front(sessions, to, 0)) return 0;
    return 1;
}

HOT int too_many(const SessionColumns *sessions) {
    int64_t events = SIZE(sessions, HELD_EVENTS), bytes = SIZE(sessions, HELD_BYTES);
    return SIZE(sessions, OPEN_CASES) > AT(sessions->limits, MOST_CASES) || events > AT(sessions->limits, MOST_EVENTS)
           || bytes + AT(sessions->limits, EVENT_COST) * events > AT(sessions->limits, MOST_BYTES);
}

/* End cases until no more than allowed is open; return 0 where there is no room for one. */
HOT int end_forced(SessionColumns *sessions, Ending *to) {
    while (UNLIKELY(too_many(sessions)) && SIZE(sessions, FRONT) != NOBODY)
        if (!end_front(sessions, to, 1)) return 0;
    return 1;
}

/* End the case of an event before it, if that is full or the event starts another; return 0 where there is no room. */
HOT int end_full(SessionColumns *sessions, Ending *to, int64_t number, int32_t symbol) {
    int64_t slot = *slot_of_case(sessions, number);
    if (slot == NOBODY) return 1;
    int full = AT2(sessions->cases, slot, CASE_EVENTS) >= AT(sessions->limits, MOST_EACH);
    return full || symbol == AT(sessions->limits, STARTING) ? end_case(sessions, slot, to, 0) : 1;
}

/* Ask the memory for the case of an event that comes in a while. */
HOT void fetch_case(const SessionColumns *sessions, int64_t number) {
    int64_t slot = *slot_of_case(sessions, number);
    if (slot == NOBODY) {
        FETCH(bytes_of_case(sessions, number));
        return;
    }
    FETCH(&AT2(sessions->cases, slot, 0));
    FETCH(&AT(sessions->touched, slot));
    if (sessions->moments.n) FETCH(&AT(sessions->moments, slot));
}

/* Ask for what the row of that case points to: its last events, and its neighbours, from between which it is taken. */
HOT void fetch_around(const SessionColumns *sessions, int64_t number) {
    int64_t slot = *slot_of_case(sessions, number);
    if (slot == NOBODY) return;
    int64_t before = AT2(sessions->cases, slot, CASE_BEFORE), after = AT2(sessions->cases, slot, CASE_AFTER);
    int64_t last = AT2(sessions->cases, slot, CASE_LAST);
    FETCH(&AT2(sessions->blocks, last, 0));
    if (sessions->bins.n) FETCH(&AT2(sessions->bins, last, 0));
    if (before != NOBODY) FETCH(&AT2(sessions->cases, before, 0));
    if (after != NOBODY) FETCH(&AT2(sessions->cases, after, 0));
}

KERNEL(put_events, { SessionColumns *sessions; I32 numbers; I32 symbols; F64 times; F64 moments; I64x2 origins; I64x2 ended; I32 copied; I16 copied_bins; I64x2 copied_origins; I64 state; }) {
    SessionColumns *sessions = in->sessions;
    I64 state = in->state;
    Ending to = {in->ended, in->copied, in->copied_bins, in->copied_origins, 0, 0};
    int64_t event = AT(state, PUT), pending = AT(state, PENDING), going = 1;
    while (going && (pending || event < in->numbers.n)) {
        if (!pending) {
            if (event + 3 * AHEAD < in->numbers.n) {
                FETCH(slot_of_case(sessions, AT(in->numbers, event + 3 * AHEAD)));
                fetch_case(sessions, AT(in->numbers, event + 2 * AHEAD));
                fetch_around(sessions, AT(in->numbers, event + AHEAD));
            }
            if (in->times.n && !end_silent(sessions, &to, AT(in->times, event))) break;
            if (!end_full(sessions, &to, AT(in->numbers, event), AT(in->symbols, event))) break;
            double moment = in->moments.n ? AT(in->moments, event) : (double)NAN;
            put_event(sessions, AT(in->numbers, event), AT(in->symbols, event), moment);
            if (UNLIKELY(sessions->origins.n)) put_origin(sessions, AT(in->numbers, event), in->origins, event);
            event++;
        }
        going = end_forced(sessions, &to);
        pending = !going;
    }
    AT(state, PUT) = event;
    AT(state, PENDING) = pending;
    AT(state, CASES_ENDED) = to.ended;
    AT(state, EVENTS_COPIED) = to.copied;
    return 0;
}

/* Ask the memory for a block of a case, the number of blocks behind its first; those before it should have come. */
HOT void fetch_following(const SessionColumns *sessions, int64_t slot, int64_t behind) {
    if (AT2(sessions->cases, slot, CASE_EVENTS) <= behind * IN_BLOCK) return;
    int64_t block = AT2(sessions->cases, slot, CASE_FIRST);
    for (int64_t i = 0; i < behind; i++) block = AT2(sessions->blocks, block, FOLLOWING);
    FETCH(&AT2(sessions->blocks, block, 0));
    if (sessions->bins.n) FETCH(&AT2(sessions->bins, block, 0));
}

/* Ask the memory for what cases hold that end in a while: first their rows, then their blocks one after the other. */
HOT void fetch_ending(const SessionColumns *sessions, I64 slots, int64_t at) {
    if (at + 4 * AHEAD >= slots.n) return;
    FETCH(&AT2(sessions->cases, AT(slots, at + 4 * AHEAD), 0));
    int64_t slot = AT(slots, at + 3 * AHEAD);
    int64_t before = AT2(sessions->cases, slot, CASE_BEFORE), after = AT2(sessions->cases, slot, CASE_AFTER);
    fetch_following(sessions, slot, 0);
    if (before != NOBODY) FETCH(&AT2(sessions->cases, before, 0));
    if (after != NOBODY) FETCH(&AT2(sessions->cases, after, 0));
    FETCH(slot_of_case(sessions, AT2(sessions->cases, slot, CASE_NUMBER)));
    fetch_following(sessions, AT(slots, at + 2 * AHEAD), 1);
    fetch_following(sessions, AT(slots, at + AHEAD), 2);
}

KERNEL(end_cases, { SessionColumns *sessions; I64 slots; int64_t enough; I64x2 ended; I32 copied; I16 copied_bins; I64x2 copied_origins; I64 state; }) {
    Ending to = {in->ended, in->copied, in->copied_bins, in->copied_origins, 0, 0};
    int64_t at = AT(in->state, PUT);
    for (; at < in->slots.n && to.copied < in->enough; at++) {
        fetch_ending(in->sessions, in->slots, at);
        if (!end_case(in->sessions, AT(in->slots, at), &to, 0)) break;
    }
    AT(in->state, PUT) = at;
    AT(in->state, CASES_ENDED) = to.ended;
    AT(in->state, EVENTS_COPIED) = to.copied;
    return 0;
}

KERNEL(list_cases, { SessionColumns *sessions; I64 slots; I32 symbols; I16 bins; }) {
    int64_t slot = SIZE(in->sessions, FRONT), start = 0;
    for (int64_t at = 0; slot != NOBODY; at++) {
        AT(in->slots, at) = slot;
        if (in->symbols.n) copy_events(in->sessions, slot, in->symbols, in->bins, start);
        start += AT2(in->sessions->cases, slot, CASE_EVENTS);
        slot = AT2(in->sessions->cases, slot, CASE_AFTER);
    }
    return 0;
}
