// RUN: toy-opt %s
