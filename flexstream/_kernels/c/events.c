/* From bytes to events: where case, event and time stand in lines of CSV or JSON; see events.py. */

enum { LINE };
enum { CASE_COLUMN, EVENT_COLUMN };
enum { ROW = 1, TRIMMED, LIKELY };
enum { LONGEST_CASE = 1 << 12 }; /* see readers/parsing/blank.py */

RECORD(Shapes, { U8 sizes; U8 first; U8 last; })

/* Where the next line starts if one ends here, else -1. */
HOT int64_t after_line_end(U8 buffer, int64_t position) {
    if (position == buffer.n) return position;
    if (AT(buffer, position) == '\n') return position + 1;
    int ends = AT(buffer, position) == '\r' && position + 1 < buffer.n && AT(buffer, position + 1) == '\n';
    return ends ? position + 2 : -1;
}

/* Which of the columns wanted a field is, a bit for each. */
HOT int wanted_as(I64 columns, int64_t field) {
    return (field == AT(columns, 0)) | (field == AT(columns, 1)) << 1 | (field == AT(columns, 2)) << 2;
}

/* Note where a field stands that is some of the columns wanted. */
HOT void keep(I64x2 spans, int64_t row, int wanted, int64_t start, int64_t stop) {
    I64 cells = {&AT2(spans, row, 0), spans.n1};
    for (; wanted; wanted &= wanted - 1) {
        int64_t which = __builtin_ctz((unsigned)wanted);
        AT(cells, 1 + 2 * which) = start;
        AT(cells, 2 + 2 * which) = stop;
    }
}

/* Whether there is more than blanks in bytes of a text. */
HOT int is_filled(U8 text, int64_t start, int64_t stop) {
    if (LIKELY(start < stop && AT(text, start) > ' ')) return 1;
    while (start < stop && (AT(text, start) == ' ' || (AT(text, start) >= '\t' && AT(text, start) <= '\r'))) start++;
    return start < stop;
}

/* Whether what stands in a column is no case, or no event: it is blank, or too long for the name of a case. */
HOT int is_missing(U8 text, int64_t column, int64_t start, int64_t stop) {
    return !is_filled(text, start, stop) || (column == CASE_COLUMN && stop - start > LONGEST_CASE);
}

/* Whether case or event, where they are wanted, is missing, as in no plain row or object. */
HOT int lacks_any(U8 buffer, I64x2 spans, int64_t row, I64 columns) {
    for (int64_t which = CASE_COLUMN; which <= EVENT_COLUMN; which++) {
        if (AT(columns, which) < 0) continue;
        if (is_missing(buffer, which, AT2(spans, row, 1 + 2 * which), AT2(spans, row, 2 + 2 * which))) return 1;
    }
    return 0;
}

/* Note where a cell stands without the blanks around it; tell whether there are some. */
HOT int keep_bare(U8 buffer, I64x2 spans, int64_t row, int wanted, int64_t start, int64_t stop) {
    if (LIKELY(start < stop && AT(buffer, start) > ' ' && AT(buffer, stop - 1) > ' ')) {
        keep(spans, row, wanted, start, stop);
        return 0;
    }
    int64_t first = start, end = stop;
    while (first < end && is_blank(AT(buffer, first))) first++;
    while (first < end && is_blank(AT(buffer, end - 1))) end--;
    keep(spans, row, wanted, first, end);
    return first != start || end != stop;
}

/* Rows of CSV, and the bytes that part them and their cells, found for 64 bytes at a time. */
typedef struct {
    U8 buffer;
    int64_t width;
    I64 columns;
    uint8_t delimiter;
    int64_t first;  /* where the bytes stand that were looked at last */
    uint64_t marks; /* bit i: byte first + i parts something and was not met yet */
    int trimmed;    /* whether blanks around a cell of the present row were left out */
} Rows;

/* Which of 64 bytes are delimiter, line feed, return or quote. */
static uint64_t marks_of(U8 bytes, uint8_t delimiter) {
    uint64_t marks = 0;
    Four sought = {{delimiter, '\n', '\r', '"'}};
    for (int64_t first = 0; first < WINDOW; first += STEP) marks |= equal_to_any(bytes, first, sought) << first;
    return marks;
}

