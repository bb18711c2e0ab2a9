"""The doors of a house: who is whoever stands before it, and how they become somebody.

It owns what is kept in memory only: the claim of an unclaimed house, and what was found of a cookie while the
control database has not changed since.
"""

from __future__ import annotations

import datetime as dt
import hmac
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from analytics import config
from analytics.collect.networks import Networks, client_of, networks_of, visitor_part
from analytics.control import audit, invitations, keys, passwords, people, sessions, sights, tokens, views
from analytics.control.attempts import Attempts
from analytics.control.database import Control
from analytics.control.identity import COMMAND, NOBODY, ROLES, Identity, Role, acting
from analytics.control.people import Person
from analytics.control.tables import EVERY_SITE
from analytics.errors import NotAllowedError, UsageError
from analytics.language import _

FOUND_S = 60.0  # a session that is over is noticed within this; one that was ended, at once
MOST_FOUND = 5_000
HASHED_AT_ONCE = 2  # 64 MiB each
WRONG = "Name and password do not belong together."


class TooManyAttemptsError(UsageError):
    """Somebody must wait before trying again.

    Attributes:
        wait_s: Seconds.
    """

    def __init__(self, wait_s: float) -> None:
        minutes = wait_s / 60
        said = f"{round(minutes)} minutes" if minutes >= 1.5 else f"{max(round(wait_s), 1)} seconds"
        super().__init__(f"Too many attempts. Try again in {said}.")
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request brings to the doors.

    Attributes:
        peer: Address of who is connected; None behind a Unix socket.
        forwarded: X-Forwarded-For as it came.
        named: What the header of a signing proxy says; empty where it is not set or its peer is not known.
        session: Token of a session cookie.
        link: Token of a share link's cookie.
        key: Token of the Authorization header.
    """

    peer: str | None
    forwarded: str = ""
    named: str = ""
    session: str = ""
    link: str = ""
    key: str = ""


class Doors:
    """The doors of one house.

    Attributes:
        control: The control database.
        settings: How people get in.
        clock: Gives now, naive UTC.
        claim: The one-time token of an unclaimed house; empty once it has somebody.
        everybody: Whom everybody is: the demo's visitor; None where people sign in.
        here: Where the screens stand on this machine, for links where no address is set.
    """

    def __init__(
        self,
        control: Control,
        settings: config.SignIn,
        clock: Callable[[], dt.datetime],
        *,
        proxies: tuple[str, ...] = (),
        everybody: Identity | None = None,
        file_keys: Mapping[str, config.Key] | None = None,
        tell: Callable[[], object] = lambda: None,
        secret: bytes = b"",
        environ: Mapping[str, str] = os.environ,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open the doors.

        Args:
            control: The control database.
            settings: How people get in.
            clock: Gives now, naive UTC.
            proxies: Whose X-Forwarded-For is believed.
            everybody: Whom everybody is, for a demo.
            file_keys: Keys that stand in tearsheet.toml, by name.
            tell: Called when keys have changed, so that the collector learns of it.
            secret: Lasting secret of the home; without one, failed attempts are forgotten with the process.
            environ: May hold TEARSHEET_OIDC_SECRET.
            ticks: Monotonic seconds.

        Raises:
            ConfigError: A network is none.
        """
        self.control, self.settings, self.clock, self.everybody = control, settings, clock, everybody
        self.oidc_secret = environ.get("TEARSHEET_OIDC_SECRET") or settings.oidc.client_secret
        self.proxies: Networks = networks_of(proxies)
        self.signing: Networks = networks_of(settings.proxy.peers)
        self.hosts = frozenset(
            each.lower() for each in (*settings.hosts, urlsplit(settings.address).hostname or "") if each
        )
        self.here = "http://127.0.0.1:8622"
        self.tell = tell
        self._file_keys = {
            each.hash: Identity("key", name, name, scopes=frozenset(each.scopes), sites=frozenset(each.sites))
            for name, each in (file_keys or {}).items()
        }
        self.attempts = Attempts(control, secret or os.urandom(32), clock)
        self._ticks = ticks
        self._hashing = threading.BoundedSemaphore(HASHED_AT_ONCE)
        self._claiming = threading.Lock()
        self._found: dict[Asked, tuple[int, float, Identity]] = {}
        self.claim = "" if everybody or people.is_claimed(control) else tokens.new()

    @property
    def is_claimed(self) -> bool:
        """Tell whether the house has anybody; a command may have added them."""
        if self.claim and people.is_claimed(self.control):
            self.claim = ""
        return not self.claim

    def url(self, path: str) -> str:
        """Write the whole address of a path, never by what a request calls this house."""
        return (self.settings.address or self.here).rstrip("/") + path

    def address_of(self, peer: str | None, forwarded: str) -> bytes:
        """Give what of an address counts as one who tries: IPv6 by household; it is kept nowhere."""
        return visitor_part(client_of(peer, forwarded, self.proxies))

    def whoever(self, asked: Asked) -> Identity:
        """Find who asks; may read the control database.

        Returns:
            NOBODY where nothing that they bring is known.
        """
        asked = Asked(None, "", asked.named, asked.session, asked.link, asked.key)
        known = self.remembered(asked)
        if known is not None:
            return known
        version = self.control.version
        found = sights.dressed(self.control, self._look_up(asked))
        if found.kind != "nobody":  # what is not known costs no memory
            if len(self._found) >= MOST_FOUND:
                self._found.clear()
            self._found[asked] = version, self._ticks() + FOUND_S, found
        return found

    def remembered(self, asked: Asked) -> Identity | None:
        """Give what is known of a request without asking the database; None where it must be asked."""
        if self.everybody is not None:
            return self.everybody
        if not (asked.named or asked.session or asked.link or asked.key):
            return NOBODY
        asked = Asked(None, "", asked.named, asked.session, asked.link, asked.key)
        version, until, identity = self._found.get(asked, (-1, 0.0, NOBODY))
        return identity if version == self.control.version and self._ticks() < until else None

    def _look_up(self, asked: Asked) -> Identity:
        now = self.clock()
        if asked.key:
            held = self._file_keys.get(tokens.hash_of(asked.key))
            return held or keys.identity_of(self.control, asked.key, now) or NOBODY
        if asked.named:
            return self._vouched(asked.named, now)
        if asked.session:
            person = sessions.person_of(self.control, asked.session, now)
            if person is not None:
                return person.identity
        if asked.link:
            return views.identity_of(self.control, asked.link, now) or NOBODY
        return NOBODY

    def _vouched(self, login: str, now: dt.datetime) -> Identity:
        """Find, or add where the house wants that, whom a proxy names."""
        try:
            return self.vouched(login, login, now).identity
        except UsageError:
            return NOBODY

    def vouched(self, login: str, name: str, now: dt.datetime) -> Person:
        """Find, or add where the house wants that, a person for whom another system vouches.

        Raises:
            UsageError: They may not come in; the sentence says who can let them.
        """
        found = people.find(self.control, login=login)
        if found is None and self.settings.new_people:
            with acting(COMMAND):
                roles = {EVERY_SITE: ROLES[self.settings.new_people]}
                found = people.add(self.control, login, name, roles, now)
        if found is None or found.disabled_at is not None:
            raise UsageError(
                _("There is no place for you here yet."), _("An admin can add you, under Settings.")
            )
        return found

    # --- in and out ----------------------------------------------------------------------------------------

    def sign_in(self, login: str, password: str, address: bytes) -> str:
        """Sign in by password; takes equally long whether there is such an account or not.

        Args:
            login: As it was typed.
            password: As it was typed.
            address: Of `address_of`.

        Returns:
            The token of a new session.

        Raises:
            TooManyAttemptsError: They must wait.
            NotAllowedError: Name and password do not belong together; not said which is wrong.
        """
        account = people.plain_login(login)
        wait = self.attempts.begin(account, address)
        if wait > 0:
            raise TooManyAttemptsError(wait)
        person = people.find(self.control, login=account) if account else None
        hashed = people.password_of(self.control, person.person_id) if person else None
        with self._hashing:
            is_right = passwords.is_right(hashed, password)
        if person is None or hashed is None or not is_right or person.disabled_at is not None:
            audit.failed(self.control, self.clock(), account if person else "")
            raise NotAllowedError(WRONG)
        self.attempts.succeeded(account, address)
        if passwords.is_old(hashed):
            people.rehash(self.control, person.person_id, passwords.kept(password))
        return sessions.start(self.control, person, self.clock())

    def claim_house(self, token: str, login: str, name: str, password: str) -> str:
        """Make the first person, who is admin of every site.

        Returns:
            The token of their session.

        Raises:
            NotAllowedError: The token is not that of the house, or somebody has claimed it.
            UsageError: Login or password cannot be taken.
        """
        with self._claiming:
            if self.is_claimed or not hmac.compare_digest(token.encode(), self.claim.encode()):
                raise NotAllowedError(_("This link does not claim the house, or somebody has done so."))
            passwords.check_new(password, login, name)
            with self._hashing:
                hashed = passwords.kept(password)
            with acting(COMMAND):
                roles = {EVERY_SITE: Role.ADMIN}
                person = people.add(self.control, login, name, roles, self.clock(), password=hashed)
            self.claim = ""
        return sessions.start(self.control, person, self.clock())

    def join(self, token: str, password: str) -> str:
        """Set a password by an invitation, which ends with it.

        Returns:
            The token of a new session.

        Raises:
            NotAllowedError: The invitation is none, used or over.
            UsageError: The password cannot be taken.
        """
        with self._claiming:  # each link once, however many come with it
            person = invitations.person_of(self.control, token, self.clock())
            if person is None:
                raise NotAllowedError(
                    _("This link is used or over."), _("An admin can send another, under Settings.")
                )
            return self._changed(person, password)

    def change_password(self, person_id: str, old: str, new: str) -> str:
        """Change the password of who is signed in; all their sessions end, and a new one begins.

        Returns:
            The token of the new session.

        Raises:
            TooManyAttemptsError: The old one was wrong too often.
            NotAllowedError: The old one is wrong.
            UsageError: The new one cannot be taken.
        """
        person = people.find(self.control, person_id=person_id)
        if person is None:
            raise NotAllowedError(_("There is no such person."))
        wait = self.attempts.begin(person.login, person_id.encode())
        if wait > 0:
            raise TooManyAttemptsError(wait)
        with self._hashing:
            if not passwords.is_right(people.password_of(self.control, person_id), old):
                raise NotAllowedError(_("The present password is another one."))
        self.attempts.succeeded(person.login, person_id.encode())
        return self._changed(person, new)

    def _changed(self, person: Person, password: str) -> str:
        passwords.check_new(password, person.login, person.name)
        with self._hashing:
            hashed = passwords.kept(password)
        with acting(person.identity):
            people.set_password(self.control, person, hashed, self.clock())
        return sessions.start(self.control, person, self.clock())

    def choose_language(self, who: Identity, language: str) -> None:
        """Answer somebody in a language from now on; empty: in the newsroom's.

        A demo keeps the choice as long as it runs, for its one visitor is everybody.

        Raises:
            UsageError: Who asks has no place where a choice is kept.
        """
        if who.kind == "person":
            people.choose_language(self.control, who.id, language)
        elif self.everybody is not None:
            self.everybody = replace(self.everybody, language=language)
        else:
            raise UsageError(
                _("Nobody is signed in whose choice could be kept."), _("Add lang=de to the address.")
            )

    def sign_out(self, token: str) -> None:
        """End a session."""
        sessions.end(self.control, token)
