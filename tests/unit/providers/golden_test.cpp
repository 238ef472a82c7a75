// Golden transcripts: tests/golden/{openai,families/*}/*.txt hold a deployment, a client's request, an
// upstream's answer, and what must come out. UPDATE_GOLDEN=1 rewrites what comes out. docs/providers.md
// explains the format.
#include "unit/providers/golden_case.hpp"

#include <cstdlib>

using namespace switchyard;
using namespace switchyard::providers;
using namespace switchyard::providers::test;

namespace {

struct Output {
  std::string_view from, to;
  std::string (Runner::*run)();
};
constexpr Output k_outputs[] = {{"request", "wire", &Runner::wire},
                                {"answer", "reply", &Runner::reply},
                                {"sse", "events", &Runner::events},
                                {"refusal", "error", &Runner::error}};

std::vector<Section> regenerate(const std::vector<Section>& sections, Runner& runner) {
  std::vector<Section> out;
  for (auto& section : sections) {
    bool made = std::any_of(std::begin(k_outputs), std::end(k_outputs),
                            [&](auto& output) { return output.to == section.name; });
    if (made) continue;
    out.push_back(section);
    for (auto& output : k_outputs)
      if (output.from == section.name) out.push_back({std::string(output.to), (runner.*output.run)()});
  }
  return out;
}

std::string rendered(const std::vector<Section>& sections) {
  std::string out;
  for (auto& section : sections) out += "=== " + section.name + "\n" + section.text;
  return out;
}

} // namespace

TEST(Golden, EveryTranscriptComesOutAsWritten) {
  std::size_t cases = 0;
  for (auto& entry : std::filesystem::recursive_directory_iterator(SWITCHYARD_SOURCE_DIR "/tests/golden")) {
    if (entry.path().extension() != ".txt") continue;
    if (auto only = std::getenv("GOLDEN"); only && entry.path().string().find(only) == std::string::npos)
      continue;
    SCOPED_TRACE(entry.path().filename().string());
    ++cases;
    auto sections = read_sections(entry.path());
    Runner runner(sections);
    ASSERT_TRUE(runner.ready());
    auto now = rendered(regenerate(sections, runner));
    if (std::getenv("UPDATE_GOLDEN"))
      std::ofstream(entry.path()) << now;
    else
      EXPECT_EQ(rendered(sections), now);
  }
  EXPECT_GE(cases, std::getenv("GOLDEN") ? 1u : 20u);
}