/* Look at the bytes from a position on. */
HOT void look_at(Rows *rows, int64_t first) {
    U8 buffer = rows->buffer;
    int64_t left = buffer.n - first;
    rows->first = first;
    if (LIKELY(left >= WINDOW)) {
        rows->marks = marks_of(PART(U8, buffer, first, WINDOW), rows->delimiter);
        return;
    }
    uint8_t rest[WINDOW] = {0};
    memcpy(rest, PART(U8, buffer, first, left).at, (size_t)left);
    rows->marks = marks_of((U8){rest, WINDOW}, rows->delimiter) & (((uint64_t)1 << left) - 1);
}

/* Where the next byte is that parts something, the length of the buffer if none is left. */
HOT int64_t next_mark(Rows *rows) {
    while (rows->marks == 0) {
        if (rows->first + WINDOW >= rows->buffer.n) return rows->buffer.n;
        look_at(rows, rows->first + WINDOW);
    }
    int64_t place = rows->first + __builtin_ctzll(rows->marks);
    rows->marks &= rows->marks - 1;
    return place;
}

HOT int is_at(U8 buffer, int64_t position, uint8_t byte) { return position < buffer.n && AT(buffer, position) == byte; }

/* Where the quote stands that closes a cell; -1 if the line ends before, or nothing is parted behind it. */
HOT int64_t closing_quote(Rows *rows) {
    U8 buffer = rows->buffer;
    int64_t mark = next_mark(rows);
    while (mark < buffer.n && AT(buffer, mark) != '"' && AT(buffer, mark) != '\n') mark = next_mark(rows);
    return is_at(buffer, mark, '"') && next_mark(rows) == mark + 1 ? mark : -1;
}

/* Split the row that starts at `line`; return the start of the next, -1 if it is not plain; tell whether it has cells. */
HOT int64_t split_row(Rows *rows, int64_t line, I64x2 spans, int64_t row, int *filled) {
    U8 buffer = rows->buffer;
    AT2(spans, row, LINE) = line;
    rows->trimmed = 0;
    for (int64_t field = 0, start = line;; field++) {
        int64_t stop = next_mark(rows), mark = stop;
        if (stop == start && is_at(buffer, stop, '"')) {
            start++;
            stop = closing_quote(rows);
            if (stop < 0) return -1;
            mark = stop + 1;
        }
        int wanted = wanted_as(rows->columns, field);
        if (wanted) rows->trimmed |= keep_bare(buffer, spans, row, wanted, start, stop);
        if (is_at(buffer, mark, rows->delimiter)) {
            start = mark + 1;
            continue;
        }
        *filled = mark != line;
        if (*filled && field + 1 != rows->width) return -1;
        if (is_at(buffer, mark, '\r') && next_mark(rows) != mark + 1) return -1;
        return after_line_end(buffer, mark);
    }
}

/* Whether the event of a row may be one of a few texts; no branches, as nobody could tell where they lead. */
HOT int may_be(const Shapes *shapes, U8 buffer, I64x2 spans, int64_t row) {
    int64_t start = AT2(spans, row, 1 + 2 * EVENT_COLUMN), stop = AT2(spans, row, 2 + 2 * EVENT_COLUMN);
    int size = AT(shapes->sizes, least_of(stop - start, shapes->sizes.n - 1));
    return size & AT(shapes->first, AT(buffer, start)) & AT(shapes->last, AT(buffer, stop - 1));
}

