// Layouts of prompts (spec providers.md 6): one chat through all of them, and what a chat can hide from a
// template.
#include "providers/prompts/prompts.hpp"

#include <switchyard/json.hpp>

#include <gtest/gtest.h>

using namespace switchyard;
using namespace switchyard::providers;

namespace {

ValueList chat(std::string_view json) { return *parse_json(json).value().as_list(); }
ValueMap settings(std::string_view json) { return *parse_json(json).value().as_map(); }

const ValueList& talk() {
  static const auto k_talk = chat(R"([{"role":"system","content":"S"},{"role":"user","content":"U1"},
    {"role":"assistant","content":"A1"},{"role":"user","content":"U2"}])");
  return k_talk;
}

struct Case {
  const char *provider, *model, *prompt;
};

const Case k_cases[] = {
    {"petals", "bigscience/bloom", "S U1 A1 U2"},
    {"replicate", "meta/meta-llama-3-8b-instruct",
     "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|><|start_header_id|>user<|end_"
     "header_id|>"
     "\n\nU1<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nA1<|eot_id|><|start_header_id|>user"
     "<|end_header_id|>\n\nU2<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"},
    {"azure_text", "dep", "SU1A1U2"},
    {"cohere", "command", "S\n\nU1\n\nA1\n\nU2"},
    {"huggingface", "meta-llama/Llama-2-7b-chat-hf",
     "<s>[INST] <<SYS>>\nS\n<</SYS>>\n [/INST]\n[INST] U1 [/INST]\nA1\n</s>[INST] U2 [/INST]\n"},
    {"bedrock", "meta.llama2-13b-chat-v1",
     "<s>[INST] <<SYS>>\nS\n<</SYS>>\n [/INST]\n[INST] U1 [/INST]\nA1\n</s>[INST] U2 [/INST]\n"},
    {"bedrock", "mistral.mistral-7b-instruct-v0:2",
     "<s>[INST] \nS [/INST]\n[INST] U1 [/INST]\n A1</s> [INST] U2 [/INST]\n"},
    {"bedrock", "amazon.titan-text-express-v1",
     "\n\nUser: <admin>S</admin>\n\nUser: U1\n\nBot: A1\n\nUser: U2\n\nBot: "},
    {"bedrock", "anthropic.claude-v2",
     "\n\nHuman: <admin>S</admin>\n\nHuman: U1\n\nAssistant: A1\n\nHuman: U2\n\nAssistant: "},
    {"bedrock", "anthropic.claude-v2:1", "S\n\nHuman: U1\n\nAssistant: A1\n\nHuman: U2\n\nAssistant: "},
    {"anthropic", "claude-2",
     "\n\nHuman: <admin>S</admin>\n\nHuman: U1\n\nAssistant: A1\n\nHuman: U2\n\nAssistant: "},
    {"huggingface", "Gryphe/MythoMax-L2-13b",
     "<s>### Instruction:\nS\n\n### Instruction:\nU1\n\n### Response:\nA1\n\n</s>### Instruction:\nU2\n\n"},
    {"huggingface", "tiiuae/falcon-7b-instruct", "Suser:U1\n\nassistant:A1\n\nuser:U2\n\n"},
    {"huggingface", "tiiuae/falcon-180B-chat", "System: SUser: U1Falcon: A1User: U2"},
    {"huggingface", "mosaicml/mpt-7b-chat",
     "<|im_start|>systemS<|im_end|>\n<|im_start|>userU1<|im_end|>\n<|im_start|>assistantA1<|im_end|>\n<|im_"
     "start|>userU2"
     "<|im_end|>\n"},
    {"huggingface", "WizardLM/WizardCoder-Python-34B-V1.0",
     "S\n\n### Instruction:\nU1\n\n### Response:\nA1\n\n### Instruction:\nU2\n\n"},
    {"huggingface", "Phind/Phind-CodeLlama-34B-v2",
     "### System Prompt\nS\n\n### User Message\nU1\n\n### Assistant\nA1\n\n### User Message\nU2\n\n"},
    {"watsonx_text", "ibm/granite-13b-chat-v2",
     "<|system|>\nS\n<|user|>\nU1\n<|assistant|>\nA1\n<|user|>\nU2\n<|assistant|>"},
    {"watsonx", "meta-llama/llama-3-1-70b-instruct",
     "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\nS<|eot_id|><|start_header_id|>user<|end_"
     "header_id|>\nU1"
     "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\nA1<|eot_id|><|start_header_id|>user<|end_"
     "header_id|>\nU2"
     "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n"},
    {"ollama", "llama2", "### System:\nS\n\n### User:\nU1\n\n### Assistant:\nA1\n\n### User:\nU2\n\n"},
    {"huggingface", "mistralai/Mistral-7B-Instruct-v0.1",
     "<s>[INST] S\n\nU1 [/INST] A1</s>[INST] U2 [/INST]"},
    {"huggingface", "google/gemma-2-9b-it",
     "<bos><start_of_turn>user\nS\n\nU1<end_of_turn>\n<start_of_turn>model\nA1<end_of_turn>\n<start_of_turn>"
     "user\nU2"
     "<end_of_turn>\n<start_of_turn>model\n"},
    {"huggingface", "Qwen/Qwen2.5-7B-Instruct",
     "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU1<|im_end|>\n<|im_start|>assistant\nA1<|im_end|>\n<"
     "|im_start|>"
     "user\nU2<|im_end|>\n<|im_start|>assistant\n"},
};

TEST(Prompts, EveryLayout) {
  for (auto& each : k_cases)
    EXPECT_EQ(render_prompt(each.provider, each.model, talk(), {}), each.prompt)
        << each.provider << " " << each.model;
}

