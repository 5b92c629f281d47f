/* From bytes to symbol ids: splitting lines at blanks and looking the words up; see tokens.py. */

enum { WORDS, BYTES, LEFT, OTHER, COST };
enum { POSITION, SYMBOLS, TRACES, COUNT, STATUS, REJECTED };
enum { DONE, FULL, ODD };
enum { OPEN = -1 }; /* in place of the catch-all word while every new word gets a number */
enum { SHORT = 7, MIDDLING = 15 }; /* bytes of a word that fit into the head of its code, and into both its parts */
enum { HEAD, TAIL };
enum { LONGEST_NUMBER = 18 };

static const uint64_t PRIME = 0x9FB21C651E98DF25u;
static const uint64_t LOW_BYTES = ((uint64_t)1 << 56) - 1;

RECORD(WordColumns, { I32 slots; U64x2 codes; I64 starts; U8 arena; I64 size; })

/* What a word is known by.
 *
 * The head: in the highest byte its length, 16 for all that are longer than 15; below its first seven bytes, mixed with
 * the tail where there is one.  The tail: the bytes behind these, or a hash of them where they are more than eight.
 * Words of up to 15 bytes share a code with no other.
 */
typedef struct { uint64_t head, tail; } Code;

/* Where the search for a code begins: the highest bits of the product, which alone hang on all bits of the head.
 *
 * Words often differ in their last byte alone, which stands so high in the head that bits below are the same for all.
 */
HOT int64_t scatter(uint64_t head, I32 slots) { return (int64_t)((head * PRIME >> 32) * (uint64_t)slots.n >> 32); }

HOT int same_bytes(U8 one, int64_t first, U8 other, int64_t start, int64_t length) {
    return memcmp(PART(U8, one, first, length).at, PART(U8, other, start, length).at, (size_t)length) == 0;
}

static void copy_bytes(U8 into, int64_t first, U8 from, int64_t start, int64_t length) {
    for (int64_t i = 0; i < length; i++) AT(into, first + i) = AT(from, start + i);
}

/* Whether a word is that of `buffer[start:stop]`, which has a code. */
HOT int is_word(const WordColumns *words, int64_t word, U8 buffer, int64_t start, int64_t stop, Code code) {
    if (AT2(words->codes, word, HEAD) != code.head || AT2(words->codes, word, TAIL) != code.tail) return 0;
    if (LIKELY(stop - start <= MIDDLING)) return 1;
    int64_t first = AT(words->starts, word), length = stop - start;
    return AT(words->starts, word + 1) - first == length && same_bytes(words->arena, first, buffer, start, length);
}

/* Enter a word at the slot where it belongs; return its id, -1 if there is no room for it.
 *
 * Once the alphabet is closed a new word is the catch-all; where it should be closed now, no bytes are left (-1).
 */
COLD int64_t add_word(WordColumns *words, U8 buffer, int64_t start, int64_t stop, Code code, int64_t slot) {
    if (SIZE(words, OTHER) != OPEN) return SIZE(words, OTHER);
    int64_t length = stop - start, cost = SIZE(words, COST) + length;
    if (cost > SIZE(words, LEFT)) {
        SIZE(words, LEFT) = -1;
        return -1;
    }
    int64_t word = SIZE(words, WORDS), used = SIZE(words, BYTES);
    if (word + 1 >= words->starts.n || used + length > words->arena.n) return -1;
    copy_bytes(words->arena, used, buffer, start, length);
    AT2(words->codes, word, HEAD) = code.head;
    AT2(words->codes, word, TAIL) = code.tail;
    AT(words->slots, slot) = (int32_t)word;
    AT(words->starts, word + 1) = SIZE(words, BYTES) = used + length;
    SIZE(words, WORDS) = word + 1;
    SIZE(words, LEFT) -= cost;
    return word;
}

/* The id of a word, made if it is new, or the catch-all's; -1 if there is no room for it. */
HOT int64_t look_up(WordColumns *words, U8 buffer, int64_t start, int64_t stop, Code code) {
    int64_t slot = scatter(code.head, words->slots);
    while (1) {
        int64_t word = AT(words->slots, slot);
        if (word == FREE) return add_word(words, buffer, start, stop, code, slot);
        if (is_word(words, word, buffer, start, stop, code)) return word;
        slot = (slot + 1) & (words->slots.n - 1);
    }
}

/* Whether a byte ends a word: a blank, a tab, a line feed, or the return before one. */
HOT int parts_words(U8 buffer, int64_t position) {
    uint8_t byte = AT(buffer, position);
    if (byte == '\r') return position + 1 < buffer.n && AT(buffer, position + 1) == '\n';
    return byte == ' ' || byte == '\n' || byte == '\t';
}

