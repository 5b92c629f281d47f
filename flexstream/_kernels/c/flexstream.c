/* All kernels, compiled as one piece: each may be compiled into another, and one command makes the library.
 *
 * A file may use what stands in those above it.
 */
#include "kernels.h"

#include "checks.c"

#include "table.c"

#include "spacesaving.c"

#include "futures.c"

#include "growth.c"

#include "addition.c"

#include "states.c"

#include "windows.c"

#include "tokens.c"

#include "moments.c"

#include "events.c"

#include "markup.c"

#include "nesting.c"

#include "fields.c"

#include "xml.c"

#include "sessions.c"

#include "heap.c"

#include "gamma.c"

#include "folding.c"

#include "shortlist.c"

#include "judges.c"

#include "search.c"

#include "routing.c"

#include "leading.c"

#include "visits.c"

#include "recall.c"

#include "future_lists.c"

#include "scoring.c"

#include "before.c"

#include "numbers.c"

#include "timed.c"

#include "slowness.c"

#include "drawn_events.c"

#include "sampled.c"

#include "leaving_out.c"

#include "tallying.c"

#include "ngrams.c"

#include "repeats.c"

#include "likeness.c"

#include "drawing.c"

#include "forward.c"

#include "adwin.c"

#include "softening.c"
