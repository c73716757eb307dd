"""The counters (単位) of policies: how each is written and its normal form.

The normal forms follow the rules for official documents: か所 and か月 in hiragana, 人 for people,
signs for measures. A spelling that is not in the table is its own normal form.
"""

from __future__ import annotations

# normal form: other spellings. Full-width letters and signs are folded before this table is asked.
SPELLINGS: dict[str, tuple[str, ...]] = {
    "人": ("名", "名様", "人分", "名分"),
    "か所": ("箇所", "個所", "ヶ所", "ヵ所", "カ所", "ケ所", "ゕ所", "ゖ所", "ヶ処"),
    "か月": ("箇月", "個月", "ヶ月", "ヵ月", "カ月", "ケ月", "ゕ月", "ゖ月"),
    "か月間": ("ヶ月間", "ヵ月間", "カ月間", "ケ月間"),
    "か年": ("箇年", "ヶ年", "ヵ年", "カ年", "ケ年"),
    "か国": ("箇国", "ヶ国", "ヵ国", "カ国", "ケ国", "か国語", "ヶ国語", "ヵ国語", "カ国語"),
    "%": ("パーセント", "㌫", "﹪"),
    "ポイント": ("pt", "Pt", "㌽", "%ポイント"),
    "㎡": ("m2", "m²", "平方メートル", "平米", "平方m"),
    "㎥": ("m3", "m³", "立方メートル", "立米", "立方m"),
    "㎢": ("km2", "km²", "k㎡", "平方キロメートル", "平方km"),
    "km": ("㎞", "キロメートル", "Km", "KM", "㌖"),
    "cm": ("㎝", "センチメートル", "センチ"),
    "mm": ("㎜", "ミリメートル"),
    "m": ("メートル", "㍍"),
    "ha": ("㏊", "ヘクタール", "㌶", "Ha", "HA"),
    "kg": ("㎏", "キログラム", "Kg", "KG", "㌕"),
    "t": ("トン", "㌧"),
    "g": ("グラム", "㌘"),
    "L": ("リットル", "ℓ", "㍑", "l"),
    "kWh": ("キロワット時", "kwh", "KWH", "KWh", "Kwh"),
    "MWh": ("メガワット時",),
    "kW": ("キロワット", "KW", "kw"),
    "t-CO2": ("t-CO₂", "トン-CO2", "トンCO2", "tCO2", "t‐CO2", "t-co2"),
    "kg-CO2": ("kg-CO₂", "kgCO2"),
    "℃": ("度C", "°C"),
}

_NORMAL = {spelling: normal for normal, all_ in SPELLINGS.items() for spelling in (normal, *all_)}


def normal_unit(unit: str) -> str:
    """The form in which a counter is stored and compared: 箇所 → か所, 名 → 人, ｍ2 → ㎡."""
    folded = fold(unit).replace(" ", "")
    return _NORMAL.get(folded, folded)


# Full-width ASCII to ASCII, and nothing else: NFKC would also turn ① into 1 and ㎡ into m2.
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    0x00A0: " ",
    0x202F: " ",
    0x2009: " ",
    0x0009: " ",
}


def fold(text: str) -> str:
    """The text with full-width letters, digits, signs and spaces as ASCII; its length is kept."""
    return text.translate(_FOLD)