/* How many of eight bytes, from the lowest on, surely belong to a word; at most seven.
 *
 * A byte below 33 leaves its highest bit set when 33 is taken off ("Determine if a word has a byte less than n" in
 * Anderson, Bit Twiddling Hacks, Stanford); what that does to higher bytes does not matter.
 */
HOT int64_t leading(uint64_t eight) {
    uint64_t below = (eight - 0x2121212121212121u) & ~eight & 0x8080808080808080u;
    return below ? __builtin_ctzll(below) >> 3 : SHORT;
}

/* The lowest bytes of eight. */
HOT uint64_t lowest(uint64_t eight, int64_t count) { return eight & (((uint64_t)1 << 8 * count) - 1); }

/* The head of a word of up to seven bytes. */
HOT uint64_t short_head(U8 buffer, int64_t start, int64_t length) {
    uint64_t head = (uint64_t)length << 56;
    if (LIKELY(start + 8 <= buffer.n)) return head | lowest(load_eight(buffer, start), length);
    for (int64_t i = 0; i < length; i++) head |= (uint64_t)AT(buffer, start + i) << 8 * i;
    return head;
}

/* What is behind the first seven bytes of a longer word: these bytes, or a hash of them. */
HOT uint64_t tail_of(U8 buffer, int64_t start, int64_t stop) {
    uint64_t last = load_eight(buffer, stop - 8);
    if (LIKELY(stop - start <= MIDDLING)) return last >> 8 * (MIDDLING - (stop - start));
    uint64_t tail = (uint64_t)(stop - start);
    for (int64_t at = start + SHORT; at + 8 < stop; at += 8) tail = mix(tail ^ load_eight(buffer, at));
    return mix(tail ^ last);
}

/* The code of a word. */
HOT Code code_of(U8 buffer, int64_t start, int64_t stop) {
    int64_t length = stop - start;
    if (length <= SHORT) return (Code){short_head(buffer, start, length), 0};
    uint64_t tail = tail_of(buffer, start, stop), first = load_eight(buffer, start) ^ (tail * PRIME >> 8);
    return (Code){(first & LOW_BYTES) | (uint64_t)least_of(length, MIDDLING + 1) << 56, tail};
}

HOT int is_digit(uint8_t byte) { return (uint8_t)(byte - '0') <= 9; }

/* The number written in a word as Python would write it, -1 if it is none. */
static int64_t plain_number(U8 buffer, int64_t start, int64_t stop) {
    if (stop - start > LONGEST_NUMBER || (AT(buffer, start) == '0' && stop - start > 1)) return -1;
    int64_t value = 0;
    for (int64_t position = start; position < stop; position++) {
        if (!is_digit(AT(buffer, position))) return -1;
        value = value * 10 + AT(buffer, position) - '0';
    }
    return value;
}

/* The label of a line, 0 or 1 (as which -1, nobody knows, counts as well), or -1 if a word is none. */
static int64_t label(U8 buffer, int64_t start, int64_t stop) {
    uint8_t first = AT(buffer, start);
    if (stop - start == 1 && (first == '0' || first == '1')) return first - '0';
    return stop - start == 2 && first == '-' && AT(buffer, start + 1) == '1' ? 1 : -1;
}

/* Whether a word holds no control character, at which others might part it. */
static int is_visible(U8 buffer, int64_t start, int64_t stop) {
    for (int64_t position = start; position < stop; position++)
        if (AT(buffer, position) <= ' ') return 0;
    return 1;
}

/* What is known while lines are split. */
typedef struct {
    int64_t position, size, traces, stated, start_of_trace, status;
    int accepted;
} Splitting;

/* Read a word that leads a line. */
COLD void lead(Splitting *now, U8 buffer, int64_t start) {
    int64_t found;
    if (now->stated == -2) {
        found = label(buffer, start, now->position);
        now->stated = -1;
        now->accepted = found != 0;
    } else {
        found = now->stated = plain_number(buffer, start, now->position);
    }
    now->status = found < 0 ? ODD : DONE;
}

/* End a line that states how many words it has. */
COLD void end_stated(Splitting *now, int64_t leads, I64 offsets, int64_t *rejected) {
    if (now->size - now->start_of_trace != now->stated) now->status = ODD;
    if (now->accepted) {
        AT(offsets, now->traces++) = now->start_of_trace = now->size;
    } else {
        *rejected += 1;
        now->size = now->start_of_trace;
        now->accepted = 1;
    }
    now->stated = -leads;
}

