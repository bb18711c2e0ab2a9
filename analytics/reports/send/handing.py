"""The handing over of a run: letters are rendered once a copy, each recipient's fate is settled by itself."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import structlog

from analytics.control import outbox, subscriptions
from analytics.control.outbox import Copy, Delivery, Run
from analytics.control.subscriptions import Recipient, Subscription
from analytics.language import N_, _
from analytics.reports import mail as mails
from analytics.reports import pdf, sheets
from analytics.reports.mail import Letter
from analytics.reports.report import Report, unpack
from analytics.reports.send import chats, letters, outward
from analytics.reports.send.faults import BACKOFF, DoubtError, SendError
from analytics.reports.send.letters import Envelope
from analytics.reports.send.smtp import Postman

if TYPE_CHECKING:
    from analytics.reports.send.rounds import Rounds

NO_SERVER = N_("No mail server is set.")

log = structlog.get_logger()


@dataclass(slots=True)
class Handing:
    """The handing over of one run: letters are rendered once a copy, the connection is opened once."""

    rounds: Rounds
    run: Run
    subscription: Subscription
    _letters: dict[str, tuple[Report, Letter, dict[str, bytes]]] = field(default_factory=dict)
    _closed: dict[str, str] = field(default_factory=dict)  # way -> why nobody of it can be reached now

    def all(self, waiting: list[Delivery]) -> int:
        """Hand over what waits; gives how many were tried."""
        # A connection of its own stays open meanwhile: the last one that closes makes SQLite tidy up, slowly.
        with self.rounds.control.read(), Postman(self.rounds.settings(), self.rounds.tls) as postman:
            for each in waiting:
                self._one(each, postman)
        return len(waiting)

    def _one(self, delivery: Delivery, postman: Postman) -> None:
        rounds = self.rounds
        to = subscriptions.recipient(rounds.control, delivery.recipient_id)
        if to is None or (to.stopped_at is not None and to.stopped_at >= self.run.planned_at):
            self._settle(delivery, "skipped", _("They stopped it."))
            return
        if delivery.way in self._closed:
            self._put_off(delivery, SendError(self._closed[delivery.way], is_everybody=True))
            return
        try:
            self._hand(delivery, to, postman)
        except SendError as fault:
            if fault.is_everybody:
                self._closed[delivery.way] = fault.reason
            self._put_off(delivery, fault)
        except Exception as fault:  # one recipient's failure stops nobody else
            log.exception("delivery failed", report=self.subscription.subscription_id, way=delivery.way)
            self._put_off(delivery, SendError(_("It failed: {name}.", name=type(fault).__name__)))
        else:
            rounds.step("taken")
            self._settle(delivery, "sent", "", sent_at=rounds.clock())
            rounds.step("settled")

    def _hand(self, delivery: Delivery, to: Recipient, postman: Postman) -> None:
        report, letter, attached = self._letter(delivery.copy_id or "")
        self.rounds.step("rendered")
        if delivery.way == "mail":
            self._mail(delivery, to, letter, attached, postman)
        elif delivery.way == "folder":
            self._write(delivery, to, letter, attached)
        else:
            self._mark_handed(delivery)
            address = self.rounds.keys.unseal(to.sealed or "")
            if delivery.way == "webhook":
                outward.post(
                    address, _told(report, letter), delivery.delivery_id, resolve=self.rounds.resolve
                )
            else:
                chats.send(address, letter.subject, _message(report), self.rounds.link(report))

    def _mail(
        self,
        delivery: Delivery,
        to: Recipient,
        letter: Letter,
        attached: Mapping[str, bytes],
        postman: Postman,
    ) -> None:
        settings = self.rounds.settings()
        if not settings.sender or not (settings.host or settings.folder):
            raise SendError(
                f"{_(NO_SERVER)} {_('Write host and sender under [mail] in tearsheet.toml.')}",
                is_everybody=True,
            )
        site = self.subscription.site_id.partition(":")[0]
        envelope = Envelope(
            settings.sender,
            settings.reply_to,
            to.address,
            to.name,
            f"{delivery.delivery_id}@{site}",
            f"{self.subscription.subscription_id}.{site}",
            self.rounds.stop_url(to.recipient_id),
            self.rounds.clock(),
        )
        message = letters.mail(letter, attached, envelope)
        if settings.folder:
            self._mark_handed(delivery)
            self._put(settings.folder, f"{delivery.delivery_id}.eml", message.as_bytes())
            self._put(
                settings.folder, f"{delivery.delivery_id}.html", letter.page(to.name or to.address).encode()
            )
            return
        sender = letters.bare(settings.sender)
        postman.send(message, sender, to.address, lambda: self._mark_handed(delivery))

    def _write(
        self, delivery: Delivery, to: Recipient, letter: Letter, attached: Mapping[str, bytes]
    ) -> None:
        """Put a report into a folder; the same occasion always under the same name."""
        stem = f"{delivery.due_at:%Y-%m-%d-%H%M}-{self.subscription.kind}"
        folder = f"reports/{to.address}"
        self._put(folder, f"{stem}.html", letter.page(to.name or to.address).encode())
        for name, data in attached.items():
            self._put(folder, f"{stem}-{name}", data)

    def _put(self, folder: str, name: str, data: bytes) -> None:
        """Write a file whole or not at all."""
        path = self.rounds.home / folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(f"{path.suffix}.new")
            fresh.write_bytes(data)
            fresh.replace(path)
        except OSError as fault:
            raise SendError(
                _(
                    "The folder {folder} cannot be written: {strerror}.",
                    folder=folder,
                    strerror=fault.strerror,
                )
            ) from fault

    def _letter(self, copy_id: str) -> tuple[Report, Letter, dict[str, bytes]]:
        if copy_id not in self._letters:
            copy = outbox.copy(self.rounds.control, copy_id)
            if copy is None:
                raise SendError(_("Its copy is gone."), is_lasting=True)
            report = opened(copy)
            attached = attachments(report, self.subscription.formats, self.subscription.name)
            most = self.rounds.settings().largest_mb * (1 << 20)
            frame = self.rounds.frame(self.subscription, copy_id)
            # Base64 makes four bytes of three.
            while attached and sum(map(len, attached.values())) * 4 / 3 > most:
                largest = max(attached, key=lambda name: len(attached[name]))
                size = len(attached.pop(largest)) / (1 << 20)
                left = _("{largest} ({size:.1f} MB) was too large to attach.", largest=largest, size=size)
                frame = replace(frame, left_out=f"{frame.left_out} {left}".strip())
            self._letters[copy_id] = report, mails.letter(report, frame), attached
        return self._letters[copy_id]

    def _mark_handed(self, delivery: Delivery) -> None:
        self.rounds.step("handing")
        outbox.settle(self.rounds.control, delivery.delivery_id, self.rounds.clock(), state="handed")
        self.rounds.step("handed")

    def _put_off(self, delivery: Delivery, fault: SendError) -> None:
        """Try again later, or give up."""
        if isinstance(fault, DoubtError):
            log.warning("delivery in doubt", report=self.subscription.subscription_id)
        tries, now = delivery.tries + 1, self.rounds.clock()
        if fault.is_lasting or tries > len(BACKOFF):
            often = _(" Tried {tries} times.", tries=tries) if tries > 1 else ""
            self._settle(delivery, "failed", f"{fault.reason}{often}", tries=tries)
            return
        again = now + BACKOFF[tries - 1]
        self._settle(delivery, "planned", fault.reason, tries=tries, next_try_at=again)

    def _settle(self, delivery: Delivery, state: str, why: str, **values: object) -> None:
        now = self.rounds.clock()
        outbox.settle(self.rounds.control, delivery.delivery_id, now, state=state, why=why, **values)


def attachments(report: Report, formats: list[str], name: str) -> dict[str, bytes]:
    """Render what is attached: name of the file -> its bytes."""
    stem = f"{'-'.join(''.join(s if s.isalnum() else ' ' for s in name.lower()).split())}-{report.last}"
    made: dict[str, bytes] = {}
    if "pdf" in formats:
        made[f"{stem}.pdf"] = pdf.pdf(report)
    if "xlsx" in formats:
        made[f"{stem}.xlsx"] = sheets.workbook(report)
    if "csv" in formats:
        made |= {f"{stem}-{part}": data for part, data in sheets.csv_files(report).items()}
    return made


def opened(copy: Copy) -> Report:
    """Read a report as it was sent."""
    return unpack(zlib.decompress(copy.body))


def _message(report: Report) -> str:
    """Write the message of a chat: the sentence and three lines (pages.md 5); its link comes last."""
    lines = [report.nothing or report.plain_sentence(), ""]
    for number in list(report.numbers())[:3]:
        mark = f" {number.mark.text}" if number.mark else ""
        lines.append(f"{number.label}: {number.said}{mark}")
    return "\n".join(lines).rstrip()


def _told(report: Report, letter: Letter) -> dict[str, object]:
    """Give the JSON of a webhook: the sentence, the numbers, the period."""
    return {
        "report": report.kind,
        "site": report.site_id,
        "subject": letter.subject,
        "first_day": report.first.isoformat(),
        "last_day": report.last.isoformat(),
        "zone": report.zone,
        "as_of": f"{report.as_of.isoformat()}Z",
        "is_whole": report.is_whole,
        "sentence": report.nothing or report.plain_sentence(),
        "numbers": [
            {"metric": each.metric, "value": each.value, "unit": "s" if each.unit == "h" else each.unit}
            for each in report.numbers()
        ],
    }
