"""The proxies under comparison: how each is configured and started. All listen on 127.0.0.1."""

import pathlib
import shlex

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


BUILT_IN = {"direct": direct, "haproxy": haproxy, "nginx": nginx, "switchyard": switchyard}
