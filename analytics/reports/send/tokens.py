"""Signed links for people without an account, and the sealing of addresses that are secrets themselves."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from analytics.errors import TearsheetError
from analytics.language import _
from analytics.store.home import ids_key

SIGNED = 24  # bytes of a signature


class Keys:
    """What the lasting secret of a home signs and seals."""

    def __init__(self, home: Path) -> None:
        """Read the secret of a home."""
        secret = ids_key(home)
        self._sign = hashlib.blake2b(secret, person=b"report links").digest()
        sealing = hashlib.blake2b(secret, person=b"report seals", digest_size=32).digest()
        self._seal = Fernet(base64.urlsafe_b64encode(sealing))

    def token(self, does: str, recipient_id: str) -> str:
        """Make the token of a link that does one thing for one recipient."""
        return f"{recipient_id}.{self._signature(does, recipient_id)}"

    def recipient(self, does: str, token: str) -> str | None:
        """Read whom a token is for; None where it is not ours."""
        recipient_id, _, signature = token.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(does, recipient_id).encode()):
            return None
        return recipient_id

    def key_of(self, address: str) -> str:
        """Give the keyed hash by which one address is told from another."""
        return hashlib.blake2b(address.encode(), key=self._sign[:32], digest_size=24).hexdigest()

    def seal(self, address: str) -> str:
        """Encrypt an address."""
        return self._seal.encrypt(address.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """Decrypt an address.

        Raises:
            TearsheetError: It was sealed with the secret of another home.
        """
        try:
            return self._seal.decrypt(sealed.encode()).decode()
        except InvalidToken as fault:
            raise TearsheetError(
                _("The address cannot be read: the secret of this home is another one."), _("Enter it again.")
            ) from fault

    def _signature(self, does: str, recipient_id: str) -> str:
        made = hmac.digest(self._sign, f"{does}:{recipient_id}".encode(), "sha256")[:SIGNED]
        return base64.urlsafe_b64encode(made).decode()
