"""Chats by Apprise: Slack, Teams (its workflows), Discord, Telegram.

Apprise knows how each is spoken to. Its own name and pictures are left out, text stays text, nobody is called
by an "@", and a message is cut to what its chat takes before it leaves, so that its link stays whole.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from analytics.errors import UsageError
from analytics.language import _
from analytics.reports.send.faults import SendError
from analytics.reports.send.outward import masked, public_address

if TYPE_CHECKING:
    import apprise

TEAMS = "Teams"
CHATS = {"slack": "Slack", "workflow": TEAMS, "workflows": TEAMS, "discord": "Discord", "tgram": "Telegram"}
FOR_NOW = {408, 425, 429}  # 4xx after which the same message may be taken later
ROOM = 100  # what a service puts between title and text counts, too
_CODE = re.compile(r"error=(\d{3})")
_MARKS = re.compile(r"[\\`*_\[\]()#<>|~]")  # of Markdown
_CALLS = str.maketrans({"@": "@\N{ZERO WIDTH SPACE}"})


def check(address: str) -> str:
    """Check an address as its chat gives it, or as Apprise writes it.

    Returns:
        The address as Apprise writes it.

    Raises:
        UsageError: It is of no chat that we send to, or not complete.
    """
    plain = address.strip()
    scheme = _scheme(plain)
    if scheme not in {*CHATS, "https"}:
        raise UsageError(
            _("“{scheme}” is no chat that reports go to.", scheme=scheme[:20]),
            _("Write slack://, workflows:// (Teams), discord:// or tgram://, as Apprise has it."),
        )
    service = _service(plain)
    whole = str(service.url(privacy=False)) if service else ""  # type: ignore[no-untyped-call]  # of Apprise
    if _scheme(whole) not in CHATS:
        raise UsageError(
            _("This is no complete address of a chat."),
            _(
                "Copy the address of its webhook from Slack, Teams or Discord; of Telegram: tgram://TOKEN/CHAT."
            ),
        )
    return whole if scheme == "https" else plain


def send(address: str, title: str, text: str, link: str = "") -> None:
    """Send a message to a chat.

    Args:
        address: Checked by `check`.
        title: One line.
        text: Its first line may be cut; the others are kept.
        link: What it is about; empty: nowhere.

    Raises:
        SendError: It was not taken.
    """
    import apprise  # noqa: PLC0415 it brings two hundred services along

    service = _service(address)
    if service is None or _scheme(address) not in CHATS:
        raise SendError(_("{address} is no address of a chat.", address=masked(address)), is_lasting=True)
    chat = CHATS[_scheme(address)]
    if chat == TEAMS:  # the others go to hosts of their own
        public_address(str(service.host), 443)
    plain, end = text.translate(_CALLS), f"\n\n{link}" if link else ""
    if chat == TEAMS:  # its cards link nothing by themselves, and run lines together
        plain, end = (
            _MARKS.sub(r"\\\g<0>", plain).replace("\n", "\n\n"),
            f"\n\n[{link}]({link})" if link else "",
        )
    body = _fitting(plain, int(service.body_maxlen) - len(title) - len(end) - ROOM) + end
    form = apprise.NotifyFormat.MARKDOWN if chat == TEAMS else apprise.NotifyFormat.TEXT
    desk = apprise.Apprise(asset=_asset())
    desk.add(service)
    taken = desk.notify(title=title.translate(_CALLS), body=body, body_format=form)
    if not taken:
        raise _refused(chat, " ".join(entry.message for entry in taken.logs()))


def _refused(chat: str, said: str) -> SendError:
    """Make sense of what Apprise says of a fault: 4xx is for good, but for those that ask to wait."""
    code = next((int(found) for found in _CODE.findall(said)), 0)
    if not code:
        return SendError(_("{chat} could not be reached.", chat=chat))
    is_lasting = 400 <= code < 500 and code not in FOR_NOW
    return SendError(_("{chat} refused the message: {code}.", chat=chat, code=code), is_lasting=is_lasting)


def _fitting(text: str, most: int) -> str:
    """Cut the first line of a message so that all of it is no longer than a chat takes."""
    first, gap, rest = text.partition("\n")
    over = len(text) - most
    return text if over <= 0 else f"{first[: max(len(first) - over - 1, 0)]}…{gap}{rest}"


def _scheme(address: str) -> str:
    return address.partition("://")[0].lower()


def _service(address: str) -> apprise.NotifyBase | None:
    import apprise  # noqa: PLC0415 as above

    return apprise.Apprise.instantiate(address, asset=_asset())


@cache
def _asset() -> apprise.AppriseAsset:
    """Describe who sends: by name, without a picture, for those are asked for at another house."""
    import apprise  # noqa: PLC0415 as above

    return apprise.AppriseAsset(
        app_id="Tearsheet", app_desc="Tearsheet", app_url="", image_url_mask="", image_url_logo=""
    )
