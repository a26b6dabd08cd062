"""A security key of software: what a browser would send for it, so that a test needs neither browser nor key."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256, ES256K
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

ORIGIN = "http://localhost"


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class SoftKey:
    def __init__(self, domain: str = "localhost", origin: str = ORIGIN, *, is_odd: bool = False) -> None:
        self.domain, self.origin, self.kind = domain, origin, ES256K if is_odd else ES256
        self.private = ec.generate_private_key(ec.SECP256K1() if is_odd else ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.uses = 0

    def create(self, options: dict[str, Any]) -> str:
        """The answer to a page that adds a key."""
        public = self.kind.from_cryptography_key(self.private.public_key())
        credential = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        attestation = AttestationObject.create("none", self._data(credential), {})
        client = self._client("webauthn.create", options)
        return self._answer({"clientDataJSON": _text(client), "attestationObject": _text(bytes(attestation))})

    def get(self, options: dict[str, Any]) -> str:
        """The answer to a page that asks for it."""
        client, data = self._client("webauthn.get", options), bytes(self._data())
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        signed = {"authenticatorData": _text(data), "signature": _text(signature), "userHandle": None}
        return self._answer({"clientDataJSON": _text(client)} | signed)

    def _data(self, credential: AttestedCredentialData | None = None) -> AuthenticatorData:
        self.uses += 1
        flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV
        if credential:
            flags |= AuthenticatorData.FLAG.AT
        about = hashlib.sha256(self.domain.encode()).digest()
        return AuthenticatorData.create(about, flags, self.uses, bytes(credential or b""))

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        asked = _text(_bytes(options["publicKey"]["challenge"]))
        return json.dumps({"type": kind, "challenge": asked, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        own = _text(self.id)
        return json.dumps(
            {"type": "public-key", "id": own, "rawId": own, "response": response, "clientExtensionResults": {}}
        )
