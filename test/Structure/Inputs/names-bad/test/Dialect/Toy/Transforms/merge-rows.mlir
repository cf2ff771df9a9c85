// RUN: toy-opt %s --toy-merge-rows-twice --not-toy-merge-rows
// A comment that names --toy-merge-rows runs nothing.
