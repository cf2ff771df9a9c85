// RUN: toy-opt %s --toy-split-kv-rows | FileCheck %s
// CHECK: toy.scale