TEST(Prompts, CustomTemplateOfSeed000) {
  auto own = settings(R"({"initial_prompt_value":"\n","roles":{"system":{"pre_message":"<|im_start|>system\n",
    "post_message":"<|im_end|>"},"assistant":{"pre_message":"<|im_start|>assistant\n","post_message":"<|im_end|>"},
    "user":{"pre_message":"<|im_start|>user\n","post_message":"<|im_end|>"}},"final_prompt_value":"\n",
    "bos_token":"<s>","eos_token":"</s>"})");
  EXPECT_EQ(render_prompt("huggingface", "mistralai/Mistral-7B-Instruct-v0.1", talk(), own),
            "<s>\n<|im_start|>system\nS<|im_end|><|im_start|>user\nU1<|im_end|><|im_start|>assistant\nA1<|im_"
            "end|></s>"
            "<|im_start|>user\nU2<|im_end|>\n");
  EXPECT_EQ(prompt_layout("ollama", "x", own), "custom");
}

TEST(Prompts, CustomTemplateReopensForSystem) {
  auto own = settings(
      R"({"roles":"{\"user\":{\"pre_message\":\"U:\"},\"system\":7}","bos_token":"<","eos_token":">"})");
  auto messages = chat(
      R"([{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"system","content":"c"}])");
  EXPECT_EQ(render_prompt("petals", "m", messages, own), "<U:ab><c");
}

TEST(Prompts, ClaudeStartsWithHuman) {
  EXPECT_EQ(render_prompt("anthropic", "claude-2", chat(R"([{"role":"assistant","content":"A"}])"), {}),
            "\n\nHuman: \n\nAssistant: A");
  EXPECT_EQ(render_prompt("anthropic", "claude-2.1",
                          chat(R"([{"role":"system","content":"S"},{"role":"assistant","content":"A"}])"),
                          {}),
            "S\n\nHuman: \n\nAssistant: A");
}

TEST(Prompts, NothingOfAHistoryIsLost) {
  auto messages =
      chat(R"([{"role":"developer","content":"D"},{"role":"user","content":[{"type":"text","text":"look"},
    {"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}]},
    {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},
    {"role":"tool","tool_call_id":"c1","content":"42"}])");
  EXPECT_EQ(render_prompt("petals", "m", messages, {}), R"(D look {"name":"f","arguments":{"a":1}} 42)");
  auto prompt = make_prompt("ollama", "m", messages, {});
  EXPECT_EQ(prompt.text,
            "### System:\nD\n\n### User:\nlook\n\n### Assistant:\nTool Calls: [{\"id\":\"c1\",\"type\":"
            "\"function\",\"function\":{\"name\":\"f\",\"arguments\":{\"a\":1}}}]\n\n### User:\n42\n\n");
  EXPECT_EQ(prompt.images, std::vector<std::string>{"data:image/png;base64,AA"});
}

TEST(Prompts, BrokenMessagesDoNoHarm) {
  auto messages = chat(
      R"([1,null,"x",[],{},{"role":3,"content":{"a":1}},{"role":"assistant","tool_calls":[1,{"function":7}]}])");
  for (auto& each : k_cases) render_prompt(each.provider, each.model, messages, {});
  render_prompt("petals", "meta-llama/LlamaGuard-7b", messages, settings(R"({"roles":[1]})"));
  for (auto& each : k_cases) render_prompt(each.provider, each.model, {}, {});
}

TEST(Prompts, LlamaGuardJudgesTheLastSpeaker) {
  auto prompt = render_prompt("sagemaker", "meta-llama/LlamaGuard-7b",
                              chat(R"([{"role":"user","content":" hi "}])"), {});
  EXPECT_TRUE(prompt.starts_with("[INST] Task: Check if there is unsafe content in 'User' messages"));
  EXPECT_NE(prompt.find("<BEGIN CONVERSATION>\n\nUser: hi\n\n<END CONVERSATION>"), std::string::npos);
  EXPECT_TRUE(prompt.ends_with("violated categories. [/INST]"));
}

TEST(Prompts, FunctionsInWords) {
  auto request =
      parse_json(
          R"({"messages":[{"role":"system","content":"S"},{"role":"user","content":"U"}],"tool_choice":"auto",
    "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}]})")
          .value();
  functions_into_prompt(request);
  EXPECT_EQ(
      to_json(request),
      R"({"messages":[{"role":"system","content":"S To call a function, reply with JSON ONLY in this format )"
      R"({\"name\": \"function_name\", \"arguments\":{\"argument_name\": \"argument_value\"}}. Once a function )"
      R"(result answers the request, reply to the user in plain text instead of calling a function again. The )"
      R"(following functions are available to you:\n{\"name\":\"f\",\"description\":\"d\",\"parameters\":)"
      R"({\"type\":\"object\"}}\n"},)"
      R"({"role":"user","content":"U"}]})");
  request = parse_json(R"({"messages":[{"role":"user","content":"U"}],"functions":[{"name":"f"}]})").value();
  functions_into_prompt(request);
  auto& messages = *request.find("messages")->as_list();
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(text_at(messages[1], "role"), "system");
}

TEST(Prompts, SchemaInWords) {
  const auto schema = parse_json(R"({"type":"object"})").value();
  EXPECT_EQ(schema_prompt(schema, {}), "Use this JSON schema:\n```json\n{\"type\":\"object\"}\n```");
  const auto own = settings(R"({"response_schema_prompt":{"initial_prompt_value":"Obey ","bos_token":""}})");
  EXPECT_EQ(schema_prompt(schema, own), "Obey {\"type\":\"object\"}");
}

} // namespace
