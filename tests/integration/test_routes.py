"""Every LLM route under every prefix, and the routes that describe the server (issue 2, section 5)."""

import unittest

import web
from case import GatewayCase
from processes import Gateway, Mock, wait_until
from scripted import Scripted

CHAT = {"messages": [{"role": "user", "content": "hello"}]}
# path, body without model, the field of the answer that proves that the right endpoint replied
JSON_ROUTES = [
    ("/chat/completions", CHAT, "choices"),
    ("/completions", {"prompt": "hello"}, "choices"),
    ("/embeddings", {"input": ["a", "b"]}, "data"),
    ("/responses", {"input": "hello"}, "output"),
    ("/moderations", {"input": "hello"}, "results"),
    ("/images/generations", {"prompt": "a cat"}, "data"),
    ("/rerank", {"query": "q", "documents": ["a", "b"]}, "results"),
]
FORM_ROUTES = [
    ("/audio/transcriptions", "file", "text"),
    ("/audio/translations", "file", "text"),
    ("/images/edits", "image", "data"),
    ("/images/variations", "image", "data"),
]
MODEL_IN_PATH = ["/chat/completions", "/completions", "/embeddings", "/images/generations"]


class LlmRoutes(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {"model_list": [mock.row("gpt-4o", "as-one"), mock.row("echo", "echo")]}

    def test_json_routes_with_and_without_v1(self):
        for prefix in ("/v1", ""):
            for path, body, field in JSON_ROUTES:
                with self.subTest(route=prefix + path):
                    reply = self.gateway.post(prefix + path, {"model": "gpt-4o", **body})
                    self.assert_status(reply, 200)
                    self.assertTrue(reply.json()[field])
                    self.assertIn("application/json", reply.headers["content-type"])

    def test_rerank_v2(self):
        reply = self.gateway.post("/v2/rerank", {"model": "gpt-4o", "query": "q", "documents": ["a"]})
        self.assert_status(reply, 200)
        self.assertTrue(reply.json()["results"])

    def test_form_routes_with_and_without_v1(self):
        for prefix in ("/v1", ""):
            for path, file_field, field in FORM_ROUTES:
                with self.subTest(route=prefix + path):
                    body, kind = web.multipart({"model": "gpt-4o", "prompt": "x"},
                                               {file_field: ("a.bin", bytes(range(256)) * 40)})
                    reply = self.gateway.post(prefix + path, body, headers={"Content-Type": kind})
                    self.assert_status(reply, 200)
                    self.assertIn(field, reply.json())

    def test_speech_is_binary(self):
        for prefix in ("/v1", ""):
            reply = self.gateway.post(prefix + "/audio/speech", {"model": "gpt-4o", "input": "hi", "voice": "alloy"})
            self.assert_status(reply, 200)
            self.assertTrue(reply.headers["content-type"].startswith("audio/"))
            self.assertGreater(len(reply.body), 100)

    def test_model_in_the_path(self):
        bodies = {path: body for path, body, _ in JSON_ROUTES}
        for form in ("/engines/gpt-4o", "/openai/deployments/gpt-4o"):
            for path in MODEL_IN_PATH:
                if "engines" in form and "images" in path:
                    continue  # LiteLLM has no such route
                with self.subTest(route=form + path):
                    reply = self.gateway.post(form + path, bodies[path])
                    self.assert_status(reply, 200)

    def test_model_in_the_path_beats_the_body(self):
        reply = self.gateway.post("/engines/gpt-4o/chat/completions", {"model": "no-such-model", **CHAT})
        self.assert_status(reply, 200)

    def test_azure_query_is_accepted(self):
        reply = self.gateway.post("/openai/deployments/gpt-4o/chat/completions?api-version=2024-02-01", CHAT)
        self.assert_status(reply, 200)

    def test_model_name_with_slashes_in_the_path(self):
        reply = self.gateway.post("/engines/no%2Fsuch/chat/completions", CHAT)
        self.assert_status(reply, 400)
        self.assertIn("no/such", reply.error()["message"])

    def test_embedding_encodings(self):
        floats = self.gateway.post("/v1/embeddings", {"model": "gpt-4o", "input": "a"}).json()
        self.assertIsInstance(floats["data"][0]["embedding"], list)
        packed = self.gateway.post("/v1/embeddings",
                                   {"model": "gpt-4o", "input": "a", "encoding_format": "base64"}).json()
        self.assertIsInstance(packed["data"][0]["embedding"], str)

    def test_upstream_path_of_each_endpoint(self):
        echo = self.gateway.echo("echo")
        self.assertEqual(echo.method, "POST")
        self.assertEqual(echo.path, "/v1/chat/completions")

    def test_unknown_route(self):
        for method in ("GET", "POST"):
            reply = self.gateway.request(method, "/no/such/route")
            self.assert_status(reply, 404)
            self.assertEqual(reply.json(), {"detail": "Not Found"})

    def test_wrong_method(self):
        reply = self.gateway.get("/v1/chat/completions")
        self.assert_status(reply, 405)
        self.assertEqual(reply.json(), {"detail": "Method Not Allowed"})

    def test_unknown_model(self):
        reply = self.gateway.chat("no-such-model")
        self.assert_status(reply, 400)
        error = reply.error()
        self.assertIn("no-such-model", error["message"])
        self.assertIn("/v1/models", error["message"])
        self.assertEqual(error["code"], "400")

    def test_body_that_is_not_an_object(self):
        for body in ("", "[]", "null", '"x"', "{", '{"model": "gpt-4o"} trailing', "nonsense"):
            with self.subTest(body=body):
                reply = self.gateway.post("/v1/chat/completions", body)
                self.assert_status(reply, 400)
                self.assertIn("message", reply.error())


class Describing(GatewayCase):
    @classmethod
    def config(cls, mock):
        return {
            "model_list": [
                mock.row("gpt-4o", "as-one", info={"id": "row-1", "mode": "chat", "team": "blue"}),
                mock.row("gpt-4o", "as-two", rpm=7),
                mock.row("embed", "as-three", info={"mode": "embedding", "id": 42}),
                mock.row("wild/*", "as-four"),
            ],
            "router_settings": {"model_group_alias": {"gpt-4": "gpt-4o",
                                                      "secret": {"model": "gpt-4o", "hidden": True}}},
        }

    def test_models(self):
        for path in ("/models", "/v1/models"):
            reply = self.gateway.get(path)
            self.assert_status(reply, 200)
            answer = reply.json()
            self.assertEqual(answer["object"], "list")
            names = [model["id"] for model in answer["data"]]
            self.assertEqual(len(names), len(set(names)))
            self.assertTrue({"gpt-4o", "embed", "gpt-4"} <= set(names))
            self.assertNotIn("secret", names)
            self.assertEqual(answer["data"][0].keys(), {"id", "object", "created", "owned_by"})

    def test_one_model(self):
        for path in ("/models/gpt-4o", "/v1/models/gpt-4o"):
            reply = self.gateway.get(path)
            self.assert_status(reply, 200)
            self.assertEqual(reply.json()["id"], "gpt-4o")
        self.assert_status(self.gateway.get("/v1/models/no-such-model"), 404)

    def test_model_info(self):
        for path in ("/model/info", "/v1/model/info"):
            reply = self.gateway.get(path)
            self.assert_status(reply, 200)
            rows = reply.json()["data"]
            first = rows[0]
            self.assertEqual(first["model_name"], "gpt-4o")
            self.assertEqual(first["model_info"]["id"], "row-1")
            self.assertEqual(first["model_info"]["team"], "blue")
            self.assertEqual(first["litellm_params"]["model"], "openai/mock-as-one")
            self.assertNotIn(b"sk-upstream", reply.body)
            self.assertEqual([row["model_info"]["id"] for row in rows if row["model_name"] == "embed"], ["42"])
            self.assertNotIn("secret", [row["model_name"] for row in rows])

    def test_model_info_of_one_id(self):
        rows = self.gateway.get("/model/info?litellm_model_id=row-1").json()["data"]
        self.assertEqual([row["model_info"]["id"] for row in rows], ["row-1"])
        self.assertIn(self.gateway.get("/model/info?litellm_model_id=nope").status, (400, 404))

    def test_model_group_info(self):
        reply = self.gateway.get("/model_group/info")
        self.assert_status(reply, 200)
        groups = {group["model_group"]: group for group in reply.json()["data"]}
        self.assertIn("openai", groups["gpt-4o"]["providers"])
        self.assertEqual(groups["embed"]["mode"], "embedding")
        one = self.gateway.get("/model_group/info?model_group=embed").json()["data"]
        self.assertEqual([group["model_group"] for group in one], ["embed"])

    def test_liveness_and_readiness_need_no_key(self):
        for path in ("/health/liveliness", "/health/liveness"):
            reply = self.gateway.get(path, key=None)
            self.assert_status(reply, 200)
            self.assertEqual(reply.json(), "I'm alive!")
        reply = self.gateway.get("/health/readiness", key=None)
        self.assert_status(reply, 200)
        self.assertIn(reply.json()["status"], ("healthy", "connected"))
        self.assertIn("litellm_version", reply.json())

    def test_health_calls_every_row(self):
        self.assertEqual(self.gateway.get("/health", key=None).status, 401)
        reply = self.gateway.get("/health")
        self.assert_status(reply, 200)
        answer = reply.json()
        self.assertEqual(answer["healthy_count"] + answer["unhealthy_count"],
                         len(answer["healthy_endpoints"]) + len(answer["unhealthy_endpoints"]))
        self.assertGreaterEqual(answer["healthy_count"], 3)
        self.assertNotIn(b"sk-upstream", reply.body)

    def test_health_of_other_things(self):
        for query, status, word in (("", 400, "not specified"), ("?service=nonsense", 400, "must be in list"),
                                    ("?service=slack", 422, "slack")):
            reply = self.gateway.get("/health/services" + query)
            self.assert_status(reply, status)
            self.assertIn(word, reply.error()["message"])
        self.assertEqual(self.gateway.get("/health/services", key=None).status, 401)
        self.assertEqual(self.gateway.get("/health/shared-status").json(), {
            "shared_health_check_enabled": False, "message": "Shared health check is not enabled"})

    def test_routes_list(self):
        routes = {route["path"] for route in self.gateway.get("/routes", key=None).json()["routes"]}
        for path in ("/chat/completions", "/v1/chat/completions", "/v1/models", "/health/readiness", "/metrics"):
            self.assertIn(path, routes)

    def test_metrics(self):
        self.assert_status(self.gateway.chat("gpt-4o"), 200)
        def metrics():
            reply = self.gateway.get("/metrics", key=None)
            self.assert_status(reply, 200)
            self.assertTrue(reply.headers["content-type"].startswith("text/plain"))
            return reply.body.decode()

        names = ("litellm_proxy_total_requests_metric", "litellm_request_total_latency_metric_bucket",
                 "litellm_in_flight_requests", "litellm_deployment_total_requests")
        # The row's actor counts an attempt when the answer has left already.
        wait_until(lambda: all(name in metrics() for name in names), what="the metrics of one request")
        text = metrics()
        for line in text.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) |[a-zA-Z_:][\w:]*(\{.*\})? \S+$)')

    def test_docs_page_and_schema(self):
        page = self.gateway.get("/", key=None)
        self.assert_status(page, 200)
        self.assertIn("text/html", page.headers["content-type"])
        self.assertNotIn(b"https://cdn", page.body)
        schema = self.gateway.get("/openapi.json", key=None).json()
        self.assertTrue(schema["openapi"].startswith("3."))
        self.assertIn("/v1/chat/completions", schema["paths"])
        self.assertIn("post", schema["paths"]["/v1/chat/completions"])

    def test_robots_are_not_blocked_by_default(self):
        self.assert_status(self.gateway.get("/robots.txt", key=None), 404)


