/*===- pool.h - Pages of keys and values for many sequences -------*- C -*-===*\
|*
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|* A pool cuts one piece of memory, the arena, into pages of equal size and
|* lends them to sequences: what a KV cache is made of. Sequences share pages,
|* by forking and by having the same first tokens, and a shared page is never
|* written. The pool does not interpret what a page holds.
|*
|* Functions that return int32_t return an attnc_status; on failure nothing has
|* changed, results are not written, and attnc_last_error() starts with the name
|* of the function. A null pool is refused. C99 and C++17.
|*
|* Every function may be called from several threads at once, but for
|* attnc_rt_pool_destroy, which has to be the last. The bytes of pages are the
|* callers' affair: whoever appended tokens writes their slots before the
|* sequence is forked or published, and nobody else writes them.
|*
\*===----------------------------------------------------------------------===*/

#ifndef ATTNC_C_POOL_H
#define ATTNC_C_POOL_H

#include "attnc-c/runtime.h"

/* NOLINTBEGIN(readability-identifier-naming, modernize-use-using): C. */

/** The most sequences of a pool, and the most owners of a page. */
#define ATTNC_RT_POOL_MAX_SEQUENCES ((int64_t)1 << 20)
#define ATTNC_RT_POOL_MAX_OWNERS ((int64_t)1 << 20)

