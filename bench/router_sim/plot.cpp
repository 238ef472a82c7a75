// SVG by hand: rectangles, a grid and labels.
#include "plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace sim {

namespace {

constexpr double k_left = 260, k_width = 560, k_row = 46, k_top = 44, k_bar = 11;
constexpr double k_first = 0.5, k_last = 32; ///< seconds at both ends of the axis

double x_of(double seconds) {
  const double share = std::log(std::clamp(seconds, k_first, k_last) / k_first) / std::log(k_last / k_first);
  return k_left + share * k_width;
}

template <class... Values>
std::string text(const char* format, Values... values) {
  char line[400];
  std::snprintf(line, sizeof line, format, values...);
  return line;
}

std::string label(double x, double y, const char* anchor, const std::string& words) {
  return text("<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"%s\">", x, y, anchor) + words + "</text>\n";
}

struct Series {
  const char* name;
  const char* colour;
  double Bars::*value;
};
constexpr Series k_series[] = {
    {"p50", "#4477aa", &Bars::p50}, {"p95", "#ddaa33", &Bars::p95}, {"p99", "#bb5566", &Bars::p99}};

std::string grid(double bottom) {
  std::string out;
  for (double seconds = k_first; seconds <= k_last; seconds *= 2) {
    out += text("<line x1=\"%.1f\" y1=\"%.0f\" x2=\"%.1f\" y2=\"%.0f\" stroke=\"#cccccc\"/>\n", x_of(seconds),
                k_top - 6, x_of(seconds), bottom);
    out += label(x_of(seconds), bottom + 16, "middle", text("%g s", seconds));
  }
  return out;
}

} // namespace

std::string plot(const std::vector<Bars>& rows) {
  const double bottom = k_top + k_row * static_cast<double>(rows.size());
  std::string out =
      text("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 900 %.0f\" font-family=\"sans-serif\" "
           "font-size=\"13\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
           bottom + 28);
  out += label(k_left, 20, "start", "Latency of served requests, seconds (logarithmic)");
  out += grid(bottom);
  double legend = 640;
  for (const auto& series : k_series) {
    out +=
        text("<rect x=\"%.0f\" y=\"10\" width=\"12\" height=\"12\" fill=\"%s\"/>\n", legend, series.colour);
    out += label(legend + 17, 21, "start", series.name);
    legend += 60;
  }
  double y = k_top;
  for (const auto& row : rows) {
    out += label(k_left - 10, y + 24, "end", row.name);
    double bar = y;
    for (const auto& series : k_series) {
      out += text("<rect x=\"%.0f\" y=\"%.0f\" width=\"%.1f\" height=\"%.0f\" fill=\"%s\"/>\n", k_left, bar,
                  x_of(row.*series.value) - k_left, k_bar, series.colour);
      bar += k_bar + 1;
    }
    y += k_row;
  }
  return out + "</svg>\n";
}

} // namespace sim
