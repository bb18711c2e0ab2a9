"""OpenID Connect: a provider vouches for people. Authorization code with PKCE, state and nonce.

The browser that comes back must be the one that went: its state stands in a cookie of its own. A mail address
counts only where the provider has verified it, and only the first time; then its lasting id does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlsplit

import httpx
import structlog
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.discovery import get_well_known_url

from analytics.collect.networks import address_of, is_loopback
from analytics.control import people, sessions, tokens
from analytics.control.doors import Doors
from analytics.control.identity import acting
from analytics.control.people import Person
from analytics.errors import ConfigError, NotAllowedError, UsageError
from analytics.language import _

if TYPE_CHECKING:  # a third of a second to import, of a house that most sign in to by themselves
    from joserfc.jwk import KeySet

BACK = "/sign-in/back"
LASTS_S = 600.0
DESCRIBED_S = 3600.0
WAIT_S = 10.0
MOST_WAITING = 1_000
LEEWAY_S = 60
ALGORITHMS = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "ES256",
    "ES384",
    "EdDSA",
]  # never none, never the client's secret

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One who has gone to the provider; never kept longer than ten minutes."""

    nonce: str
    verifier: str
    after: str
    until: float


class Provider:
    """The provider of one house."""

    def __init__(self, doors: Doors, ticks: Callable[[], float] = time.monotonic) -> None:
        """Prepare; it is asked for nothing before somebody wants to sign in by it."""
        self._doors, self._ticks = doors, ticks
        self._settings = doors.settings.oidc
        self._described: tuple[float, dict[str, Any], KeySet] | None = None
        self._waiting: dict[str, _Waiting] = {}
        self._lock = threading.Lock()

    def begin(self, after: str) -> tuple[str, str]:
        """Send somebody to the provider.

        Args:
            after: Address of this house to go to when they are back.

        Returns:
            Where to send them, and the state, which belongs into a cookie.

        Raises:
            ConfigError: The provider cannot be asked, or is not what it should be.
        """
        described, _ = self._provider()
        state, waiting = tokens.new(), _Waiting(tokens.new(), tokens.new(), after, self._ticks() + LASTS_S)
        with self._lock:
            now = self._ticks()
            self._waiting = {key: each for key, each in self._waiting.items() if each.until > now}
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.pop(next(iter(self._waiting)))
            self._waiting[state] = waiting
        address = prepare_grant_uri(
            described["authorization_endpoint"],
            self._settings.client_id,
            "code",
            redirect_uri=self._doors.url(BACK),
            scope="openid email profile",
            state=state,
            nonce=waiting.nonce,
            code_challenge=create_s256_code_challenge(waiting.verifier),
            code_challenge_method="S256",
        )
        return str(address), state

    def end(self, state: str, held: str, code: str) -> tuple[str, str]:
        """Let in whom the provider has sent back.

        Args:
            state: As the provider gave it back.
            held: As the browser's cookie says.
            code: Of the provider, for one question.

        Returns:
            The token of a new session, and where to go.

        Raises:
            NotAllowedError: It is not the browser that went, or the provider does not vouch for anybody.
            UsageError: There is no place for them here.
            ConfigError: The provider cannot be asked.
        """
        with self._lock:
            waiting = self._waiting.pop(state, None) if state and state == held else None
        if waiting is None or waiting.until <= self._ticks():
            raise NotAllowedError(_("This sign-in was begun elsewhere, or took too long."), _("Begin again."))
        claims = self._claims(code, waiting)
        person = self._person(claims)
        return sessions.start(self._doors.control, person, self._doors.clock()), waiting.after

    def _claims(self, code: str, waiting: _Waiting) -> dict[str, Any]:
        from joserfc import jwt
        from joserfc.errors import JoseError

        described, known = self._provider()
        answer = self._ask(
            "POST",
            described["token_endpoint"],
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._doors.url(BACK),
                "code_verifier": waiting.verifier,
                "client_id": self._settings.client_id,
            },
            # Encoded as a form is (RFC 6749, 2.3.1): a secret may hold a sign that means something there.
            auth=httpx.BasicAuth(quote_plus(self._settings.client_id), quote_plus(self._doors.oidc_secret)),
        )
        try:
            claims: dict[str, Any] = jwt.decode(answer["id_token"], known, algorithms=ALGORITHMS).claims
            jwt.JWTClaimsRegistry(
                leeway=LEEWAY_S,
                iss={"essential": True, "value": described["issuer"]},
                aud={"essential": True, "value": self._settings.client_id},
                nonce={"essential": True, "value": waiting.nonce},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
            ).validate(claims)
        except (JoseError, KeyError, TypeError, ValueError) as fault:
            log.warning("provider's word refused", reason=type(fault).__name__)
            self._described = None  # its keys may have turned
            raise NotAllowedError(
                _("The provider's answer cannot be believed."), _("Begin again.")
            ) from fault
        parties = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if len(parties) > 1 and claims.get("azp") != self._settings.client_id:
            raise NotAllowedError(_("The provider's answer is for somebody else."), _("Begin again."))
        return self._about(described, answer, claims)

    def _about(
        self, described: dict[str, Any], answer: dict[str, Any], claims: dict[str, Any]
    ) -> dict[str, Any]:
        """Ask for the address and name where the token leaves them out (OpenID Connect Core 5.4)."""
        address, access = described.get("userinfo_endpoint"), answer.get("access_token")
        if "email" in claims or not address or not access:
            return claims
        told = self._ask("GET", str(address), headers={"authorization": f"Bearer {access}"})
        if told.get("sub") != claims["sub"]:
            raise NotAllowedError(_("The provider's answer is for somebody else."), _("Begin again."))
        return {name: told[name] for name in ("email", "email_verified", "name") if name in told} | claims

    def _person(self, claims: dict[str, Any]) -> Person:
        doors, now = self._doors, self._doors.clock()
        issuer, subject = str(claims["iss"]), str(claims["sub"])
        known = people.vouched_for(doors.control, issuer, subject)
        if known is not None:
            if known.disabled_at is not None:
                raise UsageError(_("There is no place for you here."), _("Ask an admin."))
            return known
        mail = people.plain_login(str(claims.get("email") or ""))
        if not mail or claims.get("email_verified") is not True:
            raise UsageError(
                _("The provider has not verified your mail address."), _("Verify it there, then try again.")
            )
        domains = {each.lower() for each in self._settings.domains}
        if domains and mail.rpartition("@")[2] not in domains:
            raise UsageError(_("Your mail address is of another house."), _("Ask an admin."))
        person = doors.vouched(mail, str(claims.get("name") or mail)[:200], now)
        with acting(person.identity):
            people.bind(doors.control, person, issuer, subject, now)
        return person

    def _provider(self) -> tuple[dict[str, Any], KeySet]:
        """Give what the provider says of itself, and its keys; asked for once an hour."""
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        held = self._described
        if held is not None and self._ticks() < held[0]:
            return held[1], held[2]
        issuer = self._settings.issuer.rstrip("/")
        described = self._ask("GET", get_well_known_url(issuer, external=True))
        if str(described.get("issuer", "")).rstrip("/") != issuer:
            raise ConfigError(
                _("{issuer} says that it is another provider.", issuer=issuer),
                _("Correct issuer under [sign_in.oidc]."),
            )
        try:
            known = KeySet.import_key_set(self._ask("GET", described["jwks_uri"]))  # type: ignore[arg-type]
            described["authorization_endpoint"], described["token_endpoint"]
        except (JoseError, KeyError, TypeError, ValueError) as fault:
            raise ConfigError(_("{issuer} does not say what a provider must.", issuer=issuer)) from fault
        self._described = self._ticks() + DESCRIBED_S, described, known
        return described, known

    def _ask(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        parts = urlsplit(address)
        if parts.scheme != "https" and not is_loopback(address_of(parts.hostname or "")):
            raise ConfigError(
                _("{address} is not https.", address=address[:200]), _("A provider must be asked by https.")
            )
        try:
            answer = httpx.request(method, address, timeout=WAIT_S, follow_redirects=False, **more)
            answer.raise_for_status()
            said = answer.json()
        except (httpx.HTTPError, ValueError) as fault:
            log.warning("provider not reached", reason=type(fault).__name__)
            raise ConfigError(
                _("The provider does not answer as it should."), _("Try again in a minute.")
            ) from fault
        if not isinstance(said, dict):
            raise ConfigError(_("The provider does not answer as it should."))
        return said
