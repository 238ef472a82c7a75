"""What a client received whole is in the database exactly once, whatever is killed: the gateway again and again
during load, Postgres stopped and started (issue 4, points 2 and 5)."""

import os
import pathlib
import random
import signal
import sqlite3
import tempfile
import threading
import time
import unittest
import uuid

from case import GatewayCase
from postgres import Postgres
from processes import KEY, Gateway, Mock, wait_until

ROUNDS = int(os.environ.get("SWITCHYARD_KILLS", "50"))  # half a second each
COST = 0.0005
DOCUMENT = {"proxy_batch_write_at": 0.2, "master_key": KEY}


def document(mock, **general):
    return {"model_list": [mock.row("plain", "usage-10-20", input_cost_per_token=0.00001, output_cost_per_token=0.00002)],
            "general_settings": {**DOCUMENT, **general}}


class Load:
    """Clients that call without a pause; remembers which calls were answered whole, by session id."""

    def __init__(self, gateway, key, clients=4):
        self.gateway, self.key = gateway, key
        self.answered, self.cut, self.refused = set(), set(), []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(clients)]
        for thread in self._threads:
            thread.start()

    def _run(self, number):
        while not self._stop.is_set():
            session = f"session-{uuid.uuid4()}"
            try:
                self._call(session, stream=number % 2 == 0)
            except (OSError, ValueError, AssertionError, Exception):  # noqa: B014 the gateway was killed
                self.cut.add(session)
                if self.gateway.child.poll() is not None:
                    return

    def _call(self, session, stream):
        headers = {"x-litellm-session-id": session, "Authorization": f"Bearer {self.key}"}
        if stream:
            events = self.gateway.stream("plain", headers=headers)
            if events.status != 200:
                self.refused.append((events.status, events.body()))
                return
            whole = events.all()[-1:] == ["[DONE]"]
            (self.answered if whole else self.cut).add(session)
            return
        reply = self.gateway.chat("plain", headers=headers, key=None)
        if reply.status == 200:
            self.answered.add(session)
        else:
            self.refused.append((reply.status, reply.body))

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()


class KillNine(unittest.TestCase):
    def test_every_whole_answer_has_exactly_one_row(self):
        mock = Mock()
        self.addCleanup(mock.stop)
        folder = tempfile.TemporaryDirectory(prefix="switchyard-kill-")
        self.addCleanup(folder.cleanup)
        gateway = Gateway(document(mock), data=folder.name)
        key = gateway.post("/user/new", {"user_id": "ada"}).json()["key"]
        answered, random_pause = set(), random.Random(7)
        for _ in range(ROUNDS):
            load = Load(gateway, key)
            wait_until(lambda: len(load.answered) > 20, what="answers")
            threading.Event().wait(random_pause.uniform(0, 0.4))
            gateway.child.send_signal(signal.SIGKILL)
            load.stop()
            gateway.child.wait()
            self.assertEqual(load.refused, [])
            answered |= load.answered
            gateway = Gateway(document(mock), data=folder.name)
        self.assertEqual(gateway.stop(), 0)
        self.check(folder.name, answered)

    def check(self, folder, answered):
        store = sqlite3.connect(pathlib.Path(folder) / "switchyard.db")
        rows = store.execute('SELECT session_id, status, spend FROM "LiteLLM_SpendLogs"').fetchall()
        seen = [session for session, status, spend in rows if session]
        self.assertEqual(len(seen), len(set(seen)), "a call has two rows")
        good = {session: spend for session, status, spend in rows if status == "success"}
        self.assertEqual(answered - set(good), set(), "answered calls without a row")
        self.assertEqual({good[session] for session in answered}, {COST})
        total = round(sum(spend for _, _, spend in rows), 9)
        (key_spend,) = store.execute('SELECT sum(spend) FROM "LiteLLM_VerificationToken" WHERE user_id = \'ada\'').fetchone()
        (user_spend,) = store.execute('SELECT spend FROM "LiteLLM_UserTable" WHERE user_id = \'ada\'').fetchone()
        (daily,) = store.execute('SELECT sum(spend) FROM "LiteLLM_DailyUserSpend"').fetchone()
        self.assertEqual([round(spend, 9) for spend in (key_spend, user_spend, daily)], [total] * 3)


class PostgresOutage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.postgres = Postgres()
        cls.addClassCleanup(cls.postgres.close)
        cls.postgres.start()
        cls.mock = Mock()
        cls.addClassCleanup(cls.mock.stop)

    def test_known_keys_work_and_nothing_is_lost(self):
        gateway = Gateway(document(self.mock, database_url=self.postgres.url))
        self.addCleanup(gateway.stop)
        made = gateway.post("/key/generate", {}).json()
        load = Load(gateway, made["key"], clients=2)
        wait_until(lambda: len(load.answered) > 20, what="answers")
        self.postgres.crash()
        before = len(load.answered)
        wait_until(lambda: len(load.answered) > before + 50, what="answers without the database")
        reply = gateway.chat("plain", key="sk-never-seen")
        self.assertEqual(reply.status, 503, reply.body)
        self.assertEqual(gateway.get("/health/readiness").status, 503)
        self.postgres.start()
        load.stop()
        self.assertEqual((load.refused, load.cut), ([], set()))
        expected = round(len(load.answered) * COST, 9)

        def settled():
            reply = gateway.get(f"/key/info?key={made['key']}")
            return reply.status == 200 and reply.json()["info"]["spend"] == expected
        wait_until(settled, timeout=30, what=f"{expected} dollars in the database")
        rows = gateway.get(f"/spend/logs?api_key={made['token']}").json()
        self.assertEqual(len(rows), len(load.answered))


if __name__ == "__main__":
    unittest.main()
