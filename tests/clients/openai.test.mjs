// OpenAI's Node SDK against the real binary: chat, streams, tools, structured output, files, errors, aborts.
// test_node.py starts mock and gateway and hands over their addresses; every test names its row by the mock's words.
import assert from "node:assert/strict";
import { File } from "node:buffer";
import test from "node:test";
import OpenAI, { AzureOpenAI, toFile } from "openai";

globalThis.File ??= File; // Debian 12's Node 18 has it only in node:buffer

const { BASE_URL, GATEWAY_URL, MOCK_URL, KEY } = process.env;
const messages = [{ role: "user", content: "hello" }];
const client = (options = {}) => new OpenAI({ apiKey: KEY, baseURL: BASE_URL, maxRetries: 0, ...options });
const create = (model, options, call) => client(options).chat.completions.create({ model, messages }, call);

const script = async (...steps) => {
  const body = JSON.stringify(steps.map((step) => ({ model: "mock-as-scripted", ...step })));
  const reply = await fetch(`${MOCK_URL}/__mock/script`, { method: "POST", body });
  assert.equal(reply.status, 200);
};

const completion = (message, finish_reason = "stop") => ({
  id: "chatcmpl-1", object: "chat.completion", created: 1, model: "upstream",
  choices: [{ index: 0, message, finish_reason }],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
});

const weather = {
  type: "function",
  function: {
    name: "weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

test("chat", async () => {
  const answer = await create("as-plain");
  assert.ok(answer.choices[0].message.content);
  assert.equal(answer.model, "as-plain");
});

test("stream", async () => {
  const stream = await client().chat.completions.create({
    model: "stream-10x30ms", messages, stream: true, stream_options: { include_usage: true },
  });
  let text = "", usage;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta?.content ?? "";
    usage = chunk.usage ?? usage;
  }
  assert.ok(text);
  assert.ok(usage.total_tokens > 0);
});

test("stream helper", async () => {
  const runner = client().chat.completions.stream({ model: "stream-10x30ms", messages });
  assert.ok(await runner.finalContent());
});

test("tools", async () => {
  const call = { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } };
  await script({ status: 200, body: completion({ role: "assistant", content: null, tool_calls: [call] }, "tool_calls") });
  const answer = await client().chat.completions.create({ model: "as-scripted", messages, tools: [weather] });
  assert.equal(JSON.parse(answer.choices[0].message.tool_calls[0].function.arguments).city, "Paris");
});

test("structured output", async () => {
  await script({ status: 200, body: completion({ role: "assistant", content: '{"name":"fair"}' }) });
  const answer = await client().chat.completions.parse({
    model: "as-scripted", messages,
    response_format: {
      type: "json_schema",
      json_schema: {
        name: "event", strict: true,
        schema: {
          type: "object", properties: { name: { type: "string" } }, required: ["name"], additionalProperties: false,
        },
      },
    },
  });
  assert.deepEqual(JSON.parse(answer.choices[0].message.content), { name: "fair" });
});

test("embeddings come as numbers, base64 on the wire", async () => {
  const answer = await client().embeddings.create({ model: "as-plain", input: ["a", "b"] });
  assert.equal(answer.data.length, 2);
  assert.equal(typeof answer.data[0].embedding[0], "number");
});

test("responses", async () => {
  const answer = await client().responses.create({ model: "as-plain", input: "hello" });
  assert.ok(answer.output_text);
  const kinds = [];
  for await (const event of await client().responses.create({ model: "as-plain", input: "hello", stream: true }))
    kinds.push(event.type);
  assert.equal(kinds.at(-1), "response.completed");
});

test("models", async () => {
  const names = [];
  for await (const model of client().models.list()) names.push(model.id);
  assert.ok(names.includes("gpt-4o"));
  assert.equal((await client().models.retrieve("gpt-4o")).id, "gpt-4o");
});

test("images, transcription, speech, moderation", async () => {
  const sdk = client();
  assert.ok((await sdk.images.generate({ model: "as-plain", prompt: "a cat" })).data.length);
  const image = await toFile(Buffer.alloc(400, 7), "cat.png", { type: "image/png" });
  assert.ok((await sdk.images.edit({ model: "as-plain", image, prompt: "a hat" })).data.length);
  const file = await toFile(Buffer.alloc(4000, 1), "speech.wav", { type: "audio/wav" });
  assert.ok((await sdk.audio.transcriptions.create({ model: "as-plain", file })).text);
  const speech = await sdk.audio.speech.create({ model: "as-plain", voice: "alloy", input: "hello" });
  assert.ok((await speech.arrayBuffer()).byteLength > 100);
  assert.ok((await sdk.moderations.create({ model: "as-plain", input: "hello" })).results.length);
});

const classes = {
  "status-400": OpenAI.BadRequestError, "status-401": OpenAI.AuthenticationError,
  "status-403": OpenAI.PermissionDeniedError, "status-404": OpenAI.NotFoundError,
  "status-429": OpenAI.RateLimitError, "status-500": OpenAI.InternalServerError,
  "status-503": OpenAI.InternalServerError,
};
for (const [model, kind] of Object.entries(classes))
  test(`error class of ${model}`, async () => {
    await assert.rejects(create(model), (error) => error instanceof kind && /litellm\./.test(error.message));
  });

test("wrong key", async () => {
  await assert.rejects(create("as-plain", { apiKey: "sk-wrong" }), OpenAI.AuthenticationError);
});

test("retry-after is honoured", async () => {
  await script({ status: 429, retry_after: 1, times: 1 }, { status: 200 });
  const started = Date.now();
  assert.ok((await create("as-scripted", { maxRetries: 1 })).choices.length);
  assert.ok(Date.now() - started > 950);
});

test("time-out", async () => {
  await assert.rejects(create("delay-30000", {}, { timeout: 300 }), OpenAI.APIConnectionTimeoutError);
});

test("late error of a stream", async () => {
  const stream = await client().chat.completions.create({
    model: "stream-10x1ms+stream-fail-after-3", messages, stream: true,
  });
  await assert.rejects(async () => {
    for await (const chunk of stream) assert.ok(chunk);
  }, OpenAI.APIError);
});

test("abort in the middle of a stream", async () => {
  const stream = await client().chat.completions.create({ model: "stream-1000x20ms", messages, stream: true });
  let chunks = 0;
  for await (const chunk of stream) {
    assert.ok(chunk);
    if (++chunks === 3) stream.controller.abort();
  }
  assert.ok(chunks < 100);
});

test("Azure client", async () => {
  const azure = new AzureOpenAI({ endpoint: GATEWAY_URL, apiKey: KEY, apiVersion: "2024-06-01", maxRetries: 0 });
  assert.ok((await azure.chat.completions.create({ model: "as-plain", messages })).choices.length);
});

test("fifty at once", async () => {
  const sdk = client();
  const calls = Array.from({ length: 50 }, () => sdk.chat.completions.create({ model: "delay-20", messages }));
  assert.equal((await Promise.all(calls)).filter((answer) => answer.choices.length).length, 50);
});
