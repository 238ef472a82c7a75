"""RS256 tokens and their JWKS with nothing but integers. The keys are for tests: their primes come from a seed."""

import base64
import hashlib
import json
import random

SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
E = 65537


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _prime(numbers):
    while True:
        p = numbers.getrandbits(1024) | 1 << 1023 | 1 << 1022 | 1
        if all(p % small for small in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)) and p % E != 1 \
                and all(pow(base, p - 1, p) == 1 for base in (2, 3)):
            return p


class Key:
    def __init__(self, kid):
        numbers = random.Random(kid)
        p, q = _prime(numbers), _prime(numbers)
        self.kid, self.n = kid, p * q
        self.d = pow(E, -1, (p - 1) * (q - 1))

    def jwk(self):
        return {"kty": "RSA", "kid": self.kid, "alg": "RS256", "use": "sig", "n": b64(self.n.to_bytes(256, "big")),
                "e": b64(E.to_bytes(3, "big"))}

    def token(self, kid=None, **claims):
        head = {"alg": "RS256", "typ": "JWT", "kid": kid or self.kid}
        text = ".".join(b64(json.dumps(part).encode()) for part in (head, claims))
        digest = SHA256_PREFIX + hashlib.sha256(text.encode()).digest()
        padded = b"\0\1" + b"\xff" * (256 - 3 - len(digest)) + b"\0" + digest
        signature = pow(int.from_bytes(padded, "big"), self.d, self.n).to_bytes(256, "big")
        return f"{text}.{b64(signature)}"
