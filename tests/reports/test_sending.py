from __future__ import annotations

import datetime as dt
import re
import signal
import socket
import ssl
import subprocess
import sys
import zlib
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import event

from analytics.control import outbox, subscriptions
from analytics.reports import mail as mails
from analytics.reports import pdf
from analytics.reports.report import unpack
from analytics.reports.send import rounds
from analytics.reports.send.faults import BACKOFF
from analytics.store.store import Store
from tests.builders import utc
from tests.reports.post import DUE, NOW, MailServer, Office, free_port, serving

MIDNIGHT: dict[str, Any] = {
    "schedule": "every day at 00:00",
    "period": "2026-05-05",
    "due_through": utc("2026-05-06 02:00"),
}
ADA, BEA, CEM = "ada@news.example", "bea@news.example", "cem@news.example"


def test_what_is_due_is_sent_once(office: Office, server: MailServer) -> None:
    told: list[str] = []
    office.rounds.ended = told.append
    office.subscribe(ADA, BEA)

    for _ in range(3):
        office.later(minutes=1)

    assert server.taken == {ADA: 1, BEA: 1}
    assert office.states() == {ADA: "sent", BEA: "sent"}
    assert [run.state for run in outbox.runs(office.control)] == ["done"] == told


def test_a_mail_has_what_programs_look_for(office: Office, server: MailServer) -> None:
    made = office.subscribe(ADA, formats=["pdf", "xlsx", "csv"])

    office.rounds.round()
    message = server.mails[0][1]

    assert message["Subject"] == "Morning: Tuesday brought 4 reads"
    assert message["From"] == "Tearsheet <stats@news.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"].startswith("<https://stats.example/r/stop/")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.search(rb"(?m)^List-Unsubscribe: <https://stats\.example/r/stop/\S+>\r?$", server.raw)
    assert made.subscription_id in message["List-Id"]
    assert [part.get_filename() for part in message.iter_attachments()][:2] == [
        "morning-2026-05-05.pdf",
        "morning-2026-05-05.xlsx",
    ]
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert "Tuesday brought 4 reads" in text.get_content()
    assert html is not None
    assert "as ada@news.example." in html.get_content()


def test_the_figures_of_a_mail_are_kept_as_they_were_sent(office: Office) -> None:
    office.subscribe(ADA)
    office.rounds.round()

    copy = outbox.copy(office.control, office.ledger()[ADA].copy_id or "")

    assert copy is not None
    report = unpack(zlib.decompress(copy.body))
    assert {each.metric: each.value for each in report.numbers()}["views"] == 9
    assert report.as_of == NOW


def test_each_gets_what_their_own_filter_keeps(office: Office, server: MailServer) -> None:
    made = office.subscribe(ADA)
    office.add(made, BEA, kept={"section": ["culture"]})

    office.rounds.round()
    said = {to: message["Subject"] for to, message in server.mails}

    assert said == {ADA: "Morning: Tuesday brought 4 reads", BEA: "Morning: Tuesday brought 1 read"}


@pytest.mark.parametrize("answer", ["450 Busy", "452 Too much mail"])
def test_a_fault_for_now_is_tried_again_with_growing_pauses(
    office: Office, server: MailServer, answer: str
) -> None:
    server.rcpt = {ADA: answer}
    office.subscribe(ADA, BEA)
    office.rounds.round()

    assert office.states() == {ADA: "planned", BEA: "sent"}
    assert answer in office.ledger()[ADA].why
    assert office.ledger()[ADA].next_try_at == NOW + BACKOFF[0]

    assert office.later(seconds=30) == 0
    server.rcpt = {}
    office.later(seconds=31)

    assert server.taken == {ADA: 1, BEA: 1}
    assert office.ledger()[ADA].tries == 1


def test_a_fault_that_stays_is_given_up_at_the_end_and_says_so(office: Office, server: MailServer) -> None:
    server.rcpt = {ADA: "450 Busy"}
    office.subscribe(ADA, schedule="0 7 6 5 *")

    for _ in range(len(BACKOFF) + 2):
        office.later(hours=7)

    assert office.ledger()[ADA].state == "failed"
    assert "Tried 7 times." in office.ledger()[ADA].why
    assert outbox.runs(office.control)[0].state == "failed"


def test_a_refusal_for_good_is_recorded_and_stops_nobody_else(office: Office, server: MailServer) -> None:
    server.rcpt = {ADA: "550 No such user"}
    office.subscribe(ADA, BEA)

    office.rounds.round()
    office.later(minutes=5)

    assert office.states() == {ADA: "failed", BEA: "sent"}
    assert "550 No such user" in office.ledger()[ADA].why
    assert outbox.runs(office.control)[0].why.startswith("1 of 2 did not get it")


