/* Times, from bytes to seconds, by shapes: what a time is made of, field by field; see moments.py. */

static const int64_t NO_TIME = -((int64_t)1 << 62);
enum { MICRO = 1000000, DAY_SECONDS = 86400, HALF_DAY = 43200 };
enum { YEAR, YEAR_OF_CENTURY, MONTH, MONTH_NAME, DAY, DAY_OF_YEAR, WEEKDAY, HOUR, HOUR_OF_HALF, MINUTE, SECOND, FRACTION,
       MAYBE_FRACTION, MAYBE_SECOND, HALF, ZONE, MAYBE_ZONE, BLANKS, MAYBE_BLANKS, BREAK, LITERAL, EPOCH };
enum { FIELD, LEAST_DIGITS, MOST_DIGITS };
/* Years of two digits from here on are of the century before, as POSIX has it. */
enum { LAST_CENTURY = 69 };

/* Where digits end. */
HOT int64_t digits_end(U8 buffer, int64_t position) {
    while (position < buffer.n && is_digit(AT(buffer, position))) position++;
    return position;
}

/* The parts of a time; `second_at` and `fraction_at` say where these stand, -1 where they do not, or mean more. */
typedef struct {
    int64_t year, month, day, day_of_year, hour, minute, second, micro, ahead, afternoon, halved;
    int64_t second_at, fraction_at, fraction_end;
    double number;
} Moment;

static int64_t is_leap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

