// RUN: attn-opt %s --attnc-cpu=target=cpu:x86-64-v3 --verify-diagnostics
//
// A function without a polynomial was taken apart lane by lane, and ops of the
// vector dialect were left over; the message named them, not the function.

!t = tensor<1x1x8x16xf32>
func.func @f(%q: !t) -> !t {
  // expected-error @below {{'math.asinh' has no vector form on cpu}}
  %o = attn.attend %q, %q, %q score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %t = math.asinh %s : f32
    attn.yield %t : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
}
