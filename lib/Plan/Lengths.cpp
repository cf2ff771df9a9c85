//===- Lengths.cpp - how long sequences get -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Formulas and traces as points of equal probability. The quantile in the
// middle of each of n equal parts of the probability stands for its part.
//
//===----------------------------------------------------------------------===//

#include "attnc/Plan/Lengths.h"

#include "attnc/Plan/Model.h"
#include "attnc/Support/BoundedFile.h"
#include "attnc/Support/StrictJson.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include <cmath>
#include <numeric>

using namespace attnc;
using namespace attnc::plan;
using llvm::StringRef;
using llvm::Twine;

namespace {

constexpr StringRef forms = "fixed:N, uniform:A:B, lognormal:MEAN:SIGMA";
constexpr size_t maxTraceBytes = size_t(16) << 20;

using Parameters = llvm::SmallVector<StringRef, 3>;

/// Points at the middle of equal parts of the probability.
std::vector<uint64_t>
getQuantiles(llvm::function_ref<double(double)> getQuantile) {
  std::vector<uint64_t> points;
  for (size_t i = 0; i < mostQuantiles; ++i) {
    double length =
        std::round(getQuantile((double(i) + 0.5) / double(mostQuantiles)));
    points.push_back(
        uint64_t(std::min(std::max(length, 1.0), double(mostTokens))));
  }
  return points;
}

std::optional<uint64_t> parseLength(StringRef text) {
  uint64_t length = 0;
  if (text.getAsInteger(10, length) || length < 1 || length > mostTokens)
    return std::nullopt;
  return length;
}

std::optional<std::vector<uint64_t>> readFixed(const Parameters &parameters) {
  auto length = parseLength(parameters[0]);
  if (!length)
    return std::nullopt;
  return std::vector<uint64_t>{*length};
}

std::optional<std::vector<uint64_t>> readUniform(const Parameters &parameters) {
  auto least = parseLength(parameters[0]), most = parseLength(parameters[1]);
  if (!least || !most || *least > *most)
    return std::nullopt;
  uint64_t number = *most - *least + 1;
  if (number > mostQuantiles)
    return getQuantiles([&](double probability) {
      return double(*least) - 0.5 + probability * double(number);
    });
  std::vector<uint64_t> points(number);
  std::iota(points.begin(), points.end(), *least);
  return points;
}

std::optional<std::vector<uint64_t>>
readLognormal(const Parameters &parameters) {
  double mean = 0, sigma = 0;
  if (parameters[0].getAsDouble(mean) || parameters[1].getAsDouble(sigma))
    return std::nullopt;
  if (!(mean >= 1 && mean <= double(mostTokens) && sigma >= 0 && sigma <= 10))
    return std::nullopt;
  double mu = std::log(mean) - sigma * sigma / 2;
  return getQuantiles([&](double probability) {
    return std::exp(mu + sigma * getNormalQuantile(probability));
  });
}

struct Form {
  StringRef name, example;
  size_t numParameters;
  std::optional<std::vector<uint64_t>> (*read)(const Parameters &);
};

constexpr Form formReaders[] = {
    {"fixed", "fixed:N with a length N", 1, readFixed},
    {"uniform", "uniform:A:B with lengths A <= B", 2, readUniform},
    {"lognormal",
     "lognormal:MEAN:SIGMA with a mean length and a SIGMA from 0 to 10", 2,
     readLognormal}};

llvm::Expected<std::vector<uint64_t>> readTrace(StringRef path) {
  auto fail = [&](const Twine &what) {
    return llvm::createStringError("lengths " + quoteForMessage(path) + ": " +
                                   what);
  };
  auto text = readAtMost(path, maxTraceBytes);
  if (!text)
    return text.takeError();
  if (text->size() > maxTraceBytes)
    return fail("larger than the " + Twine(maxTraceBytes >> 20) +
                " MiB that a trace may have");
  std::vector<uint64_t> points;
  StringRef rest = text->str();
  while (!(rest = rest.ltrim(" \t\r\n,")).empty()) {
    StringRef word = rest.take_until(
        [](char c) { return StringRef(" \t\r\n,").contains(c); });
    rest = rest.drop_front(word.size());
    auto length = parseLength(word);
    if (!length)
      return fail(quoteForMessage(word.take_front(32)) +
                  " is no length; lengths are whole numbers from 1 to " +
                  Twine(mostTokens));
    if (points.size() == mostTraceLengths)
      return fail("has more than " + Twine(mostTraceLengths) + " lengths");
    points.push_back(*length);
  }
  if (points.empty())
    return fail("has no lengths");
  llvm::sort(points);
  return points;
}

} // namespace

llvm::Expected<Lengths> Lengths::parse(StringRef text) {
  Lengths lengths;
  lengths.text = text.str();
  Parameters parameters;
  text.split(parameters, ':');
  StringRef name = parameters.front();
  parameters.erase(parameters.begin());
  for (const Form &form : formReaders) {
    if (form.name != name || parameters.empty())
      continue;
    std::optional<std::vector<uint64_t>> points;
    if (parameters.size() == form.numParameters)
      points = form.read(parameters);
    if (!points)
      return llvm::createStringError(
          "lengths " + quoteForMessage(text) + " are not " + form.example +
          "; lengths are from 1 to " + Twine(mostTokens));
    lengths.points = std::move(*points);
    return lengths;
  }
  if (!parameters.empty() && !llvm::sys::fs::exists(text))
    return llvm::createStringError("lengths " + quoteForMessage(text) +
                                   " are neither a file nor one of " + forms);
  auto points = readTrace(text);
  if (!points)
    return points.takeError();
  lengths.points = std::move(*points);
  return lengths;
}

void Lengths::cut(uint64_t longest) {
  size_t numCut = 0;
  for (uint64_t &length : points)
    if (length > longest) {
      length = longest;
      ++numCut;
    }
  shareCut = double(numCut) / double(points.size());
}

double Lengths::getMean() const {
  double sum = 0;
  for (uint64_t length : points)
    sum += double(length);
  return sum / double(points.size());
}

double attnc::plan::getNormalQuantile(double probability) {
  // The distribution function is monotonous, and bisection to the last bit is
  // fast enough. On the left side erfc is exact where erf is not.
  if (probability > 0.5)
    return -getNormalQuantile(1 - probability);
  double low = -40, high = 0;
  for (int i = 0; i < 100; ++i) {
    double middle = (low + high) / 2;
    (std::erfc(-middle / std::sqrt(2.0)) / 2 < probability ? low : high) =
        middle;
  }
  return (low + high) / 2;
}