@pytest.mark.parametrize(("answer", "state"), [("451 Later", "planned"), ("554 Spam", "failed")])
def test_a_mail_that_is_refused_at_its_end_was_not_taken(
    office: Office, server: MailServer, answer: str, state: str
) -> None:
    server.data = [answer]
    office.subscribe(ADA, BEA)

    office.rounds.round()

    assert office.states() == {ADA: state, BEA: "sent"}
    assert server.taken == {BEA: 1}


def test_a_connection_that_breaks_inside_a_mail_is_tried_again(office: Office, server: MailServer) -> None:
    server.hangs_up_at = "data"
    office.subscribe(ADA, BEA)

    office.rounds.round()
    office.later(minutes=2)

    # What broke between the last line and the dot is in doubt, as after the dot.
    for address, each in office.ledger().items():
        assert (server.taken[address] == 1 and each.state == "sent") or "may have arrived" in each.why
    assert server.taken[BEA] == 1


def test_a_connection_that_breaks_after_the_last_byte_is_never_tried_again_and_says_so(
    office: Office, server: MailServer
) -> None:
    server.hangs_up_at = "end"
    office.subscribe(ADA, BEA)

    for _ in range(5):
        office.later(hours=1)

    assert server.taken == {ADA: 1, BEA: 1}
    assert sorted(office.states().values()) == ["failed", "sent"]
    assert any("it may have arrived" in each.why for each in office.ledger().values())


def test_a_server_that_is_down_is_asked_once_a_round(office: Office, server: MailServer) -> None:
    office.settings = {"port": free_port()}
    office.subscribe(*(f"r{n}@news.example" for n in range(5)))
    office.rounds.round()

    assert set(office.states().values()) == {"planned"}
    assert all("cannot be reached" in each.why for each in office.ledger().values())

    office.settings = {}
    office.later(minutes=2)
    assert len(server.taken) == 5


