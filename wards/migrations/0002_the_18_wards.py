"""The 18 wards of Yokohama with their national codes (全国地方公共団体コード)."""

from django.db import migrations

WARDS = [
    ("14101", "鶴見区", "つるみく", "Tsurumi"),
    ("14102", "神奈川区", "かながわく", "Kanagawa"),
    ("14103", "西区", "にしく", "Nishi"),
    ("14104", "中区", "なかく", "Naka"),
    ("14105", "南区", "みなみく", "Minami"),
    ("14106", "保土ケ谷区", "ほどがやく", "Hodogaya"),
    ("14107", "磯子区", "いそごく", "Isogo"),
    ("14108", "金沢区", "かなざわく", "Kanazawa"),
    ("14109", "港北区", "こうほくく", "Kohoku"),
    ("14110", "戸塚区", "とつかく", "Totsuka"),
    ("14111", "港南区", "こうなんく", "Konan"),
    ("14112", "旭区", "あさひく", "Asahi"),
    ("14113", "緑区", "みどりく", "Midori"),
    ("14114", "瀬谷区", "せやく", "Seya"),
    ("14115", "栄区", "さかえく", "Sakae"),
    ("14116", "泉区", "いずみく", "Izumi"),
    ("14117", "青葉区", "あおばく", "Aoba"),
    ("14118", "都筑区", "つづきく", "Tsuzuki"),
]


def add_wards(apps, schema_editor):
    ward = apps.get_model("wards", "Ward")
    ward.objects.bulk_create(
        ward(code=code, name=name, kana=kana, romaji=romaji) for code, name, kana, romaji in WARDS
    )


class Migration(migrations.Migration):
    dependencies = [("wards", "0001_initial")]
    operations = [migrations.RunPython(add_wards, migrations.RunPython.noop)]
