//===- Passes.td - passes on the attn dialect --------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_DIALECT_ATTN_TRANSFORMS_PASSES_TD
#define ATTNC_DIALECT_ATTN_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def InlineCallsPass : Pass<"attn-inline-calls", "::mlir::ModuleOp"> {
  let summary = "replace each call by the body of the function it calls";
  let description = [{
    *Idea.* A layer is written once and called for each layer of a model. A
    compiled function is one body: what it asks of its arguments, which of them
    are caches, where its results are kept is read off it.

    *Needs.* A parsed module.

    *Leaves.* No `func.call` of a function with one block; no private function
    that was called.

    *Does not.* Keep calls where a body is large, as the upstream pass `inline`
    may: a spec whose calls recur, are nested more than 64 deep, or stand for
    more than 65536 operations is refused.

    *Example.* `test/Dialect/Attn/Transforms/inline-calls.mlir`
  }];
}

def VerifyInputPass : Pass<"attn-verify-input", "::mlir::ModuleOp"> {
  let summary = "check that a module is one that the compiler accepts";
  let description = [{
    *Idea.* The stage `attn-input`: what every later pass may assume of a
    user's module, checked once, with a diagnostic at the offending op.

    *Needs.* A parsed module.

    *Leaves.* Every public function on ranked tensors, with a body; ops of the
    dialects attn, func, tensor, arith, math, linalg and scf only.

    *Does not.* Change anything.

    *Example.* `test/Dialect/Attn/Transforms/verify-input.mlir`
  }];
}