KERNEL(split_rows, { U8 buffer; int64_t delimiter; int64_t width; I64 columns; Shapes *shapes; I64x2 spans; I64 state; }) {
    int64_t wanted[3] = {AT(in->columns, 0), AT(in->columns, 1), AT(in->columns, 2)};
    Rows rows = {in->buffer, in->width, {wanted, 3}, (uint8_t)in->delimiter, 0, 0, 0};
    int64_t position = AT(in->state, POSITION), row = AT(in->state, ROW);
    int64_t likely = -1;
    int trimmed = 0;
    if (position < rows.buffer.n) look_at(&rows, position);
    while (position < rows.buffer.n && row < in->spans.n) {
        int filled = 0;
        int64_t following = split_row(&rows, position, in->spans, row, &filled);
        if (following < 0 || (filled && lacks_any(rows.buffer, in->spans, row, rows.columns))) break;
        if (likely < 0 && filled && may_be(in->shapes, rows.buffer, in->spans, row)) likely = row;
        position = following;
        row += filled;
        trimmed |= rows.trimmed;
    }
    AT(in->state, POSITION) = position;
    AT(in->state, ROW) = row;
    AT(in->state, TRIMMED) = trimmed;
    AT(in->state, LIKELY) = likely < 0 ? row : likely;
    return 0;
}

KERNEL(find_likely, { U8 buffer; I64x2 spans; Shapes *shapes; int64_t row; }) {
    int64_t row = in->row;
    while (row < in->spans.n && !may_be(in->shapes, in->buffer, in->spans, row)) row++;
    return row;
}

/* Whether a text stands at a position. */
HOT int holds(U8 buffer, int64_t position, const char *text, int64_t length) {
    if (position + length > buffer.n) return 0;
    for (int64_t i = 0; i < length; i++)
        if (AT(buffer, position + i) != (uint8_t)text[i]) return 0;
    return 1;
}

/* Where a number of JSON without exponent ends, -1 if there is none. */
static int64_t number_end(U8 buffer, int64_t position) {
    int64_t start = position + (AT(buffer, position) == '-'), stop = digits_end(buffer, start);
    if (stop == start || (AT(buffer, start) == '0' && stop - start > 1)) return -1;
    if (stop >= buffer.n || AT(buffer, stop) != '.') return stop;
    int64_t fraction = digits_end(buffer, stop + 1);
    return fraction > stop + 1 ? fraction : -1;
}

/* Where a number, true, false or null ends; -1 if there is none of them. */
static int64_t scalar_end(U8 buffer, int64_t position) {
    if (position >= buffer.n) return -1;
    if (holds(buffer, position, "true", 4) || holds(buffer, position, "null", 4)) return position + 4;
    if (holds(buffer, position, "false", 5)) return position + 5;
    return number_end(buffer, position);
}

/* Where a text of JSON that needs no decoding ends; -1 if it does need it, or is none. */
HOT int64_t text_end(U8 buffer, int64_t position) {
    for (; position < buffer.n && AT(buffer, position) >= ' ' && AT(buffer, position) != '\\'; position++)
        if (AT(buffer, position) == '"') return position;
    return -1;
}

/* Split one object; return the start of the next line, -1 if it does not look like the pattern. */
HOT int64_t split_object(U8 buffer, int64_t position, U8 literals, I64 ends, I64 columns, I64x2 spans, int64_t row) {
    AT2(spans, row, LINE) = position;
    int64_t first = 0;
    for (int64_t field = 0; field < ends.n; field++) {
        int64_t length = AT(ends, field) - first;
        if (position + length > buffer.n || !same_bytes(literals, first, buffer, position, length)) return -1;
        position += length;
        first += length;
        if (field == ends.n - 1) break;
        int quoted = is_at(buffer, position, '"');
        int64_t start = position + quoted, stop = quoted ? text_end(buffer, start) : scalar_end(buffer, start);
        int wanted = wanted_as(columns, field);
        if (stop < 0 || (wanted && !quoted && holds(buffer, start, "null", 4))) return -1;
        keep(spans, row, wanted, start, stop);
        position = stop + quoted;
    }
    return after_line_end(buffer, position);
}

KERNEL(split_objects, { U8 buffer; U8 literals; I64 ends; I64 columns; I64x2 spans; I64 state; }) {
    int64_t position = AT(in->state, POSITION), row = AT(in->state, ROW);
    while (position < in->buffer.n && row < in->spans.n) {
        int64_t following =
            split_object(in->buffer, position, in->literals, in->ends, in->columns, in->spans, row);
        if (following < 0 || lacks_any(in->buffer, in->spans, row, in->columns)) break;
        position = following;
        row++;
    }
    AT(in->state, POSITION) = position;
    AT(in->state, ROW) = row;
    return 0;
}
