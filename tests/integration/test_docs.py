"""Every YAML block of the documentation is a configuration that this binary takes without a warning."""

import pathlib
import re
import subprocess
import tempfile
import unittest

from processes import GATEWAY_BINARY, ROOT, base_env

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.S | re.M)
NO_MODELS = "no models: every request"  # blocks that show settings alone


def blocks():
    for page in PAGES:
        for number, found in enumerate(BLOCK.finditer(page.read_text(encoding="utf-8")), 1):
            yield f"{page.relative_to(ROOT)} {number}", found[1]


class Docs(unittest.TestCase):
    maxDiff = None

    def said_of(self, text, folder):
        """Exit code and complaints; every environment variable that the text names is set."""
        path = pathlib.Path(folder) / "config.yaml"
        path.write_text(text, encoding="utf-8")
        env = {name: "https://example.com" if name.endswith(("_BASE", "_URL", "_ENDPOINT")) else "sk-x"
               for name in re.findall(r"os\.environ/(\w+)", text)}
        done = subprocess.run([GATEWAY_BINARY, "--config", str(path), "--validate_config"], cwd=folder, timeout=60,
                              env={**base_env(), **env}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lines = done.stdout.splitlines()
        return done.returncode, [line for line in lines if "warning:" in line and NO_MODELS not in line], done.stdout

    def test_every_block_is_a_configuration(self):
        count = 0
        with tempfile.TemporaryDirectory(prefix="switchyard-docs-") as folder:
            for name, text in blocks():
                count += 1
                with self.subTest(block=name):
                    code, warnings, said = self.said_of(text, folder)
                    self.assertEqual(code, 0, said)
                    self.assertEqual(warnings, [])
        self.assertGreater(count, 5)

    def test_every_format_has_a_row(self):
        """docs/provider_table.md names the formats; docs/providers.md has a row for each."""
        table = (ROOT / "docs" / "provider_table.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| `([\w-]+)` \| (\w+) \|", table, re.M)
        page = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")
        shown = set(re.findall(r'model: "?([\w-]+)/', page))
        missing = {form for _, form in rows} - {form for name, form in rows if name in shown}
        self.assertEqual(missing, set())


if __name__ == "__main__":
    unittest.main()
