// RUN: toy-opt %s --pass-pipeline='builtin.module(convert-toy-to-loops)'
