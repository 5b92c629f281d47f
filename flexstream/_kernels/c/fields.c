/* From bytes to events: fields of JSON objects, one a line, that may hold others; see nesting.py. */

enum { FIELDS_AT, FIELDS_ROWS, FIELDS_FREE = 3, FIELDS_SHAPE, FIELDS_LIMIT };
enum { PATHS = 3, LEVELS = 64 };

/* A container that is open: whether it is a list, which of the wanted paths lead through it, and which of these have met
 * their next key in it. */
typedef struct { int list; unsigned leads, met; } Level;

/* A line: where its fields are wanted, what it looks like, and which bytes are free for texts that were decoded. */
typedef struct {
    U8 buffer;
    int64_t limit;
    U8 keys;
    I64 ends, firsts;
    I64x2 spans;
    int64_t row;
    int64_t free;
    uint64_t shape;
    unsigned found;
    int lists; /* open ones */
    int depth;
    Level levels[LEVELS];
} Line;

HOT uint64_t stirred(uint64_t shape, uint64_t part) {
    shape = (shape ^ part) * 0x9E3779B97F4A7C15u;
    return shape ^ (shape >> 29);
}

/* Add a mark to what the line looks like; what lists hold is left out. */
HOT void mark(Line *line, uint64_t part) {
    if (!line->lists) line->shape = stirred(line->shape, part);
}

static void mark_key(Line *line, int64_t start, int64_t stop) {
    if (line->lists) return;
    for (int64_t at = start; at < stop; at += 8) {
        uint64_t part = 0;
        memcpy(&part, PART(U8, line->buffer, at, least_of(8, stop - at)).at, (size_t)least_of(8, stop - at));
        line->shape = stirred(line->shape, part);
    }
    line->shape = stirred(line->shape, (uint64_t)(stop - start));
}

/* Where the next byte is that is no blank; -1 if the line ends before. */
HOT int64_t past_blanks(Line *line, int64_t position) {
    while (position < line->limit) {
        uint8_t byte = AT(line->buffer, position);
        if (byte != ' ' && byte != '\t' && byte != '\r') return byte == '\n' ? -1 : position;
        position++;
    }
    return -1;
}

/* Which of the wanted paths have this key next. */
static unsigned met_by(Line *line, int64_t start, int64_t stop) {
    Level *level = &line->levels[line->depth];
    unsigned met = 0;
    for (int which = 0; which < PATHS && level->leads; which++) {
        if (!(level->leads >> which & 1)) continue;
        int64_t part = AT(line->firsts, which) + line->depth, first = part ? AT(line->ends, part - 1) : 0;
        int64_t length = AT(line->ends, part) - first;
        if (length == stop - start && same_bytes(line->keys, first, line->buffer, start, length)) met |= 1u << which;
    }
    return met;
}

/* Which of some wanted paths end with the key of the present level. */
static unsigned ending_here(Line *line, unsigned met) {
    unsigned ending = 0;
    for (int which = 0; met >> which; which++)
        if (met >> which & 1 && AT(line->firsts, which) + line->depth + 1 == AT(line->firsts, which + 1))
            ending |= 1u << which;
    return ending;
}