#ifdef __cplusplus
extern "C" {
#endif

typedef struct attnc_rt_pool attnc_rt_pool;

/** A sequence of a pool. A process never makes the same handle twice, so that
    one that was freed, or is another pool's, is told from those in use. 0 is
    none. */
typedef uint64_t attnc_rt_sequence;

/** What a pool is made of. Fixed, so that no later call allocates memory. */
typedef struct {
  /** Pages in the arena, numbered from 0; at most 2^31 - 1. */
  int64_t num_pages;
  /** Tokens in a page, and bytes of a page over everything that is stored for
      them: keys, values, all layers. Page p begins at arena + p * page_bytes,
      and the arena has at most ATTNC_RT_MAX_BYTES. */
  int64_t page_tokens;
  int64_t page_bytes;
  /** Sequences at a time, and pages of the longest one, those behind a window
      included; a sequence has at most 2^31 - 1 tokens. Four bytes are reserved
      for each page of each. */
  int64_t max_sequences;
  int64_t max_pages_per_sequence;
  /** Memory of the caller of `arena_bytes` bytes that outlives the pool; or
      null for memory of the pool's own, aligned to 64 bytes. */
  void *arena;
  int64_t arena_bytes;
} attnc_rt_pool_options;

/** ATTNC_INVALID_ARGUMENT or ATTNC_OUT_OF_MEMORY on failure. */
ATTNC_RT_API int32_t attnc_rt_pool_create(const attnc_rt_pool_options *options,
                                          attnc_rt_pool **pool);

/** Frees the pool with all its sequences and its own arena. Null is none. */
ATTNC_RT_API void attnc_rt_pool_destroy(attnc_rt_pool *pool);

/** Where page 0 begins. Null for a null pool. */
ATTNC_RT_API void *attnc_rt_pool_arena(const attnc_rt_pool *pool);

/* ---- Sequences ---- */

/** Makes a sequence that begins with the longest run of published pages with
    these token ids, and says in `num_cached` how many tokens that are: a
    multiple of page_tokens; 0 without `num_tokens`. Only pages published in the
    same `domain` are taken: number what the keys and values depend on beside
    the tokens, such as a set of weights, or who may learn what was cached.
    ATTNC_EXHAUSTED if the pool has max_sequences. */
ATTNC_RT_API int32_t attnc_rt_pool_create_sequence(
    attnc_rt_pool *pool, uint64_t domain, const int32_t *token_ids,
    int64_t num_tokens, attnc_rt_sequence *sequence, int64_t *num_cached);

/** Gives back the sequence and its pages. Published pages without another owner
    stay cached, and are evicted when pages run out, the least recently used
    first. */
ATTNC_RT_API int32_t attnc_rt_pool_free_sequence(attnc_rt_pool *pool,
                                                 attnc_rt_sequence sequence);

/** Makes a second sequence with the same tokens, window and domain, which
    shares all pages. ATTNC_EXHAUSTED if the pool has max_sequences. */
ATTNC_RT_API int32_t attnc_rt_pool_fork_sequence(attnc_rt_pool *pool,
                                                 attnc_rt_sequence sequence,
                                                 attnc_rt_sequence *fork);

/** Makes room for `count` tokens at the end of the sequence. Token i of them is
    to be written to slot `slots[i]`: page slots[i] / page_tokens, position
    slots[i] % page_tokens within it. `slots` may be null.

    A last page that is partly filled and shared is copied first, the whole page
    and by the calling thread; one that is published and not shared stops being
    so. With a window, pages that no appended token sees are given back first.
    ATTNC_EXHAUSTED if there are too few free and cached pages. */
ATTNC_RT_API int32_t attnc_rt_pool_append(attnc_rt_pool *pool,
                                          attnc_rt_sequence sequence,
                                          int64_t count, int64_t *slots);

/** Drops the tokens from position `length` on. Refused where the window of the
    next token would reach pages that were given back. */
ATTNC_RT_API int32_t attnc_rt_pool_truncate(attnc_rt_pool *pool,
                                            attnc_rt_sequence sequence,
                                            int64_t length);

/** From the next append on the sequence keeps only pages with keys that a later
    token sees, where a token sees `window` keys, its own included; 0 is
    all. The entries of the other pages in the block table become -1. Refused
    where the next token would see pages that were given back. */
ATTNC_RT_API int32_t attnc_rt_pool_set_window(attnc_rt_pool *pool,
                                              attnc_rt_sequence sequence,
                                              int64_t window);

/* ---- Sharing by content ---- */

typedef struct {
  uint64_t words[2];
} attnc_rt_page_hash;

/** The hash of a page after the page with hash `parent`: MurmurHash3 (x64, 128
    bits, seed 0) of the parent's words and the ids, in little-endian order. The
    parent of a first page has the words {domain, 0}. Collisions do no harm in
    the pool, which compares the ids. */
ATTNC_RT_API attnc_rt_page_hash attnc_rt_pool_hash_page(
    attnc_rt_page_hash parent, const int32_t *token_ids, int64_t num_tokens);

/** Lets sequences that are created later share the full pages among the first
    `num_tokens` tokens, whose ids are given from position 0 on. Their slots
   have to be written. A page whose content is published by another sequence is
   left out, and so is what follows a page that was given back behind a window
   and is no longer published. Takes time for what no earlier call has
   published. Refused for a page that was published with other ids. */
ATTNC_RT_API int32_t attnc_rt_pool_publish(attnc_rt_pool *pool,
                                           attnc_rt_sequence sequence,
                                           const int32_t *token_ids,
                                           int64_t num_tokens);

/** Forgets what was published, as is due when weights change. */
ATTNC_RT_API int32_t attnc_rt_pool_clear_cache(attnc_rt_pool *pool);

/* ---- What kernels read ---- */

/** The pages of the sequence in order, max_pages_per_sequence entries, -1 where
    there is none or where it was given back; and the number of tokens. The
    table follows changes to the sequence and is valid until it is freed. */
ATTNC_RT_API int32_t attnc_rt_pool_block_table(attnc_rt_pool *pool,
                                               attnc_rt_sequence sequence,
                                               const int32_t **table,
                                               int32_t *length);

/** Writes row i of `table`, `row_stride` entries at table + i * row_stride, and
    lengths[i] for sequence i of `count`. Entries without a page are -1. Refused
    if a sequence has more pages than a row has entries. */
ATTNC_RT_API int32_t attnc_rt_pool_fill_block_table(
    attnc_rt_pool *pool, const attnc_rt_sequence *sequences, int64_t count,
    int32_t *table, int64_t row_stride, int32_t *lengths);

/* ---- Single pages ---- */

/** A page that belongs to no sequence, with one owner. ATTNC_EXHAUSTED if no
    page is free or cached. */
ATTNC_RT_API int32_t attnc_rt_pool_allocate_page(attnc_rt_pool *pool,
                                                 int32_t *page);

/** One owner more, and one less, for a page from attnc_rt_pool_allocate_page.
    The last owner gives it back. */
ATTNC_RT_API int32_t attnc_rt_pool_retain_page(attnc_rt_pool *pool,
                                               int32_t page);
ATTNC_RT_API int32_t attnc_rt_pool_release_page(attnc_rt_pool *pool,
                                                int32_t page);

/** The memory of such a page, for writing. Refused if it has several owners. */
ATTNC_RT_API int32_t attnc_rt_pool_write_page(attnc_rt_pool *pool, int32_t page,
                                              void **memory);

/* ---- Statistics ---- */

typedef struct {
  /** total = used + cached + free. Cached pages have no owner and can be
      evicted; shared pages are used and have several owners. */
  int64_t total_pages;
  int64_t used_pages;
  int64_t cached_pages;
  int64_t free_pages;
  int64_t shared_pages;
  int64_t sequences;
  /** Tokens in the pages of sequences, a page counted once, and the slots of
      these pages without a token: the internal fragmentation. */
  int64_t stored_tokens;
  int64_t unused_slots;
  /** Since the pool was made: pages copied before a write, pages evicted, and
      published pages taken by new sequences. */
  int64_t copied_pages;
  int64_t evicted_pages;
  int64_t reused_pages;
} attnc_rt_pool_statistics;

/** Takes time proportional to max_sequences and num_pages. */
ATTNC_RT_API int32_t attnc_rt_pool_get_statistics(
    attnc_rt_pool *pool, attnc_rt_pool_statistics *statistics);

#ifdef __cplusplus
} /* extern "C" */
#endif

/* NOLINTEND(readability-identifier-naming, modernize-use-using) */

#endif /* ATTNC_C_POOL_H */