static int64_t days_in(int64_t year, int64_t month) {
    return month == 2 ? 28 + is_leap(year) : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* The days since 1970 of a date, NO_TIME if there is no such day.
 *
 * The year is taken to start in March, so that a leap day is its last (Richards, Explanatory Supplement to the
 * Astronomical Almanac, 3rd edition, 2013, section 15.11).
 */
static int64_t days_of(int64_t year, int64_t month, int64_t day) {
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return NO_TIME;
    int64_t shifted = (month + 9) % 12, years = year - (month <= 2);
    return 365 * years + years / 4 - years / 100 + years / 400 + (153 * shifted + 2) / 5 + day - 719469;
}

/* Read a number of so many digits; return where it ends, -1 if none is there. */
HOT int64_t read_digits(U8 buffer, int64_t position, int64_t stop, int64_t least, int64_t most, int64_t *value) {
    int64_t start = position, last = least_of(stop, position + most);
    for (*value = 0; position < last && is_digit(AT(buffer, position)); position++)
        *value = 10 * *value + AT(buffer, position) - '0';
    return position - start < least ? -1 : position;
}

static int is_letter(uint8_t byte) { return (uint8_t)((byte | 32) - 'a') < 26; }
HOT int is_blank(uint8_t byte) { return byte == ' ' || byte == '\t'; }

/* Where a word ends whose letters, capital or not, are the first of a text, at least so many; -1 if it is another. */
static int64_t word_end(U8 buffer, int64_t position, int64_t stop, const char *text, int64_t least) {
    int64_t at = 0;
    while (position < stop && text[at] && (AT(buffer, position) | 32) == text[at]) position++, at++;
    int ended = position == stop || !is_letter(AT(buffer, position));
    return ended && (at == least || !text[at] || (at == 4 && text[3] == 't')) ? position : -1;
}

static int64_t read_month(U8 buffer, int64_t position, int64_t stop, int64_t *month) {
    static const char *const names[] = {"january", "february", "march", "april", "may", "june", "july", "august",
                                        "september", "october", "november", "december"};
    for (*month = 1; *month <= 12; ++*month) {
        int64_t end = word_end(buffer, position, stop, names[*month - 1], 3);
        if (end >= 0) return end;
    }
    return -1;
}

static int64_t read_weekday(U8 buffer, int64_t position, int64_t stop) {
    static const char *const names[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
    for (int64_t i = 0; i < 7; i++) {
        int64_t end = word_end(buffer, position, stop, names[i], 3);
        if (end >= 0) return end;
    }
    return -1;
}

/* The microseconds of the digits of a fraction; what is finer is left out. */
HOT int64_t micro_of(U8 buffer, int64_t start, int64_t stop) {
    int64_t value = 0, places = 0;
    for (; places < 6 && start < stop; places++) value = 10 * value + AT(buffer, start++) - '0';
    for (; places < 6; places++) value *= 10;
    return value;
}

HOT int64_t read_fraction(U8 buffer, int64_t position, int64_t stop, int64_t least, int64_t most, Moment *moment) {
    int64_t end = position, last = least_of(stop, position + most);
    while (end < last && is_digit(AT(buffer, end))) end++;
    if (end - position < least) return -1;
    moment->micro = micro_of(buffer, position, end);
    moment->fraction_at = position;
    moment->fraction_end = end;
    return end;
}

/* A point or comma and digits, or nothing. */
HOT int64_t read_maybe_fraction(U8 buffer, int64_t position, int64_t stop, Moment *moment) {
    if (position >= stop || (AT(buffer, position) != '.' && AT(buffer, position) != ',')) return position;
    return read_fraction(buffer, position + 1, stop, 1, stop, moment);
}

HOT int64_t read_second(U8 buffer, int64_t position, int64_t stop, int64_t least, Moment *moment) {
    int64_t end = read_digits(buffer, position, stop, least, 2, &moment->second);
    moment->second_at = end == position + 2 ? position : -1;
    return moment->second <= 60 ? end : -1;
}

HOT int64_t read_maybe_second(U8 buffer, int64_t position, int64_t stop, Moment *moment) {
    if (position >= stop || AT(buffer, position) != ':') return position;
    position = read_second(buffer, position + 1, stop, 2, moment);
    return position < 0 ? -1 : read_maybe_fraction(buffer, position, stop, moment);
}

/* AM or PM, with points or without. */
static int64_t read_half(U8 buffer, int64_t position, int64_t stop, Moment *moment) {
    int pointed = position + 3 < stop && AT(buffer, position + 1) == '.' && AT(buffer, position + 3) == '.';
    int64_t second = position + 1 + pointed;
    if (second >= stop || (AT(buffer, second) | 32) != 'm') return -1;
    uint8_t first = AT(buffer, position) | 32;
    moment->afternoon = first == 'p';
    return first == 'a' || first == 'p' ? second + 1 + pointed : -1;
}

/* `+01`, `+0100`, `+01:00`, `+01:00:00`. */
static int64_t read_offset(U8 buffer, int64_t position, int64_t stop, Moment *moment) {
    int behind = AT(buffer, position) == '-';
    int64_t hour, part[2] = {0, 0}, end = read_digits(buffer, position + 1, stop, 2, 2, &hour);
    for (int64_t i = 0; i < 2 && end >= 0 && end < stop; i++) {
        int colon = AT(buffer, end) == ':';
        int64_t next = read_digits(buffer, end + colon, stop, 2, 2, &part[i]);
        if (next < 0 && colon) return -1;
        if (next < 0) break;
        end = next;
    }
    if (end < 0 || hour > 23 || part[0] > 59 || part[1] > 59) return -1;
    int64_t ahead = 3600 * hour + 60 * part[0] + part[1];
    moment->ahead = behind ? -ahead : ahead;
    return end;
}

/* A zone by a name that means one alone, or -1. */
static int64_t read_zone_name(U8 buffer, int64_t position, int64_t stop, Moment *moment) {
    static const struct { const char *name; int64_t length, hours; } known[] = {
        {"utc", 3, 0}, {"gmt", 3, 0}, {"z", 1, 0}, {"ut", 2, 0}, {"cest", 4, 2}, {"cet", 3, 1}, {"eest", 4, 3}, {"eet", 3, 2},
        {"west", 4, 1}, {"wet", 3, 0}, {"edt", 3, -4}, {"est", 3, -5}, {"cdt", 3, -5}, {"cst", 3, -6}, {"mdt", 3, -6},
        {"mst", 3, -7}, {"pdt", 3, -7}, {"pst", 3, -8}, {"jst", 3, 9}, {"kst", 3, 9}, {"msk", 3, 3}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        int64_t end = word_end(buffer, position, stop, known[i].name, known[i].length);
        if (end < 0) continue;
        moment->ahead = 3600 * known[i].hours;
        int more = end < stop && known[i].hours == 0 && (AT(buffer, end) == '+' || AT(buffer, end) == '-');
        return more ? read_offset(buffer, end, stop, moment) : end;
    }
    return -1;
}

/* A zone, and its name in brackets behind it. */
static int64_t read_zone(U8 buffer, int64_t position, int64_t stop, Moment *moment) {
    if (position >= stop) return -1;
    uint8_t byte = AT(buffer, position);
    int64_t end = byte == '+' || byte == '-' ? read_offset(buffer, position, stop, moment)
                                              : read_zone_name(buffer, position, stop, moment);
    if (end < 0) return -1;
    int64_t open = end + (end < stop && AT(buffer, end) == ' ');
    if (open >= stop || (AT(buffer, open) != '[' && AT(buffer, open) != '(')) return end;
    uint8_t close = AT(buffer, open) == '[' ? ']' : ')';
    while (open < stop && AT(buffer, open) != close) open++;
    return open < stop ? open + 1 : -1;
}

HOT int64_t blanks_end(U8 buffer, int64_t position, int64_t stop) {
    while (position < stop && is_blank(AT(buffer, position))) position++;
    return position;
}

static int64_t read_maybe_zone(U8 buffer, int64_t position, int64_t stop, Moment *moment) {
    int64_t start = blanks_end(buffer, position, stop);
    return start == stop ? position : read_zone(buffer, start, stop, moment);
}

/* Seconds, milli-, micro- or nanoseconds since 1970, which one by how large the number is; -1 if none is there, or one
 * of more than 19 digits.  Of a fraction so many digits count that it has no more than 18 with those before it. */
static int64_t read_epoch(U8 buffer, int64_t position, int64_t stop, Moment *moment) {
    enum { LONGEST = 18 };
    int minus = position < stop && AT(buffer, position) == '-';
    int64_t whole, start = position + (minus || (position < stop && AT(buffer, position) == '+'));
    int64_t end = read_digits(buffer, start, stop, 1, LONGEST, &whole), width = end - start;
    if (end < 0) return -1;
    uint64_t number = (uint64_t)whole;
    double unit = 1;
    if (end < stop && is_digit(AT(buffer, end))) number = 10 * number + AT(buffer, end++) - '0';
    if (end < stop && AT(buffer, end) == '.') {
        for (end++; end < stop && is_digit(AT(buffer, end)); end++) {
            if (++width > LONGEST) continue;
            number = 10 * number + AT(buffer, end) - '0';
            unit *= 10;
        }
    }
    double value = (double)number / unit;
    while (value >= 1e11) value /= 1000.0; /* until the year 5138 they are seconds */
    moment->number = minus ? -value : value;
    return end;
}

HOT int64_t read_break(U8 buffer, int64_t position, int64_t stop) {
    if (position >= stop) return -1;
    return (AT(buffer, position) | 32) == 't' ? position + 1 : is_blank(AT(buffer, position)) ? blanks_end(buffer, position, stop) : -1;
}

/* Read one field; return where it ends, -1 if it is not there. */
HOT int64_t read_field(U8 buffer, int64_t at, int64_t stop, int64_t field, int64_t least, int64_t most, Moment *to) {
    switch (field) {
    case YEAR: return read_digits(buffer, at, stop, least, most, &to->year);
    case YEAR_OF_CENTURY:
        at = read_digits(buffer, at, stop, least, most, &to->year);
        to->year += to->year < LAST_CENTURY ? 2000 : 1900;
        return at;
    case MONTH: return read_digits(buffer, at, stop, least, most, &to->month);
    case MONTH_NAME: return read_month(buffer, at, stop, &to->month);
    case DAY: return read_digits(buffer, at, stop, least, most, &to->day);
    case DAY_OF_YEAR: return read_digits(buffer, at, stop, least, most, &to->day_of_year);
    case WEEKDAY: return read_weekday(buffer, at, stop);
    case HOUR_OF_HALF: to->halved = 1; /* fall through */
    case HOUR: return read_digits(buffer, at, stop, least, most, &to->hour);
    case MINUTE: return read_digits(buffer, at, stop, least, most, &to->minute);
    case SECOND: return read_second(buffer, at, stop, least, to);
    case FRACTION: return read_fraction(buffer, at, stop, least, most, to);
    case MAYBE_FRACTION: return read_maybe_fraction(buffer, at, stop, to);
    case MAYBE_SECOND: return read_maybe_second(buffer, at, stop, to);
    case HALF: return read_half(buffer, at, stop, to);
    case ZONE: return read_zone(buffer, at, stop, to);
    case MAYBE_ZONE: return read_maybe_zone(buffer, at, stop, to);
    case BLANKS: return at < stop && is_blank(AT(buffer, at)) ? blanks_end(buffer, at, stop) : -1;
    case MAYBE_BLANKS: return blanks_end(buffer, at, stop);
    case BREAK: return read_break(buffer, at, stop);
    case LITERAL: return at < stop && AT(buffer, at) == (uint8_t)least ? at + 1 : -1;
    case EPOCH: return read_epoch(buffer, at, stop, to);
    default: return -1;
    }
}

/* The microseconds since 1970 that the parts of a time make, NO_TIME if one of them cannot be. */
static int64_t microseconds(const Moment *parts) {
    int64_t hour = parts->hour, days = days_of(parts->year, parts->month, parts->day);
    if (parts->halved) {
        if (hour < 1 || hour > 12) return NO_TIME;
        hour = hour % 12 + 12 * parts->afternoon;
    }
    if (days == NO_TIME || hour > 23 || parts->minute > 59) return NO_TIME;
    if (parts->day_of_year >= 0) {
        if (parts->day_of_year < 1 || parts->day_of_year > 365 + is_leap(parts->year)) return NO_TIME;
        days = days_of(parts->year, 1, 1) + parts->day_of_year - 1;
    }
    int64_t seconds = DAY_SECONDS * days + 3600 * hour + 60 * parts->minute + parts->second - parts->ahead;
    return seconds * MICRO + parts->micro;
}

/* Microseconds in seconds; those beyond the year 2255 are more than a double holds to the last. */
HOT double seconds_of(int64_t value) {
    if (LIKELY(value < (int64_t)1 << 53 && value > -((int64_t)1 << 53))) return (double)value / MICRO;
    return (double)(value / MICRO) + (double)(value % MICRO) / MICRO;
}

/* The time of the row before: where it stands, where its seconds and their fraction do, and the rest in microseconds. */
typedef struct { int64_t start, stop, second, fraction, fraction_end, rest; } Before;

/* Whether two runs of bytes of a buffer are the same; most are of a few words. */
HOT int same_run(U8 buffer, int64_t one, int64_t other, int64_t length) {
    enum { WORD = 8 };
    const uint8_t *left = PART(U8, buffer, one, length).at, *right = PART(U8, buffer, other, length).at;
    uint64_t a, b, odd = 0;
    if (length < WORD) {
        for (int64_t i = 0; i < length; i++) odd |= left[i] ^ right[i];
        return !odd;
    }
    for (int64_t i = 0; i < length; i += WORD) {
        int64_t at = least_of(i, length - WORD);
        memcpy(&a, left + at, WORD);
        memcpy(&b, right + at, WORD);
        odd |= a ^ b;
    }
    return !odd;
}

/* The microseconds of a time that differs from that of the row before in its seconds at most, else NO_TIME. */
HOT int64_t same_minute(U8 buffer, int64_t start, int64_t stop, const Before *before) {
    int64_t second = before->second, point = before->fraction, end = before->fraction_end;
    if (second < 0 || stop - start != before->stop - before->start) return NO_TIME;
    if (!same_run(buffer, start, before->start, second)) return NO_TIME;
    uint8_t ten = (uint8_t)(AT(buffer, start + second) - '0'), one = (uint8_t)(AT(buffer, start + second + 1) - '0');
    if (ten > 5 || one > 9) return NO_TIME;
    int64_t value = before->rest + (10 * ten + one) * MICRO, tail = second + 2;
    if (point >= 0) {
        if (!same_run(buffer, start + tail, before->start + tail, point - tail)) return NO_TIME;
        for (int64_t i = point; i < end; i++)
            if (!is_digit(AT(buffer, start + i))) return NO_TIME;
        value += micro_of(buffer, start + point, start + end);
        tail = end;
    }
    return same_run(buffer, start + tail, before->start + tail, stop - start - tail) ? value : NO_TIME;
}

/* The seconds of a time, NaN if it has not the shape. */
static double time_of(U8 buffer, int64_t start, int64_t stop, I64x2 fields, int64_t first, int64_t last, Before *before) {
    Moment parts = {2000, 1, 1, -1, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, (double)NAN};
    int64_t at = start;
    before->second = -1;
    for (int64_t i = first; i < last; i++) {
        at = read_field(buffer, at, stop, AT2(fields, i, FIELD), AT2(fields, i, LEAST_DIGITS), AT2(fields, i, MOST_DIGITS), &parts);
        if (at < 0) return (double)NAN;
    }
    if (at != stop) return (double)NAN;
    if (AT2(fields, first, FIELD) == EPOCH) return parts.number;
    int64_t value = microseconds(&parts);
    if (value == NO_TIME) return (double)NAN;
    if (parts.second_at >= 0 && (parts.fraction_at < 0 || parts.fraction_at >= parts.second_at + 2))
        *before = (Before){start, stop, parts.second_at - start, parts.fraction_at < 0 ? -1 : parts.fraction_at - start,
                           parts.fraction_end - start, value - parts.second * MICRO - parts.micro};
    return seconds_of(value);
}

KERNEL(tell_times, { U8 buffer; I64x2 spans; int64_t column; I64x2 fields; I64 ends; F64x2 seconds; }) {
    for (int64_t shape = 0; shape < in->ends.n; shape++) {
        int64_t first = shape ? AT(in->ends, shape - 1) : 0, last = AT(in->ends, shape);
        Before before = {0, 0, -1, -1, -1, 0};
        for (int64_t row = 0; row < in->seconds.n; row++) {
            int64_t start = AT2(in->spans, row, in->column), stop = AT2(in->spans, row, in->column + 1);
            while (start < stop && is_blank(AT(in->buffer, start))) start++;
            while (stop > start && is_blank(AT(in->buffer, stop - 1))) stop--;
            int64_t value = same_minute(in->buffer, start, stop, &before);
            AT2(in->seconds, row, shape) = value != NO_TIME ? seconds_of(value)
                                           : start == stop ? (double)NAN
                                                           : time_of(in->buffer, start, stop, in->fields, first, last, &before);
        }
    }
    return 0;
}