/* Enter a whole word; return 0 where there is no room for it. */
HOT int take_word(WordColumns *words, Splitting *now, U8 buffer, int64_t start, I32 symbols) {
    if (UNLIKELY(now->stated < 0)) {
        lead(now, buffer, start);
    } else if (LIKELY(now->accepted)) {
        int64_t word = look_up(words, buffer, start, now->position, code_of(buffer, start, now->position));
        if (UNLIKELY(word < 0)) return 0;
        AT(symbols, now->size++) = (int32_t)word;
    } else {
        now->status = is_visible(buffer, start, now->position) ? DONE : ODD;
        now->size++;
    }
    return 1;
}

/* Which of 64 bytes part words, the first as the lowest bit; behind them stands another. */
HOT uint64_t parting(U8 buffer, int64_t first) {
    U8 bytes = PART(U8, buffer, first, WINDOW);
    uint64_t blank = 0, usual = 0;
    for (int64_t at = 0; at < WINDOW; at += STEP) {
        blank |= blank_in(bytes, at) << at;
        usual |= (equal_to(bytes, at, ' ') | equal_to(bytes, at, '\n')) << at;
    }
    for (uint64_t odd = blank & ~usual; UNLIKELY(odd); odd &= odd - 1)
        if (!parts_words(buffer, first + __builtin_ctzll(odd))) blank &= ~(odd & -odd);
    return blank;
}

/* Split lines that nothing leads by 64 bytes at once, as long as there are so many and eight more; the rest is left. */
HOT void split_windows(WordColumns *words, U8 buffer, I32 symbols, I64 offsets, Splitting *now) {
    int64_t start = now->position, size = now->size, traces = now->traces;
    for (int64_t first = start; first + WINDOW + 8 <= buffer.n; first += WINDOW) {
        for (uint64_t marks = parting(buffer, first); marks; marks &= marks - 1) {
            int64_t stop = first + __builtin_ctzll(marks);
            if (stop > start) {
                int64_t word = look_up(words, buffer, start, stop, code_of(buffer, start, stop));
                if (UNLIKELY(word < 0)) {
                    now->status = FULL;
                    goto done;
                }
                AT(symbols, size++) = (int32_t)word;
            }
            AT(offsets, traces) = size;
            traces += AT(buffer, stop) == '\n';
            start = stop + 1;
        }
    }
done:
    now->position = start, now->size = size, now->traces = traces;
}

/* Split lines, from where `now` says, until a word does not fit or something is odd. */
HOT void split(WordColumns *words, U8 buffer, int64_t leads, I32 symbols, I64 offsets, Splitting *now,
               int64_t *rejected) {
    int64_t start = now->position;
    int64_t end = buffer.n > 0 && AT(buffer, buffer.n - 1) == '\n' ? buffer.n : buffer.n + 1;
    while (now->position < end && now->status == DONE) {
        if (now->position == start && start + 8 <= buffer.n)
            now->position += leading(load_eight(buffer, start));
        uint8_t byte = now->position < buffer.n ? AT(buffer, now->position) : '\n';
        /* One comparison tells most bytes. */
        if (byte > ' ' || (now->position < buffer.n && !parts_words(buffer, now->position))) {
            now->position++;
            continue;
        }
        if (now->position > start && !take_word(words, now, buffer, start, symbols)) {
            now->status = FULL;
            now->position = start;
            return;
        }
        if (byte == '\n' && leads == 0)
            AT(offsets, now->traces++) = now->size;
        else if (byte == '\n' && now->stated != -leads)
            end_stated(now, leads, offsets, rejected);
        start = ++now->position;
    }
}

KERNEL(split_lines, { WordColumns *words; U8 buffer; int64_t leads; I32 symbols; I64 offsets; I64 state; }) {
    I64 state = in->state;
    Splitting now = {.position = AT(state, POSITION),
                     .size = AT(state, SYMBOLS),
                     .traces = AT(state, TRACES),
                     .stated = AT(state, COUNT),
                     .status = DONE,
                     .accepted = 1};
    if (now.traces > 0) now.start_of_trace = AT(in->offsets, now.traces - 1);
    if (in->leads == 0) split_windows(in->words, in->buffer, in->symbols, in->offsets, &now);
    if (in->leads == 0) /* known, it need not be looked at again and again */
        split(in->words, in->buffer, 0, in->symbols, in->offsets, &now, &AT(state, REJECTED));
    else
        split(in->words, in->buffer, in->leads, in->symbols, in->offsets, &now, &AT(state, REJECTED));
    AT(state, POSITION) = now.position;
    AT(state, SYMBOLS) = now.size;
    AT(state, TRACES) = now.traces;
    AT(state, COUNT) = now.stated;
    AT(state, STATUS) = now.status;
    return 0;
}

