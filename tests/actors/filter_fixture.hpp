// Picks of one group "m" whose rows differ in what filters look at. Test code.
#pragma once

#include "actors/filters/filter.hpp"
#include "actors/graph_fixture.hpp"

#include <set>

namespace switchyard::actors {

using Ids = std::set<std::string>;

class FilterTest : public GraphTest {
 protected:
  ModelRow& row(const std::string& id) { return draft.row("m", "openai/" + id, id); }
  RouterSettings& router() { return draft.config.router; }
  Ids picked_ids(PickQuery question = {}) {
    Ids ids;
    question.now = clock.now();
    for (int i = 0; i < 100; ++i) {
      question.random = random.next();
      ids.insert(picked("m", question));
    }
    return ids;
  }
  PickQuery wanting(std::vector<std::string> tags, std::string region = {}) {
    auto wants = std::make_shared<PickWants>();
    wants->tags = std::move(tags), wants->region = std::move(region);
    auto question = query();
    question.wants = wants;
    return question;
  }
  void mark(std::size_t seat, bool healthy, Errc error = Errc::internal_server) {
    HealthMark mark;
    mark.now = clock.now(), mark.healthy = healthy, mark.error = healthy ? Errc::none : error;
    group("m")->health.at(seat).send(mark);
    run();
  }
  ConfigDraft draft;
};

} // namespace switchyard::actors