def MaterializeDestinationsPass
    : Pass<"attn-materialize-destinations", "::mlir::ModuleOp"> {
  let summary = "turn results of public functions into memory passed by the caller";
  let description = [{
    *Idea.* A kernel writes where the caller wants its results: each public
    function takes one memref per argument, then one per result, each of any
    strides with a unit innermost one. It is renamed `attnc.kernel.<name>`; the
    entry point `<name>` that checks arguments is generated later.

    *Needs.* The stage `attn-input`.

    *Leaves.* Public functions without tensors in their types.

    *Does not.* Bufferize bodies: arguments come back as tensors through
    `bufferization.to_tensor`, results go through
    `bufferization.materialize_in_destination`. The upstream pass
    `buffer-results-to-out-params` works after bufferization and copies.

    *Example.* `test/Dialect/Attn/Transforms/materialize-destinations.mlir`
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::memref::MemRefDialect"];
}

def ReadCachesPass : Pass<"attn-read-caches", "::mlir::func::FuncOp"> {
  let summary = "make ops on caches ops on what is read from them";
  let description = [{
    *Idea.* A cache is a place that tiles of keys and values come from. What
    knows masks and positions need not know it: it sees the tensor that the cache
    is read as, and the lengths of the sequences.

    *Needs.* The stage `attn-input`.

    *Leaves.* Sequence ops on tensors only; `attn.read` in front of those that
    had caches.

    *Does not.* Read anything: conversions take tiles from the cache.

    *Example.* `test/Dialect/Attn/Transforms/read-caches.mlir`
  }];
}

def CascadePrefixesPass
    : Pass<"attn-cascade-prefixes", "::mlir::func::FuncOp"> {
  let summary = "attend once to what all sequences of a batch begin with";
  let description = [{
    *Idea.* Attention is a fold with a combine: a decoding step over caches with a
    declared prefix is one attention over the prefix, in which the sequences are
    the rows of one, and one over the rest that goes on from its carry.

    *Needs.* The stage `attn-input`, before `attn-read-caches`.

    *Leaves.* Two ops for each that is split, and a remark at each over a prefix
    that is not: one with several queries, a mask other than causal, a region, or
    an init.

    *Does not.* Find prefixes that are not declared.

    *Example.* `test/Dialect/Attn/Transforms/cascade-prefixes.mlir`
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def RaiseMasksPass : Pass<"attn-raise-masks", "::mlir::func::FuncOp"> {
  let summary = "make masks of where regions";
  let description = [{
    *Idea.* A where region is a mask as a program. Each of its conjuncts that is
    a predicate over quasi-affine integers moves into the op's mask, where it
    costs what it costs there: comparisons, and, or, xor, select, +, -, * by a
    constant, division and remainder by a positive constant of any rounding,
    shifts, min, max and absolute values of positions, of tables of i32 or i64
    and of numbers from outside. A truth that depends on the key but not on the
    query, whatever computes it, becomes a table of keys, filled once per call.

    *Needs.* The stage `attn-input`.

    *Leaves.* No where region, or one with the conjuncts that are no predicates
    and a remark for each: for these every key is tested that the mask allows.

    *Does not.* Accept what neither is a predicate nor can be tested in tiles:
    tables read by `q` or `k` in conjuncts that remain.

    *Example.* `test/Dialect/Attn/Transforms/raise-masks.mlir`
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::tensor::TensorDialect"];
}

def ReindexLatticesPass
    : Pass<"attn-reindex-lattices", "::mlir::func::FuncOp"> {
  let summary = "make dense sequences of the residue classes of sparse masks";
  let description = [{
    *Idea.* Where a mask, or an alternative of it, allows only keys at a multiple
    of some distance from the query (dilated, strided, axial by columns), no tile
    of consecutive positions is dense. The positions of one residue class are a
    sequence of their own, in which the mask is a window or a block again. Such
    an alternative becomes an attend with a `lattice`, which goes on from the
    carry of the alternatives before it and leaves out what they saw.

    *Needs.* The stage `attn-input` and an `attn.target` on the module, by whose
    vectors it is decided whether a lattice is worth it.

    *Leaves.* The same results, up to rounding.

    *Does not.* Touch an op that has a schedule or a lattice already, or whose
    mask reads tables by position.

    *Example.* `test/Dialect/Attn/Transforms/reindex-lattices.mlir`
  }];
}

def ApplyTuningPass : Pass<"attn-apply-tuning", "::mlir::ModuleOp"> {
  let summary = "give ops the schedules that a tuning file has for them";
  let description = [{
    *Idea.* What was measured beats the model. A file says for single ops which
    `attn.schedule` and `attn.decode` they get; here they are written on the
    ops, and everything behind treats them as if they had been written by hand.

    *Needs.* The stage `attn-input`, an `attn.target` on the module and the ops
    that will be scheduled: `attn-reindex-lattices` ran.

    *Leaves.* The attributes of the file. An op that has an `attn.schedule` or an
    `attn.decode` keeps it, with a remark. An op that gets an `attn.schedule` and
    no `attn.decode` has none.

    *Does not.* Apply a file to anything but what it was made for: another
    target, a function whose definition has changed or is not there, an op that
    is another one are errors. Ops that the file does not name are left to
    `attn-schedule`.

    *Example.* `test/Dialect/Attn/Transforms/apply-tuning.mlir`
  }];
  let options = [Option<"file", "file", "std::string", "",
                        "the tuning file, docs/tuning.md">];
}

def SchedulePass : Pass<"attn-schedule", "::mlir::func::FuncOp"> {
  let summary = "choose tile sizes for each sequence op";
  let description = [{
    *Idea.* Every decision about tiling is made here, from the target
    description alone, and written on the op as `attn.schedule`.

    *Needs.* The stage `attn-input` and an `attn.target` on the module.

    *Leaves.* An `attn.schedule` on every sequence op, an `attn.decode` beside it
    on attention, and an `attn.recurrent` on a scan that gives back its state.

    *Does not.* Change an op, or a schedule that is there already.

    *Example.* `test/Dialect/Attn/Transforms/schedule.mlir`
  }];
}

def VerifyScheduledPass : Pass<"attn-verify-scheduled", "::mlir::func::FuncOp"> {
  let summary = "check that every sequence op has a schedule its target can run";
  let description = [{
    *Idea.* The stage `attn-scheduled`: what the tiling may assume.

    *Needs.* `attn-schedule`, or schedules written by hand.

    *Leaves.* Schedules whose lanes are whole vectors of the target and whose
    tiles are whole strips.

    *Does not.* Change anything.

    *Example.* `test/Dialect/Attn/Transforms/verify-scheduled.mlir`
  }];
}

#endif // ATTNC_DIALECT_ATTN_TRANSFORMS_PASSES_TD