def test_a_slow_server_costs_a_timeout_and_not_a_mail(office: Office) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        office.settings = {"port": silent.getsockname()[1], "timeout_s": 1}
        office.subscribe(ADA)
        office.rounds.round()

    assert office.states() == {ADA: "planned"}
    assert "did not answer in time" in office.ledger()[ADA].why


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine that it signed itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    begins = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + dt.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # it does not know that TLS is around it already
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_goes_over_tls_with_login_and_tells_no_secret(
    office: Office, certificate: Path, security: str
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    guarded = MailServer(login=("stats", "right horse"))
    with serving(guarded, context, wrapped=security == "tls"):
        office.settings = {"port": guarded.port, "security": security, "user": "stats"}
        office.settings["password"] = "wrong horse"
        office.subscribe(ADA)
        office.rounds.round()
        assert "certificate" in office.ledger()[ADA].why

        office.rounds.tls = ssl.create_default_context(cafile=str(certificate))
        office.later(minutes=2)
        assert "refused the login" in office.ledger()[ADA].why
        assert "horse" not in office.ledger()[ADA].why

        office.settings["password"] = "right horse"
        office.later(minutes=10)
        assert guarded.taken == {ADA: 1}


def test_headers_cannot_be_injected_through_names_and_titles(office: Office, server: MailServer) -> None:
    made = office.subscribe(name="Morning\r\nBcc: all@evil.example")
    office.add(made, ADA, name="Ada\r\nBcc: all@evil.example")

    office.rounds.round()
    message = server.mails[0][1]

    assert server.taken == {ADA: 1}
    assert message["Bcc"] is None
    assert message["To"].addresses[0].display_name == "Ada Bcc: all@evil.example"


def test_whoever_stopped_it_and_whoever_never_confirmed_get_nothing(
    office: Office, server: MailServer
) -> None:
    made = office.subscribe(ADA)
    gone = office.add(made, BEA)
    office.add(made, CEM, confirmed_at=None)
    subscriptions.change_recipient(office.control, gone.recipient_id, stopped_at=NOW)

    office.rounds.round()

    assert server.taken == {ADA: 1}
    assert office.states() == {ADA: "sent", CEM: "skipped"}


def test_after_a_while_off_the_latest_is_sent_and_the_missed_are_counted(
    office: Office, server: MailServer
) -> None:
    office.subscribe(ADA, due_through=DUE - dt.timedelta(days=4, hours=1))

    office.rounds.round()

    assert server.taken == {ADA: 1}
    assert [(run.due_at, run.why) for run in outbox.runs(office.control)] == [
        (DUE, "Stands for 4 earlier ones that were missed while nothing ran.")
    ]


def test_a_paused_report_is_not_due(office: Office, server: MailServer) -> None:
    office.subscribe(ADA, paused_at=NOW)

    office.rounds.round()

    assert server.taken == {}
    assert outbox.runs(office.control) == []


def test_a_holiday_is_skipped_and_the_ledger_names_it(office: Office, server: MailServer) -> None:
    office.subscribe(ADA, holidays=["2026-05-06"])

    office.rounds.round()
    office.later(minutes=1)
    (run,) = outbox.runs(office.control)

    assert server.taken == {}
    assert (run.due_at, run.state, run.why) == (DUE, "skipped", "Rests: a day off.")

    office.later(days=1)
    assert server.taken == {ADA: 1}


def test_a_report_waits_for_late_data(office: Office, server: MailServer) -> None:
    office.subscribe(ADA, **MIDNIGHT)
    office.now = dt.datetime(2026, 5, 6, 3, 5)  # five minutes past midnight: its last hour may not be loaded
    office.rounds.round()
    assert server.taken == {}
    assert outbox.runs(office.control)[0].why == "Waits for the data of these days."

    office.later(minutes=6)
    assert server.mails[0][1]["Subject"] == "Morning: Tuesday brought 4 reads"


def test_data_that_do_not_come_are_said_to_be_missing(
    office: Office, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "DATA_WAIT", dt.timedelta(minutes=1))
    office.subscribe(ADA, **MIDNIGHT)
    office.now = dt.datetime(2026, 5, 6, 3, 5)

    office.rounds.round()

    assert server.mails[0][1]["Subject"] == "Morning: (incomplete) Tuesday brought 4 reads"


def test_an_author_of_whom_nothing_was_read_gets_nothing(office: Office, server: MailServer) -> None:
    office.subscribe(ADA, kind="author", period="2026-03-01", kept={"author": ["u1"]})

    office.rounds.round()
    office.later(minutes=61)  # for the data of a day before all data

    assert server.taken == {}
    assert outbox.runs(office.control)[0].state == "skipped"
    assert "Nothing" in outbox.runs(office.control)[0].why


def test_what_is_too_large_is_left_out_and_said(office: Office, server: MailServer) -> None:
    office.settings = {"largest_mb": 1}
    made = office.subscribe(ADA, formats=["pdf"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf, "pdf", lambda _report: b"%PDF" * 400_000)
        office.rounds.round()
    message = server.mails[0][1]

    assert not list(message.iter_attachments())
    body = message.get_body(("plain",))
    assert body is not None
    assert "morning-2026-05-05.pdf (1.5 MB) was too large to attach." in body.get_content()
    assert made.formats == ["pdf"]


def test_a_thousand_recipients_get_one_mail_each(
    office: Office, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = mails.letter
    monkeypatch.setattr(
        mails, "letter", lambda *asked: replace(rendered(*asked), pictures={}, html="", text="You get this.")
    )
    # What survives a kill is tried below; a thousand mails need not wait for the disk.
    event.listen(office.control._engine, "connect", _unsynced)
    office.add_many(office.subscribe(period="2026-03-01"), 1000)

    office.rounds.round()

    assert len(server.taken) == 1000
    assert set(server.taken.values()) == {1}
    assert len({message["List-Unsubscribe"] for _, message in server.mails}) == 1000
    assert set(office.states().values()) == {"sent"}


def _unsynced(sqlite: Any, _record: object) -> None:
    sqlite.execute("PRAGMA synchronous=OFF")


DYING = """
import os, signal, sys
from pathlib import Path
from analytics.control.database import Control
from analytics.reports import draw
from analytics.store.store import Store
from tests.reports.post import Office
draw.chart_png = lambda chart: draw.logo_png()
home, port, step = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
office = Office(home, Store(home), Control(home), port)
def die(name):
    if name == step:
        os.kill(os.getpid(), signal.SIGKILL)
office.rounds.step = die
office.rounds.recover()
office.rounds.round()
"""
STEPS = ("planned", "kept", "handing", "handed", "taken", "settled")


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_nobody_gets_two_and_nothing_is_lost_in_silence(
    office: Office, server: MailServer, step: str
) -> None:
    office.subscribe(ADA, BEA)
    office.store.close()
    command = [sys.executable, "-c", DYING, str(office.home), str(server.port), step]
    killed = subprocess.run(command, check=False, timeout=60, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-2000:]

    reopened = Office(office.home, Store(office.home), office.control, server.port)
    reopened.rounds.recover()
    reopened.rounds.round()
    reopened.store.close()

    for address, each in office.ledger().items():
        assert server.taken[address] <= 1
        assert each.state == "sent" or "may have arrived" in each.why
        if each.state == "sent":
            assert server.taken[address] == 1
    assert set(office.ledger()) == {ADA, BEA}
