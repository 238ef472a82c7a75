// Builds a Value tree from a stream of YAML events, within bounds. One per document, main thread.
// Knows nothing of yaml-cpp, so that merges, duplicates and bounds can be read on one page.
#pragma once

#include "config/report.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

namespace switchyard::config {

/// Ends the parse from inside yaml-cpp's event loop; caught in parse_yaml.
struct YamlRefused : std::runtime_error {
  YamlRefused(Place where, const std::string& what) : std::runtime_error(what), place(where) {}
  Place place;
};

class YamlBuilder {
 public:
  explicit YamlBuilder(Report& report) : report_(report) {}

  using Anchor = std::size_t; ///< 0 = none
  void scalar(Place place, Anchor anchor, Value::Data data, std::string text, bool plain);
  void alias(Place place, Anchor anchor);
  void begin(Place place, Anchor anchor, bool is_map);
  void end();
  std::optional<Value> take() { return std::move(root_); }

 private:
  struct Member {
    std::string key;
    Value value;
    bool merge = false; ///< a plain `<<`
  };
  struct Frame {
    Place place;
    Anchor anchor = 0;
    bool is_map = false;
    bool has_key = false;
    std::size_t cost = 0;
    std::size_t height = 0;
    Member pending;
    std::vector<Member> members;
    ValueList items;
  };
  struct Stored {
    Value value;
    std::size_t cost = 0;
    std::size_t height = 0;
  };

  void add(Value value, std::size_t cost, std::size_t height, Anchor anchor, const std::string* key_text,
           bool plain);
  void charge(std::size_t cost, Place place);
  Value close_map(Frame& frame);
  void merge_into(ValueMap& out, std::unordered_map<std::string, std::size_t>& index, const Value& source);
  void put_member(ValueMap& out, std::unordered_map<std::string, std::size_t>& index, std::string key,
                  Value value);

  Report& report_;
  std::vector<Frame> frames_;
  std::unordered_map<Anchor, Stored> anchors_;
  std::optional<Value> root_;
  std::size_t spent_ = 0;
};

} // namespace switchyard::config
