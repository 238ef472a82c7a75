// A routing snapshot over scripted groups: each pick takes the next row of the script. No actors.
#pragma once

#include <switchyard/environment.hpp>
#include <switchyard/graph.hpp>
#include <switchyard/provider.hpp>

#include <map>
#include <stdexcept>
#include <string>

namespace switchyard::http::testing {

/// Everything that was reported, in order.
struct Reports {
  std::vector<std::pair<std::string, Outcome>> seen;
  std::vector<std::pair<std::string, HealthMark>> marks;
};

/// Grants the rows of the group in turn; a row that failed with 429 or 401 cools when `cool` is set.
class ScriptedGroup {
 public:
  ScriptedGroup(std::shared_ptr<Group> group, Reports& reports, bool cool) {
    struct ReportSink final : Mailbox<Report>::Sink {
      ReportSink(DeploymentPtr r, Reports& s, bool c) : row(std::move(r)), seen(s), cool(c) {}
      void send(Report report) const override {
        seen.seen.emplace_back(row->row.id, report.query);
        bool cooled = cool && report.query.kind == OutcomeKind::failure && report.query.status != 500;
        if (cooled) row->view->cooldown_until_ms = std::numeric_limits<std::int64_t>::max();
        OutcomeAck ack;
        ack.cooled = cooled;
        report.duty.answer(ack);
      }
      DeploymentPtr row;
      Reports& seen;
      bool cool;
    };
    struct PickSink final : Mailbox<Pick>::Sink {
      void send(Pick pick) const override {
        PickAnswer answer;
        answer.error = Errc::no_deployments;
        answer.retry_after = Millis(4200);
        for (std::size_t i = 0; i < rows.size(); ++i) {
          auto& row = rows[(next + i) % rows.size()];
          if (row.first->view->cooling(pick.query.now)) continue;
          next = (next + i + 1) % rows.size();
          answer.error = Errc::none, answer.deployment = row.first, answer.report = row.second;
          break;
        }
        pick.duty.answer(std::move(answer));
      }
      std::vector<std::pair<DeploymentPtr, Mailbox<Report>>> rows;
      mutable std::size_t next = 0;
    };
    struct MarkSink final : Mailbox<HealthMark>::Sink {
      MarkSink(std::string i, Reports& s) : id(std::move(i)), seen(s) {}
      void send(HealthMark mark) const override { seen.marks.emplace_back(id, mark); }
      std::string id;
      Reports& seen;
    };
    auto sink = std::make_shared<PickSink>();
    for (auto& row : group->deployments)
      sink->rows.emplace_back(row, Mailbox<Report>(std::make_shared<ReportSink>(row, reports, cool)));
    group->pick = Mailbox<Pick>(sink);
    for (auto& row : group->deployments)
      group->health.emplace_back(std::make_shared<MarkSink>(row->row.id, reports));
  }
};

class FakeRouting final : public Routing {
 public:
  explicit FakeRouting(Config config = {}) : config_(std::move(config)) {}

  /// Adds a row whose answer is the mock_response (a text, or a litellm.* error name).
  Deployment& add(const std::string& group, const std::string& mock_response,
                  const std::string& model = "openai/gpt-4o") {
    auto row = std::make_shared<Deployment>();
    row->row.model_name = group;
    row->row.id = group + "#" + std::to_string(rows_[group].size());
    row->row.params.model = model;
    row->row.params.api_key = Secret("sk-test");
    row->row.params.mock_response = mock_response;
    auto prepared =
        providers::prepare(row->row.params, model, [](std::string_view) { return std::string(); });
    if (!prepared) throw std::runtime_error(prepared.error().message);
    row->target = prepared->target;
    rows_[group].push_back(row);
    return *row;
  }
  void finish(Reports& reports, bool cool = false) {
    for (auto& [name, rows] : rows_) {
      auto group = std::make_shared<Group>();
      group->name = name;
      group->deployments.assign(rows.begin(), rows.end());
      ScriptedGroup(group, reports, cool);
      groups_.push_back(group);
    }
  }

  Resolved resolve(std::string_view name) const override {
    Resolved resolved;
    for (auto& group : groups_)
      if (group->name == name || name.empty()) return resolved.group = group, resolved;
    return resolved;
  }
  std::span<const GroupPtr> groups() const override { return groups_; }
  std::vector<std::string> model_names(bool) const override {
    std::vector<std::string> names;
    for (auto& group : groups_) names.push_back(group->name);
    return names;
  }
  const Config& config() const override { return config_; }

 private:
  Config config_;
  std::map<std::string, std::vector<std::shared_ptr<Deployment>>> rows_;
  std::vector<GroupPtr> groups_;
};

} // namespace switchyard::http::testing