class ListedByProviders(GatewayCase):
    """litellm_settings.check_provider_endpoint: what patterns stand for, as their providers say."""

    args = ("--num_workers", "1")  # each shard asks for itself

    @classmethod
    def setUpClass(cls):
        cls.upstream = Scripted()
        listed = {"object": "list", "data": [{"id": "m-1"}, {"id": "x-2"}]}
        cls.upstream.routes["/v1/models"] = lambda seen: (200, listed)
        cls.addClassCleanup(cls.upstream.stop)
        super().setUpClass()

    @classmethod
    def config(cls, mock):
        def row(name, model, base):
            return {"model_name": name, "litellm_params": {"model": model, "api_base": base, "api_key": "sk-listed"}}
        return {"model_list": [mock.row("chat", "as-chat"), row("all/*", "openai/*", f"{cls.upstream.url}/v1"),
                               row("some-*", "openai/m-*", f"{cls.upstream.url}/v1"),
                               row("gone/*", "openai/*", "http://127.0.0.1:1/v1")],
                "litellm_settings": {"check_provider_endpoint": True}}

    def test_names_for_clients(self):
        for _ in range(2):
            names = [model["id"] for model in self.gateway.get("/v1/models").json()["data"]]
            self.assertEqual(names, ["chat", "all/m-1", "all/x-2", "some-1"])
        self.assertEqual(self.upstream.count("/v1/models"), 2, "once per row, then remembered")
        self.assertEqual(self.upstream.last("/v1/models").headers["authorization"], "Bearer sk-listed")
        self.gateway.wait_line("models.not_listed")


