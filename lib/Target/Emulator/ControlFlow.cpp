//===- ControlFlow.cpp - where lanes meet again ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lanes that part at a branch meet at its immediate post-dominator, found with
// the algorithm of Cooper, Harvey and Kennedy on the reversed graph of blocks.
//
//===----------------------------------------------------------------------===//

#include "Execution.h"
#include "Program.h"

namespace attnc::emulator {

namespace {

struct Graph {
  /// The first instruction of each block; the block after the last is the exit.
  std::vector<uint32_t> starts;
  std::vector<uint32_t> blockOf;
  std::vector<std::vector<uint32_t>> successors, predecessors;
};

bool endsBlock(const Instruction &instruction) {
  return !instruction.targets.empty() || isReturn(instruction);
}

Graph buildGraph(const Function &function) {
  Graph graph;
  const auto &code = function.code;
  std::vector<bool> leads(code.size() + 1);
  leads[0] = true;
  for (size_t i = 0; i < code.size(); ++i) {
    for (uint32_t target : code[i].targets)
      leads[target] = true;
    if (endsBlock(code[i]))
      leads[i + 1] = true;
  }
  graph.blockOf.resize(code.size());
  for (uint32_t i = 0; i < code.size(); ++i) {
    if (leads[i])
      graph.starts.push_back(i);
    graph.blockOf[i] = uint32_t(graph.starts.size() - 1);
  }
  auto exit = uint32_t(graph.starts.size());
  graph.successors.resize(exit);
  graph.predecessors.resize(exit + 1);
  for (uint32_t block = 0; block < exit; ++block) {
    uint32_t next =
        block + 1 < exit ? graph.starts[block + 1] : uint32_t(code.size());
    const Instruction &last = code[next - 1];
    auto link = [&](uint32_t to) {
      graph.successors[block].push_back(to);
      graph.predecessors[to].push_back(block);
    };
    for (uint32_t target : last.targets)
      link(graph.blockOf[target]);
    if (isReturn(last))
      link(exit);
    if (!endsBlock(last) || last.isGuarded)
      link(block + 1);
  }
  return graph;
}

/// The blocks in postorder of the reversed graph, from the exit.
std::vector<uint32_t> postOrder(const Graph &graph) {
  auto exit = uint32_t(graph.starts.size());
  std::vector<uint32_t> order;
  std::vector<bool> seen(exit + 1);
  std::vector<std::pair<uint32_t, size_t>> path{{exit, 0}};
  seen[exit] = true;
  while (!path.empty()) {
    auto &[block, next] = path.back();
    if (next == graph.predecessors[block].size()) {
      order.push_back(block);
      path.pop_back();
      continue;
    }
    uint32_t before = graph.predecessors[block][next++];
    if (!seen[before]) {
      seen[before] = true;
      path.push_back({before, 0});
    }
  }
  return order;
}

} // namespace

void findMeetings(Function &function) {
  Graph graph = buildGraph(function);
  auto exit = uint32_t(graph.starts.size());
  std::vector<uint32_t> order = postOrder(graph);
  std::vector<uint32_t> number(exit + 1, 0);
  for (uint32_t i = 0; i < order.size(); ++i)
    number[order[i]] = i;
  std::vector<uint32_t> meeting(exit + 1, noMeeting);
  meeting[exit] = exit;
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = order.size() - 1; i-- > 0;) {
      uint32_t block = order[i], common = noMeeting;
      for (uint32_t next : graph.successors[block]) {
        if (meeting[next] == noMeeting)
          continue;
        uint32_t other = next;
        while (common != noMeeting && common != other) {
          uint32_t &lower = number[common] < number[other] ? common : other;
          lower = meeting[lower];
        }
        common = other;
      }
      changed |= meeting[block] != common;
      meeting[block] = common;
    }
  }
  for (uint32_t i = 0; i < function.code.size(); ++i) {
    uint32_t at = meeting[graph.blockOf[i]];
    function.code[i].meeting =
        at == noMeeting || at == exit ? noMeeting : graph.starts[at];
  }
}

} // namespace attnc::emulator
