/* What came shortly before; see before.py. */

KERNEL(count_lately, { I64 classes; I64 places; int64_t window; I64 met; I64 last; I64 same; }) {
    int64_t first = 0;
    for (int64_t i = 0; i < in->classes.n; i++) {
        for (; AT(in->places, first) < AT(in->places, i) - in->window; first++) AT(in->met, AT(in->classes, first))--;
        AT(in->last, i) = i - first;
        AT(in->same, i) = AT(in->met, AT(in->classes, i))++;
    }
    for (int64_t i = 0; i < in->classes.n; i++) AT(in->met, AT(in->classes, i)) = 0;
    return 0;
}
