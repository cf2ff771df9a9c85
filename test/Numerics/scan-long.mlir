// RUN: attnc run %s --entry=positions --random --dims q=1x1x50021x16 --check
// RUN: attnc run %s --entry=rows --random --dims q=1x1x50021x16 --check
// RUN: attnc run %s --entry=elements --random --dims q=1x1x50021x16 --check
// RUN: attnc run %s --entry=delta --random --dims q=1x1x50021x16 --check
// RUN: attnc run %s --entry=forgets_positions --random --repeat=6 --check
// RUN: attnc run %s --entry=forgets_rows --random --repeat=6 --check
// RUN: attnc run %s --entry=forgets_elements --random --repeat=6 --check
//
// Decays so close to 1 that the state remembers ten thousand positions: what each
// step or chunk rounds must not add up. And decays of zero, after which nothing
// is left.

!t = tensor<?x?x?x16xf32>
!s = tensor<?x?x16x16xf32>
!g = tensor<?x?x?xf32>

func.func @positions(%q: !t, %k: !t, %v: !t, %g: !g) -> (!t, !s) {
  %o, %s = attn.scan %q, %k, %v transition scalar decay {
  ^bb0(%b: index, %h: index, %t: index):
    %x = tensor.extract %g[%b, %h, %t] : !g
    %a = math.absf %x : f32
    %c = arith.constant -0.0001 : f32
    %d = arith.mulf %a, %c : f32
    attn.yield %d : f32
  } : !t, !t, !t -> !t final_state !s
  return %o, %s : !t, !s
}

func.func @rows(%q: !t, %k: !t, %v: !t, %g: !t) -> (!t, !s) {
  %o, %s = attn.scan %q, %k, %v transition diagonal decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %x = tensor.extract %g[%b, %h, %t, %e] : !t
    %a = math.absf %x : f32
    %c = arith.constant -0.0001 : f32
    %d = arith.mulf %a, %c : f32
    attn.yield %d : f32
  } : !t, !t, !t -> !t final_state !s
  return %o, %s : !t, !s
}

func.func @elements(%q: !t, %k: !t, %v: !t, %g: !t) -> (!t, !s) {
  %o, %s = attn.scan %q, %k, %v transition diagonal decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index, %d: index):
    %x = tensor.extract %g[%b, %h, %t, %d] : !t
    %a = math.absf %x : f32
    %c = arith.constant -0.0001 : f32
    %y = arith.mulf %a, %c : f32
    attn.yield %y : f32
  } : !t, !t, !t -> !t final_state !s
  return %o, %s : !t, !s
}

func.func @delta(%q: !t, %k: !t, %v: !t, %g: !t) -> (!t, !s) {
  %o, %s = attn.scan %q, %k, %v transition delta decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %x = tensor.extract %g[%b, %h, %t, %e] : !t
    %a = math.absf %x : f32
    %c = arith.constant -0.0001 : f32
    %d = arith.mulf %a, %c : f32
    attn.yield %d : f32
  } beta {
  ^bb0(%b: index, %h: index, %t: index):
    %small = arith.constant 0.001 : f32
    attn.yield %small : f32
  } feature {
  ^bb0(%x: f32):
    %y = math.tanh %x : f32
    %c = arith.constant 0.25 : f32
    %z = arith.mulf %y, %c : f32
    attn.yield %z : f32
  } : !t, !t, !t -> !t final_state !s
  return %o, %s : !t, !s
}

func.func @forgets_positions(%q: !t, %k: !t, %v: !t, %g: !g) -> (!t, !s) {
  %o, %s = attn.scan %q, %k, %v transition scalar decay {
  ^bb0(%b: index, %h: index, %t: index):
    %x = tensor.extract %g[%b, %h, %t] : !g
    %zero = arith.constant 0.0 : f32
    %all = arith.constant 0xFF800000 : f32
    %c = arith.cmpf ogt, %x, %zero : f32
    %d = arith.select %c, %all, %x : f32
    attn.yield %d : f32
  } : !t, !t, !t -> !t final_state !s
  return %o, %s : !t, !s
}

func.func @forgets_rows(%q: !t, %k: !t, %v: !t, %g: !t) -> (!t, !s) {
  %o, %s = attn.scan %q, %k, %v transition diagonal decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index):
    %x = tensor.extract %g[%b, %h, %t, %e] : !t
    %zero = arith.constant 0.0 : f32
    %all = arith.constant 0xFF800000 : f32
    %c = arith.cmpf ogt, %x, %zero : f32
    %d = arith.select %c, %all, %x : f32
    attn.yield %d : f32
  } : !t, !t, !t -> !t final_state !s
  return %o, %s : !t, !s
}

func.func @forgets_elements(%q: !t, %k: !t, %v: !t, %g: !t) -> (!t, !s) {
  %o, %s = attn.scan %q, %k, %v transition diagonal decay {
  ^bb0(%b: index, %h: index, %t: index, %e: index, %d: index):
    %x = tensor.extract %g[%b, %h, %t, %d] : !t
    %zero = arith.constant 0.0 : f32
    %all = arith.constant 0xFF800000 : f32
    %c = arith.cmpf ogt, %x, %zero : f32
    %y = arith.select %c, %all, %x : f32
    attn.yield %y : f32
  } : !t, !t, !t -> !t final_state !s
  return %o, %s : !t, !s
}