KERNEL(rehash, { WordColumns *words; }) {
    WordColumns *words = in->words;
    clear(words->slots);
    for (int64_t word = 0; word < SIZE(words, WORDS); word++) {
        if (word == SIZE(words, OTHER)) continue;
        int64_t slot = scatter(AT2(words->codes, word, HEAD), words->slots);
        while (AT(words->slots, slot) != FREE) slot = (slot + 1) & (words->slots.n - 1);
        AT(words->slots, slot) = (int32_t)word;
    }
    return 0;
}

KERNEL(add_words, { WordColumns *words; U8 buffer; I64 stops; }) {
    WordColumns *words = in->words;
    int64_t start = 0;
    for (int64_t at = 0; at < in->stops.n; at++) {
        int64_t stop = AT(in->stops, at), word = SIZE(words, WORDS), used = SIZE(words, BYTES);
        copy_bytes(words->arena, used, in->buffer, start, stop - start);
        Code code = code_of(in->buffer, start, stop);
        AT2(words->codes, word, HEAD) = code.head;
        AT2(words->codes, word, TAIL) = code.tail;
        AT(words->starts, word + 1) = SIZE(words, BYTES) = used + stop - start;
        SIZE(words, WORDS) = word + 1;
        start = stop;
    }
    return 0;
}

enum { STRIDE = 16 };
enum { NEAR = 1 << 12 }; /* a table of so many slots stays near the processor: nothing is asked for ahead */

/* Words that are looked up: what spans mark, and the codes of those that come next. */
typedef struct {
    U8 buffer;
    I64x2 spans;
    int64_t column;
    Code codes[2 * STRIDE];
} Sought;

HOT Code *sought_at(Sought *sought, int64_t row) { return &sought->codes[row & (2 * STRIDE - 1)]; }

/* Ask the memory for what the searches for the words of rows that come will look at: slots, and codes a stride later.
 *
 * A slot says where the code is, and words come in no order, so that a search alone would wait for both of them.
 */
HOT void look_ahead(const WordColumns *words, Sought *sought, int64_t row, int64_t first, int64_t rows) {
    int64_t near = row + STRIDE, far = near + STRIDE;
    if (near >= first && near < rows) {
        int64_t word = AT(words->slots, scatter(sought_at(sought, near)->head, words->slots));
        if (word != FREE) FETCH(&AT2(words->codes, word, HEAD));
    }
    if (far >= rows) return;
    I64x2 spans = sought->spans;
    Code code = code_of(sought->buffer, AT2(spans, far, sought->column), AT2(spans, far, sought->column + 1));
    *sought_at(sought, far) = code;
    FETCH(&AT(words->slots, scatter(code.head, words->slots)));
}

/* As `look_up`, where most words stand in the slot where the search begins; `seen` says where the columns are. */
HOT int64_t look_up_known(WordColumns *words, const WordColumns *seen, U8 buffer, int64_t start, int64_t stop,
                          Code code) {
    int64_t word = AT(seen->slots, scatter(code.head, seen->slots));
    int found = word != FREE && is_word(seen, word, buffer, start, stop, code);
    return LIKELY(found) ? word : look_up(words, buffer, start, stop, code);
}

KERNEL(look_up_all, { WordColumns *words; U8 buffer; I64x2 spans; int64_t column; I32 ids; int64_t row; }) {
    const WordColumns seen = *in->words; /* where its columns are does not change meanwhile */
    Sought sought = {.buffer = in->buffer, .spans = in->spans, .column = in->column};
    int near = seen.slots.n <= NEAR;
    for (int64_t row = near ? in->row : in->row - 2 * STRIDE; row < in->ids.n; row++) {
        if (row >= in->row) {
            int64_t start = AT2(in->spans, row, in->column), stop = AT2(in->spans, row, in->column + 1);
            Code code = near ? code_of(in->buffer, start, stop) : *sought_at(&sought, row);
            int64_t word = look_up_known(in->words, &seen, in->buffer, start, stop, code);
            if (word < 0) return row;
            AT(in->ids, row) = (int32_t)word;
        }
        if (!near) look_ahead(&seen, &sought, row, in->row, in->ids.n);
    }
    return in->ids.n;
}