static int hex_of(uint8_t byte) {
    if (byte >= '0' && byte <= '9') return byte - '0';
    byte |= 32;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The number that four digits stand for, -1 if they are none. */
static int64_t unit_at(Line *line, int64_t position) {
    int64_t unit = 0;
    if (position + 4 > line->limit) return -1;
    for (int64_t i = 0; i < 4; i++) {
        int digit = hex_of(AT(line->buffer, position + i));
        if (digit < 0) return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

/* The character behind a backslash, and where it ends; -1 if there is none, as for half of a pair. */
static int64_t escaped(Line *line, int64_t *at) {
    static const char signs[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    if (*at >= line->limit) return -1;
    uint8_t sign = AT(line->buffer, *at);
    *at += 1;
    for (int i = 0; signs[i]; i += 2)
        if ((uint8_t)signs[i] == sign) return (uint8_t)signs[i + 1];
    int64_t unit = sign == 'u' ? unit_at(line, *at) : -1;
    if (unit < 0) return -1;
    *at += 4;
    if (unit < 0xD800 || unit > 0xDFFF) return unit;
    if (unit > 0xDBFF || *at + 6 > line->limit || AT(line->buffer, *at) != '\\') return -1;
    int64_t low = AT(line->buffer, *at + 1) == 'u' ? unit_at(line, *at + 2) : -1;
    if (low < 0xDC00 || low > 0xDFFF) return -1;
    *at += 6;
    return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

/* Where the quote stands that ends a text, -1 if it is broken; decode it where that is wanted and needed. */
static int64_t closing(Line *line, int64_t start, int wanted, int64_t *decoded) {
    int64_t position = start;
    *decoded = -1;
    for (;;) {
        while (position < line->limit && AT(line->buffer, position) >= ' ' && AT(line->buffer, position) != '"'
               && AT(line->buffer, position) != '\\')
            position++;
        if (position >= line->limit || AT(line->buffer, position) < ' ') return -1;
        if (*decoded >= 0 && start < position) {
            if (line->free + position - start > line->buffer.n) return -1;
            memcpy(PART(U8, line->buffer, line->free, position - start).at,
                   PART(U8, line->buffer, start, position - start).at, (size_t)(position - start));
            line->free += position - start;
        }
        if (AT(line->buffer, position) == '"') return position;
        if (wanted && *decoded < 0) {
            *decoded = line->free;
            continue; /* what stands before it is copied first */
        }
        position++;
        int64_t code = escaped(line, &position);
        if (code < 0 || (wanted && line->free + 6 > line->buffer.n)) return -1;
        if (wanted) line->free = put_character(line->buffer, line->free, code);
        start = position;
    }
}

/* Note where wanted fields stand. */
static void keep_fields(Line *line, unsigned wanted, int64_t start, int64_t stop) {
    for (int which = 0; which < PATHS; which++) {
        if (!(wanted >> which & 1)) continue;
        AT2(line->spans, line->row, 1 + 2 * which) = start;
        AT2(line->spans, line->row, 2 + 2 * which) = stop;
    }
    line->found |= wanted;
}

/* Pass over a text, and note where it stands if it is wanted; return where it ends, -1 if it is broken. */
static int64_t pass_string(Line *line, int64_t position, unsigned wanted) {
    int64_t decoded, start = position + 1, stop = closing(line, start, wanted != 0, &decoded);
    if (stop < 0) return -1;
    int64_t from = decoded < 0 ? start : decoded, upto = decoded < 0 ? stop : line->free;
    /* Line ends behind the text of an event are none of it. */
    int64_t bare = upto;
    while (decoded >= 0 && bare > from && (AT(line->buffer, bare - 1) == '\n' || AT(line->buffer, bare - 1) == '\r')) bare--;
    keep_fields(line, wanted & (1u << EVENT_COLUMN), from, bare);
    keep_fields(line, wanted & ~(1u << EVENT_COLUMN), from, upto);
    return stop + 1;
}

/* Where a number, true, false or null ends; -1 if there is none of them. */
static int64_t plain_end(Line *line, int64_t position) {
    U8 bytes = {line->buffer.at, line->limit};
    int64_t stop = scalar_end(bytes, position);
    if (stop < 0 || stop >= line->limit || (AT(bytes, stop) | 32) != 'e') return stop;
    if (is_digit(AT(bytes, stop - 1)) == 0) return -1;
    int64_t sign = stop + 1 < line->limit && (AT(bytes, stop + 1) == '+' || AT(bytes, stop + 1) == '-');
    int64_t end = digits_end(bytes, stop + 1 + sign);
    return end > stop + 1 + sign ? end : -1;
}

static int64_t pass_scalar(Line *line, int64_t position, unsigned wanted) {
    int64_t stop = plain_end(line, position);
    if (stop < 0 || (wanted && AT(line->buffer, position) == 'n')) return -1;
    keep_fields(line, wanted, position, stop);
    return stop;
}

/* Open a list or an object; return where its first element or key is, or its end; -1 if it is not to be opened. */
static int64_t open_level(Line *line, int64_t position, unsigned met) {
    int list = AT(line->buffer, position) == '[';
    int64_t next = past_blanks(line, position + 1);
    if (ending_here(line, met) || line->depth + 1 == LEVELS || next < 0) return -1;
    mark(line, AT(line->buffer, position));
    if (list) mark(line, opens_value(AT(line->buffer, next)));
    line->lists += list;
    line->levels[++line->depth] = (Level){list, list ? 0 : met, 0};
    return next;
}

HOT void close_level(Line *line) {
    line->lists -= line->levels[line->depth].list;
    if (!line->levels[line->depth].list) mark(line, '}');
    line->depth--;
}

/* Read a key and what is behind it; return where the value begins, -1 if there is none; tell which paths it is on. */
static int64_t pass_key(Line *line, int64_t position, unsigned *met) {
    Level *level = &line->levels[line->depth];
    if (AT(line->buffer, position) != '"') return -1;
    int64_t stop = text_end((U8){line->buffer.at, line->limit}, position + 1);
    if (stop < 0) return -1;
    mark_key(line, position + 1, stop);
    *met = level->leads ? met_by(line, position + 1, stop) : 0;
    if (*met & level->met) return -1; /* twice the same key */
    level->met |= *met;
    int64_t colon = past_blanks(line, stop + 1);
    return colon < 0 || AT(line->buffer, colon) != ':' ? -1 : past_blanks(line, colon + 1);
}

/* Close what ends here, up to a comma or the end of the object; return where the next key or element is, or the end. */
static int64_t pass_ends(Line *line, int64_t position) {
    for (;;) {
        position = past_blanks(line, position);
        if (position < 0) return -1;
        uint8_t byte = AT(line->buffer, position);
        if (byte == ',') return past_blanks(line, position + 1);
        if (byte != (line->levels[line->depth].list ? ']' : '}')) return -1;
        close_level(line);
        position++;
        if (line->depth < 0) return position;
    }
}

/* Read one object; return where it ends, -1 if it is not plain enough. */
static int64_t pass_object(Line *line, int64_t position) {
    position = past_blanks(line, position);
    if (position < 0 || AT(line->buffer, position) != '{') return -1;
    line->depth = -1, line->lists = 0, line->found = 0, line->shape = 0;
    int64_t next = past_blanks(line, position + 1);
    if (next < 0 || AT(line->buffer, next) == '}') return -1;
    line->levels[++line->depth] = (Level){0, (1u << PATHS) - 1, 0};
    for (int which = 0; which < PATHS; which++)
        if (AT(line->firsts, which) == AT(line->firsts, which + 1)) line->levels[0].leads &= ~(1u << which);
    while (line->depth >= 0) {
        unsigned met = 0;
        position = line->levels[line->depth].list ? next : pass_key(line, next, &met);
        if (position < 0) return -1;
        uint8_t byte = AT(line->buffer, position);
        if (opens_value(byte)) {
            next = open_level(line, position, met);
            if (next < 0) return -1;
            if (!closes_value(AT(line->buffer, next))) continue;
            position = next;
        } else {
            unsigned wanted = ending_here(line, met);
            position = byte == '"' ? pass_string(line, position, wanted) : pass_scalar(line, position, wanted);
            if (position < 0) return -1;
        }
        next = pass_ends(line, position);
        if (next < 0) return -1;
    }
    return next;
}

/* Where the next line starts behind an object, -1 if there is more on this one. */
static int64_t next_line(Line *line, int64_t position) {
    while (position < line->limit) {
        uint8_t byte = AT(line->buffer, position++);
        if (byte == '\n') return position;
        if (byte != ' ' && byte != '\t' && byte != '\r') return -1;
    }
    return position;
}

HOT int is_known(U64 shapes, uint64_t shape) {
    for (int64_t i = 0; i < shapes.n; i++)
        if (AT(shapes, i) == shape) return 1;
    return 0;
}

/* Whether case or event, where they are wanted, is not there or missing. */
static int lacks_field(Line *line) {
    for (int which = 0; which < PATHS; which++) {
        if (AT(line->firsts, which) == AT(line->firsts, which + 1)) continue;
        if (!(line->found >> which & 1)) return 1;
        int64_t start = AT2(line->spans, line->row, 1 + 2 * which), stop = AT2(line->spans, line->row, 2 + 2 * which);
        if (which <= EVENT_COLUMN && is_missing(line->buffer, which, start, stop)) return 1;
    }
    return 0;
}

KERNEL(split_fields, { U8 buffer; U8 keys; I64 ends; I64 firsts; U64 shapes; I64x2 spans; I64 state; }) {
    Line line = {.buffer = in->buffer, .limit = AT(in->state, FIELDS_LIMIT), .keys = in->keys, .ends = in->ends,
                 .firsts = in->firsts, .spans = in->spans, .free = AT(in->state, FIELDS_FREE)};
    int64_t position = AT(in->state, FIELDS_AT);
    line.row = AT(in->state, FIELDS_ROWS);
    AT(in->state, FIELDS_SHAPE) = 0;
    while (position < line.limit && line.row < line.spans.n) {
        AT2(line.spans, line.row, LINE) = position;
        int64_t end = pass_object(&line, position), following = end < 0 ? -1 : next_line(&line, end);
        if (following < 0) break;
        AT(in->state, FIELDS_SHAPE) = (int64_t)line.shape;
        if (!is_known(in->shapes, line.shape) || lacks_field(&line)) break;
        position = following;
        line.row++;
    }
    AT(in->state, FIELDS_AT) = position;
    AT(in->state, FIELDS_ROWS) = line.row;
    AT(in->state, FIELDS_FREE) = line.free;
    return 0;
}
