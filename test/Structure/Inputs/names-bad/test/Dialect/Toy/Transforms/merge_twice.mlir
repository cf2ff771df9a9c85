// RUN: toy-opt %s --toy-merge-rows-twice
