"""A guess at the language of a text, by its script and its smallest words; it says so when it cannot tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

SAMPLE_CHARACTERS = 200_000
UNSURE = ""
MIN_WORDS, MIN_SHARE, MIN_LEAD = 20, 0.12, 1.25  # of a language's small words, and before the next language's

# Words that a page of the language can hardly do without; a word may stand in several lists.
_LATIN = {
    "en": "the of and to in a is that it was he for his with as i had at she not but you her on be have",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an er sie ich war",
    "fr": "le la les de des et un une du en que qui dans il est pour ne pas au sur se ce elle je vous avec plus à l d",
    "es": "el la los las de que y en un una por con no su para se es al lo como más del había pero yo",
    "it": "il la di che e un una per non in sono è con del della i le si da lo gli era al come ma nel",
    "pt": "o a os as de que e do da em um uma para com não se na no por mais dos das ao é seu ele",
    "nl": "de het een en van in is dat op te zijn met voor niet aan er om hij ze was ook als had maar bij",
    "sv": "och att det som en på är av för med till den har inte om ett han jag de i var sig så hon",
    "da": "og at det en den til er som på de med han af for ikke der var jeg i et hun sig havde fra",
    "no": "og å det en den til er som på de med han av for ikke var jeg i et hun seg hadde fra ble",
    "fi": "ja on ei että se hän oli mutta kun niin ovat joka mitä minä myös kuin sen ole oli vain",
    "pl": "i w nie na się z do to że jest o jak a po co tak za od ale był jego przez jej już tylko",
    "cs": "a se v na je že to s z do i o k ve po jako za ale byl si jsem by pro co tak není",
    "tr": "bir ve bu da de için ne çok ile o gibi daha ama kadar sonra var ben değil mi olan her",
    "hu": "a az és hogy nem is egy ez volt meg csak de van már még ha mint el én azt ki",
    "ro": "și de la în cu nu pe că o un să se din este pentru care mai a au era ce lui dar",
    "id": "yang dan di dengan itu untuk ini dari dalam tidak akan pada ke adalah ia dia juga saya ada orang",
    "vi": "và của là có không một người những trong đã cho với các được như này khi tôi anh về",
    "la": "et in est non ad cum ut sed quod qui si ex de a esse sunt quae atque enim nec",
    "eo": "la de kaj en al estas ne li mi ke kiu por kun ĝi sed ŝi el pri oni da",
}
_CYRILLIC = {
    "ru": "и в не на что он с как это я а то все она так его но по из у же за вы было от бы",
    "uk": "і в не на що він з як це я а та до вона його але від у був за ще є ми її вже",
    "bg": "и в не на че той с как се да е от за тя го но са това а по ще беше като си",
    "sr": "и у не на да је се он са као од за то али био који што би су из шта ми га",
}
_WORDS = {
    script: {code: frozenset(words.split()) for code, words in table.items()}
    for script, table in (("Latin", _LATIN), ("Cyrillic", _CYRILLIC))
}
_ONE_LANGUAGE = {"Greek": "el", "Hebrew": "he", "Hangul": "ko", "Thai": "th", "Georgian": "ka", "Armenian": "hy"}
_ONE_LANGUAGE |= {"Tamil": "ta", "Telugu": "te", "Bengali": "bn", "Gujarati": "gu", "Khmer": "km", "Lao": "lo"}
# Characters that only one of the two ways of writing Chinese has.
_SIMPLIFIED, _TRADITIONAL = (
    frozenset("们这说时会对来过还没见开问东车书长门"),
    frozenset("們這說時會對來過還沒見開問東車書長門"),
)
_WORD = re.compile(r"[^\W\d_]+")

NAMES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "nl": "Dutch", "sv": "Swedish", "da": "Danish", "no": "Norwegian", "fi": "Finnish", "pl": "Polish",
    "cs": "Czech", "tr": "Turkish", "hu": "Hungarian", "ro": "Romanian", "id": "Indonesian", "vi": "Vietnamese",
    "la": "Latin", "eo": "Esperanto", "ru": "Russian", "uk": "Ukrainian", "bg": "Bulgarian", "sr": "Serbian",
    "el": "Greek", "he": "Hebrew", "ko": "Korean", "th": "Thai", "ka": "Georgian", "hy": "Armenian", "ta": "Tamil",
    "te": "Telugu", "bn": "Bengali", "gu": "Gujarati", "km": "Khmer", "lo": "Lao", "ja": "Japanese", "zh": "Chinese",
    "zh-Hans": "Chinese (simplified)", "zh-Hant": "Chinese (traditional)", "fa": "Persian", "ar": "Arabic",
    UNSURE: "unsure",
}  # fmt: skip


def guess_language(text: str, script: tuple[tuple[str, float], ...]) -> str:
    """Return the code of the language that a text seems to be in, or nothing.

    Args:
        text: its beginning is enough.
        script: the share of each script among its letters, the largest first.
    """
    if not script:
        return UNSURE
    sample, shares = text[:SAMPLE_CHARACTERS], dict(script)
    kana = shares.get("Hiragana", 0) + shares.get("Katakana", 0)
    if kana > 0.2 or (kana > 0.02 and shares.get("Han", 0) + kana > 0.5):
        return "ja"
    name, share = script[0]
    if share < 0.6:
        return UNSURE
    if name == "Han":
        return _chinese(Counter(sample))
    if name == "Arabic":
        return "fa" if sum(map(sample.count, "پچژگ")) * 100 > len(sample) else "ar"
    if name in _WORDS:
        return _by_words(_WORD.findall(sample.lower()), _WORDS[name])
    return _ONE_LANGUAGE.get(name, UNSURE)


def _chinese(counts: Mapping[str, int]) -> str:
    simplified, traditional = (sum(counts.get(c, 0) for c in kind) for kind in (_SIMPLIFIED, _TRADITIONAL))
    # A few characters, such as 来, stand in texts of both kinds.
    if simplified > 3 * traditional:
        return "zh-Hans"
    return "zh-Hant" if traditional > 3 * simplified else "zh"


def _by_words(words: list[str], table: Mapping[str, frozenset[str]]) -> str:
    """Return the language whose small words are clearly the most, if there are enough."""
    if len(words) < MIN_WORDS:
        return UNSURE
    counts = Counter(words)
    scores = sorted(((sum(counts[word] for word in small), code) for code, small in table.items()), reverse=True)
    (best, code), (second, _) = scores[:2]
    return code if best >= MIN_SHARE * len(words) and best >= MIN_LEAD * second else UNSURE
