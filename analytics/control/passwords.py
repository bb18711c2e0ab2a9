"""Passwords: which are taken, how they are kept, and that asking takes the same time for everybody."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from analytics.errors import UsageError
from analytics.language import _, local_signs

SHORTEST, LONGEST = 12, 1_000  # engine-notes.md 7; the longest only bounds what is hashed
MOST_OF_ONE = 0.5
# Of a random password that nobody kept, with the hasher's own cost: checked where there is no account.
NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$kE+54ZyJ20jepBiCToV61w$T5+D1kZeayBIZ/vf/SjsrtHT5VelAGl77oSmy2Gttuo"

_hasher = PasswordHasher()  # RFC 9106, second choice: 64 MiB, three passes


def check_new(password: str, *about: str) -> None:
    """Refuse a password that is too easy.

    Args:
        password: As it was typed.
        *about: What others know of the person: login, name.

    Raises:
        UsageError: It is; the sentence says what would be taken.
    """
    plain = unicodedata.normalize("NFKC", password)
    if len(plain) < SHORTEST:
        raise UsageError(
            _("A password has at least {least} characters.", least=SHORTEST),
            _("Three or four words do well."),
        )
    if len(plain) > LONGEST:
        raise UsageError(_("A password has at most {most} characters.", most=local_signs(f"{LONGEST:,}")))
    if max(plain.count(each) for each in set(plain)) > MOST_OF_ONE * len(plain):
        raise UsageError(
            _("One character makes up most of this password."), _("Three or four words do well.")
        )
    rest = plain.casefold()
    for known in sorted((each.casefold() for text in about for each in _parts(text)), key=len, reverse=True):
        rest = rest.replace(known, "")
    if len(rest) < SHORTEST // 2:
        raise UsageError(_("This password is little more than the name."), _("Three or four words do well."))


def kept(password: str) -> str:
    """Give what is kept of a password; takes about a tenth of a second and 64 MiB."""
    return _hasher.hash(unicodedata.normalize("NFKC", password))


def is_right(hashed: str | None, password: str) -> bool:
    """Compare a password with what was kept; takes as long where nothing was kept."""
    plain = unicodedata.normalize("NFKC", password[: LONGEST + 1])
    try:
        return _hasher.verify(hashed or NOBODYS, plain) and hashed is not None
    except (Argon2Error, InvalidHashError):
        return False


def is_old(hashed: str) -> bool:
    """Tell whether a password was kept at a lower cost than new ones are."""
    return _hasher.check_needs_rehash(hashed)


def _parts(text: str) -> list[str]:
    return [part for part in (text, *text.replace("@", " ").replace(".", " ").split()) if len(part) > 3]
