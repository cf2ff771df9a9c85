// RUN: attn-opt %s --cpu-verify-target-ready --split-input-file --verify-diagnostics

// Accepted: what LLVM IR can be written from.
llvm.func @llvm(%n: i64) {
  omp.parallel {
    omp.terminator
  }
  llvm.return
}

// -----

// A module without functions is ready.
module {}

// -----

// A function that was not converted has no symbol in the object.
// expected-error @below {{'func.func' op has no translation to machine code}}
func.func private @left_over()

// -----

// The message names the op that is left over and who needs it.
llvm.func @arith(%n: i64) -> i64 {
  // expected-error @below {{'arith.addi' op has no translation to machine code}}
  %m = arith.addi %n, %n : i64
  // expected-note @below {{used by llvm.return}}
  llvm.return %m : i64
}

// -----

// An op without users has no note.
llvm.func @unused(%n: i64) {
  // expected-error @below {{'vector.print' op has no translation to machine code}}
  vector.print %n : i64
  llvm.return
}

// -----

// A cast is of the builtin dialect and yet no instruction: it stands for a
// conversion that is missing.
llvm.func @cast(%n: i64) -> i64 {
  // expected-error @below {{'builtin.unrealized_conversion_cast' op has no translation to machine code}}
  %i = builtin.unrealized_conversion_cast %n : i64 to index
  // expected-note @below {{used by builtin.unrealized_conversion_cast}}
  %m = builtin.unrealized_conversion_cast %i : index to i64
  llvm.return %m : i64
}
