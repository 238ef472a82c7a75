// `include`: lists are appended, any other key of the included file overwrites. Main thread.
#include "config/document.hpp"
#include "config/yaml.hpp"

#include <algorithm>
#include <filesystem>

namespace switchyard::config {
namespace {

constexpr std::size_t k_max_files = 100;

struct Include {
  std::string path;
  Place place;
};

struct Reading {
  const Environment& environment;
  Report& report;
  std::filesystem::path folder;   ///< of the main file: every path is relative to it, as in LiteLLM
  std::vector<std::string> stack; ///< the files being read, to find cycles
};

std::vector<Include> take_includes(ValueMap& map, Report& report) {
  std::vector<Include> out;
  const auto found = std::find_if(map.begin(), map.end(), [](const auto& m) { return m.first == "include"; });
  if (found == map.end()) return out;
  const Value value = std::move(found->second);
  map.erase(found);
  const auto add = [&](const Value& item) {
    if (const std::string* path = item.as_string(); path && !path->empty())
      out.push_back({*path, value.place()});
    else if (!item.is_null())
      report.error(value.place(), "include", "expected a path or a list of paths");
  };
  if (const ValueList* list = value.as_list())
    std::for_each(list->begin(), list->end(), add);
  else
    add(value);
  return out;
}

void merge(ValueMap& into, ValueMap&& from) {
  for (auto& [key, value] : from) {
    const auto found =
        std::find_if(into.begin(), into.end(), [&name = key](const auto& m) { return m.first == name; });
    if (found == into.end()) {
      into.emplace_back(std::move(key), std::move(value));
      continue;
    }
    auto* old_list = std::get_if<ValueList>(&found->second.data());
    auto* new_list = std::get_if<ValueList>(&value.data());
    if (old_list && new_list)
      old_list->insert(old_list->end(), std::make_move_iterator(new_list->begin()),
                       std::make_move_iterator(new_list->end()));
    else
      found->second = std::move(value);
  }
}

std::optional<Value> read_one(const std::string& file, std::string_view text, Reading& reading);

void add_include(ValueMap& map, const Include& include, Reading& reading) {
  const std::string path = (reading.folder / include.path).lexically_normal().string();
  if (std::find(reading.stack.begin(), reading.stack.end(), path) != reading.stack.end()) {
    reading.report.error(include.place, "include", path + " includes itself");
    return;
  }
  if (reading.report.files.size() >= k_max_files) {
    reading.report.error(include.place, "include", "more than 100 files");
    return;
  }
  const auto text = reading.environment.read_file(path);
  if (!text) {
    reading.report.error(include.place, "include", text.error().message);
    return;
  }
  auto included = read_one(path, *text, reading);
  if (!included) return;
  if (auto* members = std::get_if<ValueMap>(&included->data())) merge(map, std::move(*members));
}

std::optional<Value> read_one(const std::string& file, std::string_view text, Reading& reading) {
  const auto index = static_cast<std::uint16_t>(reading.report.files.size());
  reading.report.files.push_back(file);
  auto document = parse_yaml(text, index, reading.report);
  if (!document) return std::nullopt;
  auto* map = std::get_if<ValueMap>(&document->data());
  if (!map) {
    reading.report.error({index, std::max(document->place().line, 1u)}, "",
                         document->is_null() ? "the file is empty"
                                             : "expected sections like model_list: at the top");
    return std::nullopt;
  }
  reading.stack.push_back(file);
  for (const Include& include : take_includes(*map, reading.report)) add_include(*map, include, reading);
  reading.stack.pop_back();
  return document;
}

} // namespace

std::optional<Value> read_document(const std::string& file, std::string_view text,
                                   const Environment& environment, Report& report) {
  const auto normal = std::filesystem::path(file).lexically_normal();
  Reading reading{environment, report, normal.parent_path(), {}};
  return read_one(normal.string(), text, reading);
}

} // namespace switchyard::config