class DocsSettings(unittest.TestCase):
    def serve(self, **env):
        mock = Mock()
        self.addCleanup(mock.stop)
        gateway = Gateway({"model_list": [mock.row("gpt-4o", "as-one")],
                           "general_settings": {"block_robots": True}}, env=env, key=None)
        self.addCleanup(gateway.stop)
        return gateway

    def test_titles_and_filter(self):
        gateway = self.serve(DOCS_TITLE="Our Gateway", DOCS_DESCRIPTION="Ask <platform>", DOCS_FILTERED="True")
        schema = gateway.get("/openapi.json").json()
        self.assertEqual(schema["info"]["title"], "Our Gateway")
        self.assertIn("Ask <platform>", schema["info"]["description"])
        self.assertIn("/v1/chat/completions", schema["paths"])
        self.assertNotIn("/health/readiness", schema["paths"])
        self.assertIn(b"Our Gateway", gateway.get("/").body)

    def test_no_docs(self):
        gateway = self.serve(NO_DOCS="True")
        reply = gateway.get("/")
        self.assertNotIn(b"swagger", reply.body.lower())
        self.assertEqual(gateway.get("/v1/models").status, 200)
        robots = gateway.get("/robots.txt")
        self.assertEqual((robots.status, robots.body.strip()), (200, b"User-agent: *\nDisallow: /"))


if __name__ == "__main__":
    unittest.main()
