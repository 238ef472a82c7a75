"""The proxies under comparison: how each is configured and started. All listen on 127.0.0.1."""

import json
import pathlib
import shlex
import time
import urllib.error
import urllib.request

import procs

BENCH = pathlib.Path(__file__).resolve().parent.parent

# http-no-delay: without it haproxy holds small chunks back and a paced stream arrives in one lump.
HAPROXY = """global
    nbthread 1
    maxconn 4096
defaults
    mode http
    timeout connect 5s
    timeout client 600s
    timeout server 600s
    option http-keep-alive
    option http-no-delay
    http-reuse always
frontend edge
    bind 127.0.0.1:{port}
    default_backend upstream
backend upstream
    server mock 127.0.0.1:{upstream}
"""

# SSE needs buffering off, which nginx sets per location: a second port, so that the plain figures keep its default.
NGINX = """worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    upstream mock {{ server 127.0.0.1:{upstream}; keepalive 1024; keepalive_requests 1000000000; }}
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_read_timeout 600s;
    server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://mock; }} }}
    server {{ listen 127.0.0.1:{stream_port}; location / {{ proxy_pass http://mock; proxy_buffering off; }} }}
}}
"""


# Behind the text of config.yaml, so that a call costs something.
PRICES = """
router_settings:
  default_litellm_params: {input_cost_per_token: 0.000001, output_cost_per_token: 0.000002}
"""


class Proxy(procs.Pinned):
    """A running proxy in front of the mock; `port` takes plain requests, `stream_port` SSE."""

    def __init__(self, name, command, cpu, port, stream_port=None, env=None, log=None):
        super().__init__(command, cpu, env, stdout=log, stderr=log)
        self.name, self.port, self.stream_port = name, port, stream_port or port


def _written(folder, name, text):
    path = pathlib.Path(folder) / name
    path.write_text(text)
    return str(path)


def haproxy(options, folder, upstream, log):
    port = procs.free_port()
    config = _written(folder, "haproxy.cfg", HAPROXY.format(port=port, upstream=upstream))
    return Proxy("haproxy", ["haproxy", "-db", "-f", config], options.proxy_cpu, port, log=log)


def nginx(options, folder, upstream, log):
    port, stream_port = procs.free_port(), procs.free_port()
    config = _written(folder, "nginx.conf", NGINX.format(port=port, stream_port=stream_port, upstream=upstream,
                                                         folder=folder))
    return Proxy("nginx", ["nginx", "-p", str(folder), "-c", config], options.proxy_cpu, port, stream_port, log=log)


def switchyard(options, folder, upstream, log):
    port = procs.free_port()
    command = [options.switchyard, "--config", str(BENCH / "config.yaml"), "--host", "127.0.0.1", "--port", str(port),
               "--num_workers", "1"]
    env = {"BENCH_UPSTREAM": f"http://127.0.0.1:{upstream}/v1"}
    return Proxy("switchyard", command, options.proxy_cpu, port, env=env, log=log)


def keys(options, folder, upstream, log):
    """The gateway with a virtual key that has a team, limits and budgets; spend goes to the embedded store."""
    port = procs.free_port()
    text = (BENCH / "config.yaml").read_text().replace("  database_url: none", "  proxy_batch_write_at: 1")
    config = _written(folder, "keys.yaml", text + PRICES)
    command = [options.switchyard, "--config", config, "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
    env = {"BENCH_UPSTREAM": f"http://127.0.0.1:{upstream}/v1", "SWITCHYARD_DATA_DIR": f"{folder}/data"}
    proxy = Proxy("keys", command, options.proxy_cpu, port, env=env, log=log)
    team = _post(port, "/team/new", {"team_alias": "bench", "max_budget": 1e6, "rpm_limit": 10 ** 9})
    made = _post(port, "/key/generate", {"team_id": team["team_id"], "user_id": "bench", "max_budget": 1e6,
                                         "rpm_limit": 10 ** 9, "tpm_limit": 10 ** 12, "max_parallel_requests": 10 ** 6})
    proxy.key_header = "Authorization: Bearer " + made["key"]
    return proxy


def _post(port, path, body):
    """A management call, repeated until the gateway listens."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", json.dumps(body).encode(),
                                     {"Authorization": "Bearer sk-1234", "Content-Type": "application/json"})
    end = time.monotonic() + 10
    while True:
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                return json.load(reply)
        except (ConnectionError, urllib.error.URLError):
            if time.monotonic() > end:
                raise
            time.sleep(0.01)


def direct(_options, _folder, upstream, _log):
    """No proxy: the ceiling of mock and load on their one core."""
    return Direct(upstream)


class Direct:
    name = "direct"

    def __init__(self, upstream):
        self.port = self.stream_port = upstream

    def cpu_ns(self):
        return 0

    def stop(self):
        pass


def custom(text):
    """NAME=COMMAND with {port} and {upstream}."""
    name, command = text.split("=", 1)

    def start(options, _folder, upstream, log):
        port = procs.free_port()
        words = [word.format(port=port, upstream=upstream) for word in shlex.split(command)]
        return Proxy(name, words, options.proxy_cpu, port, log=log)
    return name, start


BUILT_IN = {"direct": direct, "haproxy": haproxy, "nginx": nginx, "switchyard": switchyard, "keys": keys}
