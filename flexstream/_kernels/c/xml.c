/* From bytes to traces: the elements of an event log in XML, as far as their shape is a usual one; see xml.py. */

enum { XML_POSITION, XML_STEPS, XML_SYMBOLS, XML_TEXTS, XML_NAMES, XML_TAG, XML_STATUS };
enum { STEP_KIND, STEP_SYMBOLS, STEP_POSITION, STEP_KEY };
enum { OPENED, NAMED, UNNAMED, LACKING, CLOSED };
enum { MOST_KEYS = 16 };

/* Whether the name of a tag without its prefix is a text. */
HOT int is_local(U8 buffer, Part name, const char *text, int64_t length) {
    int64_t start = name.stop - length;
    return start >= name.start && holds(buffer, start, text, length)
           && (start == name.start || AT(buffer, start - 1) == ':');
}

/* What is known while traces are split; `at` is a place up to which all is understood. */
typedef struct {
    U8 buffer, keys, tag, texts, names;
    I64 ends;
    I64x2 steps, moments;
    int64_t parts, at, step, symbols, text, name, open;
} Walk;

static void add_step(Walk *now, int64_t kind, int64_t position, int64_t key) {
    AT2(now->steps, now->step, STEP_KIND) = kind;
    AT2(now->steps, now->step, STEP_SYMBOLS) = now->symbols;
    AT2(now->steps, now->step, STEP_POSITION) = position;
    AT2(now->steps, now->step, STEP_KEY) = key;
    now->step++;
}

/* Whether the key of a tag is one of the keys; behind the symbols is room to write it out. */
HOT int has_key(const Walk *now, Part key, int64_t which) {
    int64_t first = which ? AT(now->ends, which - 1) : 0, length = AT(now->ends, which) - first;
    if (key.start < 0) return 0;
    if (LIKELY(!key.coded))
        return key.stop - key.start == length && same_bytes(now->keys, first, now->buffer, key.start, length);
    int64_t stop = put_value(now->texts, now->text, now->buffer, key);
    return stop - now->text == length && same_bytes(now->keys, first, now->texts, now->text, length);
}

/* Note where the time of an event stands; one with references in it counts as none. */
static void add_moment(Walk *now, Part value) {
    int none = value.start < 0 || value.coded;
    AT2(now->moments, now->symbols, 0) = none ? -1 : value.start;
    AT2(now->moments, now->symbols, 1) = none ? -1 : value.stop;
}

/* Add the symbol of an event, or say which of its keys it lacks: the first if all are blank; `position` is where the
   event ends. */
static void end_event(Walk *now, const Part *values, int64_t position) {
    for (int64_t which = 1; which <= now->parts; which++) {
        if (values[which].start != -1) continue;
        add_step(now, LACKING, position, which - 1);
        return;
    }
    int64_t begin = now->text;
    int filled = 0;
    for (int64_t which = 1; which <= now->parts; which++) {
        int64_t start = now->text;
        if (values[which].start >= 0) now->text = put_value(now->texts, now->text, now->buffer, values[which]);
        filled = filled || is_filled(now->texts, start, now->text);
        AT(now->texts, now->text++) = which < now->parts ? '+' : 0;
    }
    if (!filled) {
        now->text = begin;
        add_step(now, LACKING, position, 0);
        return;
    }
    if (now->moments.n) add_moment(now, values[now->ends.n - 1]);
    now->symbols++;
}

/* Read an event from behind its first tag; return where it ends. */
HOT int64_t read_event(Walk *now, int64_t position, Tag event) {
    enum { WITHOUT_VALUE = -2 };
    Part values[MOST_KEYS + 1];
    for (int64_t which = 0; which < now->ends.n; which++) values[which].start = -1;
    int64_t end = position;
    while (!event.empty) {
        position = next_tag(now->buffer, position);
        if (position < 0) return position;
        if (is_end(now->buffer, position)) {
            end = position;
            position = after_end_tag(now->buffer, position, now->buffer, event.name.start,
                                     event.name.stop - event.name.start);
            if (position < 0) return position;
            break;
        }
        Tag tag;
        position = read_tag(now->buffer, position, &tag);
        if (position >= 0 && !tag.empty) position = after_element(now->buffer, position, tag);
        if (position < 0) return position;
        if (tag.value.start < 0) tag.value.start = WITHOUT_VALUE;
        for (int64_t which = 1; which < now->ends.n; which++)
            if (has_key(now, tag.key, which)) values[which] = tag.value;
    }
    end_event(now, values, end);
    return position;
}

/* Read an attribute of a trace, which may be its name, from behind its first tag; return where it ends. */
static int64_t read_other(Walk *now, int64_t position, Tag tag) {
    int64_t stop = after_element(now->buffer, position, tag);
    if (stop < 0 || !has_key(now, tag.key, 0)) return stop;
    add_step(now, tag.value.start < 0 ? UNNAMED : NAMED, position, 0);
    if (tag.value.start >= 0) {
        now->name = put_value(now->names, now->name, now->buffer, tag.value);
        AT(now->names, now->name++) = 0;
    }
    return stop;
}

/* Read the tag that begins a trace; return where it ends. */
static int64_t open_trace(Walk *now, int64_t position) {
    Tag tag;
    int64_t stop = is_end(now->buffer, position) ? UNUSUAL : read_tag(now->buffer, position, &tag);
    if (stop < 0) return stop;
    int64_t length = tag.name.stop - tag.name.start;
    if (!is_local(now->buffer, tag.name, "trace", 5) || length > now->tag.n) return UNUSUAL;
    add_step(now, OPENED, position, 0);
    if (tag.empty) {
        add_step(now, CLOSED, position, 0);
    } else {
        copy_bytes(now->tag, 0, now->buffer, tag.name.start, length);
        now->open = length;
    }
    return stop;
}

/* Read an event, another element of a trace, or its end; return where that ends. */
HOT int64_t go_on_in_trace(Walk *now, int64_t position) {
    if (is_end(now->buffer, position)) {
        int64_t stop = after_end_tag(now->buffer, position, now->tag, 0, now->open);
        if (stop < 0) return stop;
        add_step(now, CLOSED, position, 0);
        now->open = 0;
        return stop;
    }
    Tag tag;
    int64_t stop = read_tag(now->buffer, position, &tag);
    if (stop < 0) return stop;
    return is_local(now->buffer, tag.name, "event", 5) ? read_event(now, stop, tag) : read_other(now, stop, tag);
}

KERNEL(split_traces, { U8 buffer; U8 keys; I64 ends; U8 tag; U8 texts; U8 names; I64x2 steps; I64x2 moments;
                       I64 state; }) {
    I64 state = in->state;
    Walk now = {in->buffer, in->keys, in->tag, in->texts, in->names, in->ends, in->steps, in->moments,
                .parts = in->ends.n - 1 - (in->moments.n > 0), .at = AT(state, XML_POSITION), .open = AT(state, XML_TAG)};
    int64_t position = in->ends.n > MOST_KEYS ? UNUSUAL : now.at;
    while (position >= 0) {
        now.at = position;
        position = next_tag(now.buffer, position);
        if (position >= 0) position = now.open ? go_on_in_trace(&now, position) : open_trace(&now, position);
    }
    AT(state, XML_POSITION) = now.at;
    AT(state, XML_STEPS) = now.step;
    AT(state, XML_SYMBOLS) = now.symbols;
    AT(state, XML_TEXTS) = now.text;
    AT(state, XML_NAMES) = now.name;
    AT(state, XML_TAG) = now.open;
    AT(state, XML_STATUS) = position;
    return 0;
}
