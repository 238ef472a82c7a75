// Layouts of completion-style models and which model has which (spec providers.md 6). Data; any thread.
#include "providers/prompts/layout.hpp"

#include <algorithm>
#include <array>

namespace switchyard::providers {
namespace {

using std::string_view;

constexpr Layout k_default{.name = "default", .between = " "};
constexpr Layout k_joined{.name = "joined"};
constexpr Layout k_cohere{.name = "cohere", .flags = k_trim_end, .between = "\n\n"};
constexpr Layout k_ollama{.name = "ollama", .render = render_ollama};
constexpr Layout k_guard{.name = "llama-guard", .render = render_llama_guard};
constexpr Layout k_llama2{.name = "llama2",
                          .bos = "<s>",
                          .eos = "</s>",
                          .system = {"[INST] <<SYS>>\n", "\n<</SYS>>\n [/INST]\n"},
                          .user = {"[INST] ", " [/INST]\n"},
                          .assistant = {"", "\n"}};
constexpr Layout k_llama3{.name = "llama3",
                          .initial = "<|begin_of_text|>",
                          .final = "<|start_header_id|>assistant<|end_header_id|>\n\n",
                          .system = {"<|start_header_id|>system<|end_header_id|>\n\n", "<|eot_id|>"},
                          .user = {"<|start_header_id|>user<|end_header_id|>\n\n", "<|eot_id|>"},
                          .assistant = {"<|start_header_id|>assistant<|end_header_id|>\n\n", "<|eot_id|>"},
                          .flags = k_trim_texts};
constexpr Layout k_llama3_watsonx{
    .name = "llama3-watsonx",
    .initial = "<|begin_of_text|>",
    .final = "<|start_header_id|>assistant<|end_header_id|>\n",
    .system = {"<|start_header_id|>system<|end_header_id|>\n", "<|eot_id|>"},
    .user = {"<|start_header_id|>user<|end_header_id|>\n", "<|eot_id|>"},
    .assistant = {"<|start_header_id|>assistant<|end_header_id|>\n", "<|eot_id|>"}};
constexpr Layout k_llama4{.name = "llama4",
                          .initial = "<|begin_of_text|>",
                          .final = "<|header_start|>assistant<|header_end|>\n\n",
                          .system = {"<|header_start|>system<|header_end|>\n\n", "<|eot|>"},
                          .user = {"<|header_start|>user<|header_end|>\n\n", "<|eot|>"},
                          .assistant = {"<|header_start|>assistant<|header_end|>\n\n", "<|eot|>"},
                          .flags = k_trim_texts};
constexpr Layout k_mistral{.name = "mistral",
                           .initial = "<s>",
                           .system = {"[INST] \n", " [/INST]\n"},
                           .user = {"[INST] ", " [/INST]\n"},
                           .assistant = {" ", "</s> "}};
constexpr Layout k_mistral_hub{.name = "mistral-hub",
                               .initial = "<s>",
                               .user = {"[INST] ", " [/INST]"},
                               .assistant = {" ", "</s>"},
                               .flags = k_trim_texts | k_fold_system};
constexpr Layout k_alpaca{.name = "alpaca",
                          .bos = "<s>",
                          .eos = "</s>",
                          .system = {"### Instruction:\n", "\n\n"},
                          .user = {"### Instruction:\n", "\n\n"},
                          .assistant = {"### Response:\n", "\n\n"}};
constexpr Layout k_falcon{.name = "falcon-instruct", .render = render_falcon};
constexpr Layout k_falcon_chat{
    .name = "falcon-chat", .system = {"System: ", ""}, .user = {"User: ", ""}, .assistant = {"Falcon: ", ""}};
constexpr Layout k_mpt{.name = "mpt",
                       .system = {"<|im_start|>system", "<|im_end|>\n"},
                       .user = {"<|im_start|>user", "<|im_end|>\n"},
                       .assistant = {"<|im_start|>assistant", "<|im_end|>\n"}};
constexpr Layout k_wizardcoder{.name = "wizardcoder",
                               .system = {"", "\n\n"},
                               .user = {"### Instruction:\n", "\n\n"},
                               .assistant = {"### Response:\n", "\n\n"}};
constexpr Layout k_phind{.name = "phind",
                         .system = {"### System Prompt\n", "\n\n"},
                         .user = {"### User Message\n", "\n\n"},
                         .assistant = {"### Assistant\n", "\n\n"}};
constexpr Layout k_granite{.name = "granite",
                           .system = {"<|system|>\n", "\n"},
                           .user = {"<|user|>\n", "\n<|assistant|>\n"},
                           .assistant = {"", "\n"},
                           .flags = k_trim_whole};
constexpr Layout k_claude{.name = "claude",
                          .final = "\n\nAssistant: ",
                          .system = {"\n\nHuman: <admin>", "</admin>"},
                          .user = {"\n\nHuman: ", ""},
                          .assistant = {"\n\nAssistant: ", ""},
                          .flags = k_cue,
                          .render = render_human_first};
constexpr Layout k_claude_2_1{.name = "claude-2.1",
                              .final = "\n\nAssistant: ",
                              .user = {"\n\nHuman: ", ""},
                              .assistant = {"\n\nAssistant: ", ""},
                              .flags = k_cue,
                              .render = render_claude_2_1};
constexpr Layout k_titan{.name = "titan",
                         .final = "\n\nBot: ",
                         .system = {"\n\nUser: <admin>", "</admin>"},
                         .user = {"\n\nUser: ", ""},
                         .assistant = {"\n\nBot: ", ""},
                         .flags = k_cue,
                         .render = render_human_first};

// Chat templates that models of the Hub bring along, for those seen most: the Hub itself is never asked.
constexpr Layout k_chatml{.name = "chatml",
                          .final = "<|im_start|>assistant\n",
                          .system = {"<|im_start|>system\n", "<|im_end|>\n"},
                          .user = {"<|im_start|>user\n", "<|im_end|>\n"},
                          .assistant = {"<|im_start|>assistant\n", "<|im_end|>\n"}};
constexpr Layout k_zephyr{.name = "zephyr",
                          .final = "<|assistant|>\n",
                          .system = {"<|system|>\n", "</s>\n"},
                          .user = {"<|user|>\n", "</s>\n"},
                          .assistant = {"<|assistant|>\n", "</s>\n"}};
constexpr Layout k_phi3{.name = "phi3",
                        .final = "<|assistant|>\n",
                        .system = {"<|system|>\n", "<|end|>\n"},
                        .user = {"<|user|>\n", "<|end|>\n"},
                        .assistant = {"<|assistant|>\n", "<|end|>\n"}};
constexpr Layout k_gemma{.name = "gemma",
                         .initial = "<bos>",
                         .final = "<start_of_turn>model\n",
                         .user = {"<start_of_turn>user\n", "<end_of_turn>\n"},
                         .assistant = {"<start_of_turn>model\n", "<end_of_turn>\n"},
                         .flags = k_trim_texts | k_fold_system};
constexpr Layout k_deepseek{.name = "deepseek",
                            .initial = "<｜begin▁of▁sentence｜>",
                            .final = "<｜Assistant｜>",
                            .user = {"<｜User｜>", ""},
                            .assistant = {"<｜Assistant｜>", "<｜end▁of▁sentence｜>"}};

/// `words` must all be in the lower-cased model name; the first rule that fits decides.
struct Rule {
  string_view provider; ///< "" = any
  std::array<string_view, 2> words;
  const Layout* layout;
};

constexpr Rule k_rules[] = {
    {"ollama", {}, &k_ollama},
    {"anthropic", {"claude-2.1"}, &k_claude_2_1},
    {"anthropic", {}, &k_claude},
    {"anthropic_text", {"claude-2.1"}, &k_claude_2_1},
    {"anthropic_text", {}, &k_claude},
    {"cohere", {}, &k_cohere},
    {"azure_text", {}, &k_joined},
    {"azure", {}, &k_joined},
    {"bedrock", {"titan-text"}, &k_titan},
    {"bedrock", {"titan-tg1"}, &k_titan},
    {"bedrock", {"anthropic.", "claude-v2:1"}, &k_claude_2_1},
    {"bedrock", {"anthropic.", "claude-2.1"}, &k_claude_2_1},
    {"bedrock", {"anthropic."}, &k_claude},
    {"bedrock", {"mistral."}, &k_mistral},
    {"bedrock", {"llama2", "chat"}, &k_llama2},
    {"bedrock", {"llama3", "instruct"}, &k_llama3},
    {"bedrock", {"llama4", "instruct"}, &k_llama4},
    {"bedrock", {"deepseek"}, &k_deepseek},
    {"watsonx", {"granite", "chat"}, &k_granite},
    {"watsonx", {"ibm-mistral", "instruct"}, &k_mistral},
    {"watsonx", {"meta-llama/llama-3", "instruct"}, &k_llama3_watsonx},
    {"watsonx_text", {"granite", "chat"}, &k_granite},
    {"watsonx_text", {"ibm-mistral", "instruct"}, &k_mistral},
    {"watsonx_text", {"meta-llama/llama-3", "instruct"}, &k_llama3_watsonx},
    {"", {"meta-llama/llama-2", "chat"}, &k_llama2},
    {"", {"meta-llama/llama-3", "instruct"}, &k_llama3},
    {"", {"meta-llama-3", "instruct"}, &k_llama3},
    {"", {"meta-llama/llama-4", "instruct"}, &k_llama4},
    {"", {"tiiuae/falcon-180b-chat"}, &k_falcon_chat},
    {"", {"tiiuae/falcon", "instruct"}, &k_falcon},
    {"", {"mosaicml/mpt", "chat"}, &k_mpt},
    {"", {"codellama/codellama", "instruct"}, &k_llama2},
    {"", {"wizardlm/wizardcoder"}, &k_wizardcoder},
    {"", {"phind/phind-codellama"}, &k_phind},
    {"", {"togethercomputer/llama-2", "instruct"}, &k_llama2},
    {"", {"togethercomputer/llama-2", "chat"}, &k_llama2},
    {"", {"gryphe/mytho", "13b"}, &k_alpaca},
    {"", {"meta-llama/llamaguard-7b"}, &k_guard},
    {"replicate", {}, &k_default}, // its models bring their templates with them
    {"", {"mistralai/", "instruct"}, &k_mistral_hub},
    {"", {"google/gemma", "-it"}, &k_gemma},
    {"", {"qwen/", "chat"}, &k_chatml},
    {"", {"qwen/", "instruct"}, &k_chatml},
    {"", {"hermes-2"}, &k_chatml},
    {"", {"01-ai/yi", "chat"}, &k_chatml},
    {"", {"smollm", "instruct"}, &k_chatml},
    {"", {"huggingfaceh4/zephyr"}, &k_zephyr},
    {"", {"microsoft/phi-3", "instruct"}, &k_phi3},
    {"", {"deepseek-ai/deepseek-r1"}, &k_deepseek},
    {"", {"deepseek-ai/deepseek-v3"}, &k_deepseek},
};

bool fits(const Rule& rule, string_view provider, string_view model) {
  auto has = [model](string_view word) { return model.find(word) != string_view::npos; };
  return (rule.provider.empty() || rule.provider == provider) &&
         std::all_of(rule.words.begin(), rule.words.end(), has);
}

} // namespace

const Layout& find_layout(string_view provider, string_view model) noexcept {
  // No name of a model is longer; what is behind decides nothing.
  std::array<char, 256> lower{};
  const auto size = std::min(model.size(), lower.size());
  std::transform(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(size), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const string_view name(lower.data(), size);
  for (auto& rule : k_rules)
    if (fits(rule, provider, name)) return *rule.layout;
  return k_default;
}

} // namespace switchyard::providers
