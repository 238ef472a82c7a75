// Edits a scanned object by slices, so that a body is forwarded without being written again. Pure; one
// caller.
#include <switchyard/json_scan.hpp>

#include <algorithm>

namespace switchyard {

JsonSplice::Edit& JsonSplice::edit(const JsonField& field) {
  const auto before = [](const Edit& edit, const JsonField* other) { return edit.field < other; };
  auto at = std::lower_bound(edits_.begin(), edits_.end(), &field, before);
  if (at == edits_.end() || at->field != &field) at = edits_.insert(at, Edit{&field, false, {}, {}});
  at->removed = false;
  return *at;
}

void JsonSplice::set_view(const JsonField& field, std::string_view json) { edit(field).view = json; }

void JsonSplice::set(std::string_view key, std::string_view json) {
  if (const JsonField* const field = scan_->find(key)) {
    Edit& changed = edit(*field);
    changed.view = {};
    changed.copy = json;
    return;
  }
  const auto same = [key](const Added& added) { return added.key == key; };
  const auto at = std::find_if(added_.begin(), added_.end(), same);
  if (at != added_.end())
    at->json = json;
  else
    added_.push_back({std::string(key), std::string(json)});
}

void JsonSplice::remove(std::string_view key) {
  std::erase_if(added_, [key](const Added& added) { return added.key == key; });
  if (const JsonField* const field = scan_->find(key)) edit(*field).removed = true;
}

const JsonField* JsonSplice::last_kept() const {
  const auto& fields = scan_->fields;
  auto edit = edits_.rbegin();
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
    if (edit == edits_.rend() || edit->field != &*field || !edit->removed) return &*field;
    ++edit;
  }
  return nullptr;
}

// The edits up to `last`; a removed member goes together with the comma and the space behind it. Returns
// where the text that is not yet written starts.
template <class Sink>
std::uint32_t JsonSplice::walk_edits(const JsonField* last, Sink&& sink) const {
  std::uint32_t from = 0;
  for (const Edit& edit : edits_) {
    if (edit.field > last) break;
    sink(from, edit.removed ? edit.field->key_begin : edit.field->value_begin);
    if (!edit.removed) sink.piece(edit.json());
    from = edit.removed ? edit.field[1].key_begin : edit.field->value_end;
  }
  return from;
}

void JsonSplice::render_tail(bool first) const {
  tail_.clear();
  for (const Added& added : added_) {
    if (!first) tail_ += ',';
    first = false;
    append_json_string(tail_, added.key);
    tail_.append(":").append(added.json);
  }
}

template <class Sink>
void JsonSplice::walk(Sink&& sink) const {
  const auto& fields = scan_->fields;
  const JsonField* const last = last_kept();
  const std::uint32_t from = last ? walk_edits(last, sink) : 0;
  const std::uint32_t until = last ? last->value_end : scan_->open + 1;
  std::uint32_t rest = fields.empty() ? until : fields.back().value_end;
  if (added_.empty() && rest == until) {
    rest = from; // nothing comes between: one piece
  } else {
    sink(from, until);
    render_tail(last == nullptr);
    sink.piece(tail_);
  }
  sink(rest, static_cast<std::uint32_t>(scan_->text.size()));
}

namespace {

// Turns ranges of the text, in order, into pieces without the recorded trailing commas.
template <class Take>
class Pieces {
 public:
  Pieces(const ObjectScan& scan, Take take) : scan_(scan), take_(take) {}
  void operator()(std::uint32_t from, std::uint32_t to) {
    const auto& commas = scan_.trailing_commas;
    while (comma_ != commas.size() && commas[comma_] < from) ++comma_;
    for (; comma_ != commas.size() && commas[comma_] < to; from = commas[comma_++] + 1)
      piece(scan_.text.substr(from, commas[comma_] - from));
    piece(scan_.text.substr(from, to - from));
  }
  void piece(std::string_view text) {
    if (!text.empty()) take_(text);
  }

 private:
  const ObjectScan& scan_;
  Take take_;
  std::size_t comma_ = 0;
};

} // namespace

void JsonSplice::pieces(TextSlices& out) const {
  const auto take = [&out](std::string_view text) { out.push_back(text); };
  walk(Pieces<decltype(take)>(*scan_, take));
}

std::size_t JsonSplice::size() const {
  std::size_t total = 0;
  const auto take = [&total](std::string_view text) { total += text.size(); };
  walk(Pieces<decltype(take)>(*scan_, take));
  return total;
}

std::string JsonSplice::str() const {
  std::string out;
  const auto take = [&out](std::string_view text) { out.append(text); };
  walk(Pieces<decltype(take)>(*scan_, take));
  return out;
}

} // namespace switchyard
