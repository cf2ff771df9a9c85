// RUN: not toy-opt %s -verify-toy-input 2>&1 | FileCheck %s --check-prefix=ERR
// ERR: error: odd
