"""The texts of the interface and their catalogues: found in the code, held against `data/languages/*.po`.

`just words` (`python -m analytics.vocabulary`) brings the catalogues up to date: new texts come in without a
translation, those that stand nowhere any more go. A test holds each catalogue complete.
"""

from __future__ import annotations

import ast
import re
import string
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from analytics.config import VARIABLES
from analytics.language import LANGUAGES, SOURCE
from analytics.metrics import DIMENSIONS, METRICS, NOTIONS
from analytics.periods import STEPS
from analytics.sql import gate
from analytics.upkeep import setting
from analytics.wording import COUNT_UNITS

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "data" / "languages"
CODE = ("analytics/**/*.py", "dashboards/**/*.py")
TEMPLATES = ("dashboards/doors/templates/*.html", "data/templates/*.j2")
SCRIPTS = "dashboards/assets/*.js"
SAY = re.compile(r'\bsay\(\s*"((?:[^"\\]|\\.)+)"')  # in scripts
SHOWN = re.compile(r'\b_\(\s*"((?:[^"\\]|\\.)+)"')  # in templates
HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {forms}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""  # without the dates that Babel writes: they would change with every run
PLACE = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """One text as the code writes it; with `many` it has a form of number, with `context` a meaning."""

    one: str
    many: str = ""
    context: str = ""

    @property
    def key(self) -> str | tuple[str, str]:
        """As a catalogue holds it."""
        return (self.one, self.many) if self.many else self.one


def texts(root: Path = ROOT) -> set[Text]:
    """Find every text of the interface: in modules, templates, scripts and the definitions of numbers."""
    found = {
        each for pattern in CODE for path in root.glob(pattern) for each in _in_code(path.read_text("utf-8"))
    }
    for path in (each for pattern in TEMPLATES for each in root.glob(pattern)):
        found |= {Text(_plain(each)) for each in SHOWN.findall(path.read_text("utf-8"))}
    found |= {Text(each) for each in of_scripts(root)}
    for metric in (*METRICS.values(), *NOTIONS.values()):
        found |= {
            Text(metric.label_en),
            Text(metric.about_en),
            Text(metric.formula_en),
            Text(metric.origin_en),
        }
    settings = [*setting.settings().values(), *setting.of_house().values()]
    found |= {Text(each.label) for each in setting.settings().values()}
    found |= {Text(each.meaning) for each in settings} | {Text(each) for each in VARIABLES.values()}
    found |= {Text(why) for why in gate.functions().values() if why}
    found |= {Text(step, f"{step}s") for step in STEPS}
    found |= {Text(unit.removesuffix("s"), unit) for unit in COUNT_UNITS if unit.endswith("s")}
    for dimension in DIMENSIONS.values():
        found |= {Text(dimension.label_en), Text(dimension.plural_en)}
    # A catalogue holds a text once: where it has a form for many, that serves for one as well.
    counted = {each.one for each in found if each.many}
    return {each for each in found if each.many or each.context or each.one not in counted}


def of_scripts(root: Path = ROOT) -> set[str]:
    """Find the texts that the browser's scripts say."""
    return {_plain(each) for path in root.glob(SCRIPTS) for each in SAY.findall(path.read_text("utf-8"))}


def read(language: str) -> Catalog:
    """Read a catalogue; an empty one where there is none yet."""
    path = FOLDER / f"{language}.po"
    if not path.is_file():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def refreshed(catalog: Catalog, wanted: set[Text]) -> Catalog:
    """Give a catalogue of exactly the texts wanted, with the translations that it has of them."""
    made = Catalog(locale=catalog.locale, charset="utf-8", fuzzy=False)
    for text in sorted(wanted):
        known = catalog.get(text.key, text.context or None)
        # A text that has got a form for many, or lost it, is translated anew.
        is_alike = known is not None and isinstance(known.id, tuple) is bool(text.many)
        made.add(text.key, known.string if known and is_alike else None, context=text.context or None)
    return made


def faults(catalog: Catalog, wanted: set[Text]) -> list[str]:
    """Say what is wrong with a catalogue: texts without translation, dead ones, places that differ."""
    held = {Text(*_forms(each), context=each.context or "") for each in catalog if each.id}
    said = [f"stands nowhere in the code: {text.one!r}" for text in sorted(held - wanted)]
    for text in sorted(wanted):
        known = catalog.get(text.key, text.context or None)
        forms = _translated(known)
        if not forms or not all(forms):
            said.append(f"not translated: {text.one!r}")
        # Of one, the number itself may be left unsaid.
        fine = (_places(text.one), _places(text.many or text.one))
        other = [form for form in forms if form and _places(form) not in fine]
        said += [f"other places in braces: {text.one!r} -> {form!r}" for form in other]
    return said


def write(catalog: Catalog, language: str) -> None:
    """Write a catalogue, ordered by its texts, so that two who add one seldom meet."""
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / f"{language}.po").open("wb") as file:
        file.write(HEADER.format(language=language, forms=catalog.plural_forms).encode())
        write_po(file, catalog, width=0, omit_header=True)


def main() -> int:
    """Bring every catalogue up to date, and say what lacks a translation."""
    wanted = texts()
    lacking = 0
    for language in LANGUAGES.keys() - {SOURCE}:
        catalog = refreshed(read(language), wanted)
        write(catalog, language)
        found = faults(catalog, wanted)
        lacking += len(found)
        sys.stdout.write("".join(f"{language}: {each}\n" for each in found))
    sys.stdout.write(f"{len(wanted)} texts, {lacking} to see to.\n")
    return 1 if lacking else 0


def _in_code(source: str) -> Iterator[Text]:
    """Find the texts of one module: `_`, `N_`, `p_`, `n_`, and the nouns of `wording.counted`."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        said = [each.value if isinstance(each, ast.Constant) else None for each in node.args]
        match name, said:
            case (("_" | "N_"), [str(one)]):
                yield Text(one)
            case "p_", [str(context), str(one)]:
                yield Text(one, context=context)
            case "n_", [str(one), str(many), *_rest]:
                yield Text(one, many)
            case "counted", [_n, str(one)]:
                yield Text(one, f"{one}s")
            case "counted", [_n, str(one), str(many), *_rest]:
                yield Text(one, many)
            case _:
                pass


def _plain(quoted: str) -> str:
    """Undo the escapes of a text in double quotes."""
    return str(msgspec.json.decode(f'"{quoted}"'))


def _forms(message: Message) -> tuple[str, str]:
    return (message.id[0], message.id[1]) if isinstance(message.id, tuple | list) else (message.id, "")


def _translated(message: Message | None) -> list[str]:
    if message is None:
        return []
    return (
        [each or "" for each in message.string]
        if isinstance(message.string, tuple | list)
        else [message.string or ""]
    )


def _places(text: str) -> set[str]:
    """Give the names of the places in braces, with how they are written."""
    if not PLACE.search(text):
        return set()
    return {f"{name}!{how}:{form}" for _said, name, form, how in string.Formatter().parse(text) if name}


if __name__ == "__main__":
    sys.exit(main())
