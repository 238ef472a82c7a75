// The yaml-cpp side of the YAML reader: text checks, events, error wording. Main thread.
#include "config/yaml.hpp"

#include "config/yaml_builder.hpp"
#include "config/yaml_scalar.hpp"
#include "core/utf8.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>

namespace switchyard::config {
namespace {

constexpr std::string_view k_core_tags = "tag:yaml.org,2002:";

class Events final : public YAML::EventHandler {
 public:
  Events(std::uint16_t file, Report& report) : file_(file), builder_(report) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    builder_.scalar(place(mark), anchor, {}, "null", true);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    builder_.alias(place(mark), anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    builder_.scalar(place(mark), anchor, typed(place(mark), tag, text), text, tag == "?");
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_collection_tag(place(mark), tag, "seq");
    builder_.begin(place(mark), anchor, false);
  }
  void OnSequenceEnd() override { builder_.end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_collection_tag(place(mark), tag, "map");
    builder_.begin(place(mark), anchor, true);
  }
  void OnMapEnd() override { builder_.end(); }

  std::optional<Value> take() { return builder_.take(); }

 private:
  Place place(const YAML::Mark& mark) const { return {file_, static_cast<std::uint32_t>(mark.line + 1)}; }

  static void check_collection_tag(Place place, const std::string& tag, std::string_view kind) {
    if (tag.empty() || tag == "?" || tag == "!" || tag == std::string(k_core_tags).append(kind)) return;
    throw YamlRefused(place, "the tag " + tag + " is not supported");
  }

  static Value::Data typed(Place place, const std::string& tag, const std::string& text) {
    if (tag == "?" || tag.empty()) return resolve_plain(text);
    if (tag == "!") return text;
    const std::string_view name =
        tag.starts_with(k_core_tags) ? std::string_view(tag).substr(k_core_tags.size()) : std::string_view();
    if (name == "str") return text;
    if (name == "null") return std::monostate{};
    if (name == "bool")
      if (const auto flag = yaml_bool(text)) return *flag;
    if (name == "int")
      if (const auto number = yaml_int(text)) return *number;
    if (name == "float") {
      if (const auto number = yaml_float(text)) return *number;
      double whole = 0;
      if (const auto number = yaml_int(text); number && Value(*number).number(whole)) return whole;
    }
    throw YamlRefused(place, "the tag " + tag + " is not supported for this value");
  }

  std::uint16_t file_;
  YamlBuilder builder_;
};

std::uint32_t line_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  return static_cast<std::uint32_t>(1 + std::count(before.begin(), before.end(), '\n'));
}

/// PyYAML refuses what no text editor writes; yaml-cpp would guess an encoding.
bool is_text(std::string_view text, std::uint16_t file, Report& report) {
  if (text.size() > k_max_file_bytes) {
    report.error({file, 1}, "", "the file is bigger than 16 MB");
    return false;
  }
  const auto bad = core::find_invalid_utf8(text);
  const auto control = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
  });
  const auto control_at = static_cast<std::size_t>(control - text.begin());
  const auto at = std::min(bad, control_at);
  if (at >= text.size()) return true;
  report.error({file, line_of(text, at)}, "",
               at == bad ? "the file is not UTF-8 text"
                         : "the file holds a control character: it is not text");
  return false;
}

/// yaml-cpp's words plus the cure for the mistake that LiteLLM's own pages make.
std::string explain(const YAML::Exception& problem, std::string_view text) {
  std::string out = "not valid YAML: " + problem.msg;
  std::size_t from = 0;
  for (int line = 0; line < problem.mark.line && from != std::string_view::npos; ++line) {
    from = text.find('\n', from);
    if (from != std::string_view::npos) ++from;
  }
  const auto rest = from < text.size() ? text.substr(from, text.substr(from).find('\n')) : std::string_view();
  if (rest.find(": *") != std::string_view::npos) out += " (write the asterisk in quotes: \"*\")";
  return out;
}

} // namespace

std::optional<Value> parse_yaml(std::string_view text, std::uint16_t file, Report& report) {
  if (!is_text(text, file, report)) return std::nullopt;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    Events events(file, report), more(file, report);
    if (!parser.HandleNextDocument(events)) return Value();
    if (parser.HandleNextDocument(more)) {
      const auto second = more.take();
      report.error(second ? second->place() : Place{file, 1}, "", "more than one YAML document in the file");
      return std::nullopt;
    }
    return events.take().value_or(Value());
  } catch (const YamlRefused& refused) {
    report.error(refused.place, "", refused.what());
  } catch (const YAML::Exception& problem) {
    report.error({file, static_cast<std::uint32_t>(std::max(problem.mark.line, 0) + 1)}, "",
                 explain(problem, text));
  } catch (const std::exception& problem) {
    report.error({file, 1}, "", std::string("cannot be read: ") + problem.what());
  }
  return std::nullopt;
}

} // namespace switchyard::config
