// RUN: toy-opt %s | FileCheck %s
// In a comment only: a row that is empty cannot be scaled
// expected-error @+1 {{a row is at most 4096 elements long, this is 5000}}
toy.scale
// CHECK: joined from two
