"""The environment decides; what is missing or odd stops the start and is named."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment

PROJECT = Path(__file__).resolve().parent.parent
KEY = "p7Q-x2" * 10

#: What the server of a ward office has to say, and no more.
PRODUCTION = {
    "AYUMI_ENV_FILE": os.devnull,
    "SECRET_KEY": KEY,
    "ALLOWED_HOSTS": "ayumi.isogo.example",
    "DATABASE_URL": "postgresql://ayumi:secret@db1.example/ayumi",
}


def settings(monkeypatch, **variables):
    """The settings that an environment of just these variables gives."""
    for name in set(os.environ) - {"PATH", "HOME", "TMPDIR"}:
        monkeypatch.delenv(name)
    for name, value in ({"AYUMI_ENV_FILE": os.devnull} | variables).items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(PROJECT / "config" / "settings.py"))


def start(*arguments, **variables):
    """Run manage.py with just these variables; give its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_production_server_passes_the_deployment_check():
    code, said = start("check", "--deploy", "--fail-level", "INFO", **PRODUCTION)
    assert (code, said) == (0, "System check identified no issues (1 silenced).\n")


def test_a_start_without_settings_ends_in_one_line_that_names_the_first():
    code, said = start("check", AYUMI_ENV_FILE=os.devnull)
    assert code == 1
    assert said == (
        "Ayumi cannot start. SECRET_KEY is not set. docs/operations.md says what it holds.\n"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 60),
        ("ALLOWED_HOSTS", " "),
        ("ALLOWED_HOSTS", ","),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "ayumi.isogo.example,*"),
        ("ALLOWED_HOSTS", "https://ayumi.isogo.example"),
        ("ALLOWED_HOSTS", "ayumi.isogo.example:8000"),
        ("ALLOWED_HOSTS", "ayumi.isogo.example unei.isogo.example"),
        ("ALLOWED_HOSTS", "磯子.example"),
        ("CSRF_TRUSTED_ORIGINS", "ayumi.isogo.example"),
        ("CSRF_TRUSTED_ORIGINS", "https://"),
        ("CSRF_TRUSTED_ORIGINS", "https://ayumi.isogo.example/unei"),
        ("DEBUG", "maybe"),
        ("HTTPS", "2"),
        ("DEMO", "はい"),
        ("BEHIND_PROXY", "yes!"),
        ("SESSION_HOURS", "0"),
        ("SESSION_IDLE_MINUTES", "soon"),
        ("LOCKOUT_FAILURES", "-5"),
        ("LOCKOUT_MINUTES", "１５"),
        ("PASSWORD_LENGTH", "4"),
        ("PASSWORD_LENGTH", "9" * 5000),
        ("BASE_PATH", "https://ayumi.example/"),
        ("BASE_PATH", "/unei/../ayumi"),
        ("DATABASE_URL", "mysql://ayumi@db/ayumi"),
        ("DATABASE_URL", "postgresql://db1"),
        ("DATABASE_URL", "postgresql://ayumi:p#ss@db1/ayumi"),
        ("DATABASE_URL", "postgresql://db1:abc/ayumi"),
        ("DATABASE_URL", "postgresql://db1:70000/ayumi"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite://host/file"),
        ("DATABASE_URL", "sqlite:////dev/null/ayumi.sqlite3"),
        ("DATABASE_URL", "ayumi.sqlite3"),
        ("DATABASE_URL", "sqlite:////tmp"),
        ("DATABASE_URL", "sqlite:///a%00b"),
        ("DATABASE_URL", "postgresql://db1/ayu%00mi"),
        ("DATABASE_URL", "postgresql://[fd00::3/ayumi"),
        ("DATABASE_URL", "postgresql://db1/ayumi?sslmod=require"),
        ("DATABASE_URL", "postgresql://db1/ayumi?pool=true"),
        ("EVIDENCE_DIR", "/dev/null/evidence"),
        ("EVIDENCE_DIR", "static/evidence"),
        ("EVIDENCE_DIR", "staticfiles/evidence"),
        ("EVIDENCE_DIR", "."),
        ("EVIDENCE_FILE_MB", "0"),
        ("EVIDENCE_FILE_MB", "10MB"),
        ("EVIDENCE_ENTRY_MB", "5"),
        ("EMAIL_URL", "mail.isogo.example"),
        ("EMAIL_URL", "smtp://"),
        ("EMAIL_URL", "smtp://user@mail.example"),
        ("EMAIL_URL", "smtp://mail.example:0"),
        ("EMAIL_URL", "smtp://mail.example:99999"),
        ("EMAIL_URL", "smtp://mail.example/path"),
        ("EMAIL_URL", "on"),
        ("EMAIL_FROM", "ayumi"),
        ("EMAIL_FROM", "あゆみ <ayumi@city.example"),
        ("EMAIL_FROM", "a@b.example, c@d.example"),
        ("SITE_URL", "ayumi.isogo.example"),
        ("SITE_URL", "https://ayumi.isogo.example/ayumi"),
        ("AYUMI_ENV_FILE", "/nowhere/ayumi.env"),
        ("AYUMI_ENV_FILE", "/tmp"),
    ],
)
def test_an_odd_variable_stops_the_start_by_its_name(monkeypatch, name, value):
    with pytest.raises(ImproperlyConfigured, match=name):
        settings(monkeypatch, **(PRODUCTION | {name: value}))


def test_a_refusal_never_repeats_the_password(monkeypatch):
    for url in ("mysql://ayumi:topsecret@db/x", "postgresql://ayumi:topsecret@db:x/ayumi"):
        with pytest.raises(ImproperlyConfigured) as refusal:
            settings(monkeypatch, **(PRODUCTION | {"DATABASE_URL": url}))
        assert "topsecret" not in str(refusal.value)


def test_production_is_strict_unless_told_otherwise(monkeypatch):
    strict = settings(monkeypatch, **PRODUCTION)
    assert strict["DEBUG"] is False
    assert strict["DEMO"] is False
    assert strict["SESSION_COOKIE_SECURE"] and strict["CSRF_COOKIE_SECURE"]
    assert strict["SECURE_SSL_REDIRECT"] and strict["SECURE_HSTS_SECONDS"] > 0
    policy = strict["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "data:"} & {
        source for sources in policy.values() for source in sources
    }


def test_a_closed_network_without_certificates_can_do_without_https(monkeypatch):
    plain = settings(monkeypatch, **(PRODUCTION | {"HTTPS": "off"}))
    assert not plain["SESSION_COOKIE_SECURE"] and not plain["CSRF_COOKIE_SECURE"]
    assert not plain["SECURE_SSL_REDIRECT"] and plain["SECURE_HSTS_SECONDS"] == 0


def test_under_a_sub_path_cookies_stay_there(monkeypatch):
    below = settings(monkeypatch, **(PRODUCTION | {"BASE_PATH": "/unei/ayumi/"}))
    assert below["FORCE_SCRIPT_NAME"] == "/unei/ayumi"
    for cookie in ("SESSION", "CSRF", "LANGUAGE"):
        assert below[f"{cookie}_COOKIE_PATH"] == "/unei/ayumi/"


def test_no_letter_leaves_the_machine_unless_a_server_is_named(monkeypatch):
    assert settings(monkeypatch, **PRODUCTION)["EMAIL_BACKEND"].endswith("dummy.EmailBackend")
    shown = settings(monkeypatch, **PRODUCTION, DEMO="on")
    assert shown["EMAIL_BACKEND"].endswith("console.EmailBackend")


def test_a_mail_server_needs_a_sender_and_an_address_for_links(monkeypatch):
    server = {"EMAIL_URL": "smtp+tls://ayumi:p%40ss@mail.example"}
    with pytest.raises(ImproperlyConfigured, match="EMAIL_FROM"):
        settings(monkeypatch, **PRODUCTION, **server)
    server["EMAIL_FROM"] = "あゆみ（区政推進課） <unei@isogo.example>"
    with pytest.raises(ImproperlyConfigured, match="SITE_URL"):
        settings(monkeypatch, **PRODUCTION, **server)
    server["SITE_URL"] = "https://ayumi.isogo.example/"
    found = settings(monkeypatch, **PRODUCTION, **server)
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example", 587)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("ayumi", "p@ss")
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (True, False)
    assert found["DEFAULT_FROM_EMAIL"] == server["EMAIL_FROM"]
    assert found["SITE_URL"] == "https://ayumi.isogo.example"


def test_mail_by_the_other_ways(monkeypatch):
    assert environment.mail("smtps://u:p@mail.example")["EMAIL_PORT"] == 465
    inside = environment.mail("smtp://[fd00::25]:2525/")
    assert (inside["EMAIL_HOST"], inside["EMAIL_PORT"]) == ("fd00::25", 2525)
    with pytest.raises(ImproperlyConfigured) as refusal:
        environment.mail("smtp://ayumi:topsecret@mail.example:port")
    assert "topsecret" not in str(refusal.value)


def test_sqlite_stands_beside_the_program_unless_the_path_is_absolute(tmp_path):
    inside = environment.database("sqlite:///var/ayumi.sqlite3")
    assert inside["NAME"] == str(PROJECT / "var" / "ayumi.sqlite3")
    outside = environment.database(f"sqlite:///{tmp_path}/磯子%20区/ayumi.sqlite3")
    assert outside["NAME"] == f"{tmp_path}/磯子 区/ayumi.sqlite3"
    assert (tmp_path / "磯子 区").is_dir()
    assert outside["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in outside["OPTIONS"]["init_command"]


def test_one_postgresql_server():
    one = environment.database("postgresql://ayumi:p%40ss%2F1@db1.example:6432/%E9%81%8B%E5%96%B6")
    assert (one["USER"], one["PASSWORD"]) == ("ayumi", "p@ss/1")
    assert (one["HOST"], one["PORT"], one["NAME"]) == ("db1.example", "6432", "運営")
    assert (one["CONN_MAX_AGE"], one["CONN_HEALTH_CHECKS"]) == (600, True)
    assert "target_session_attrs" not in one["OPTIONS"]


def test_several_postgresql_servers_are_tried_for_the_one_that_takes_writes():
    several = environment.database("postgresql://ayumi@db1,db2:5433,[fd00::3]:5434/ayumi")
    assert (several["HOST"], several["PORT"]) == ("db1,db2,fd00::3", "5432,5433,5434")
    assert several["OPTIONS"]["target_session_attrs"] == "read-write"


def test_postgresql_options_of_libpq_are_passed_on():
    given = environment.database(
        "postgresql://ayumi@db1/ayumi?sslmode=verify-full&connect_timeout=2"
    )
    assert given["OPTIONS"] == {"sslmode": "verify-full", "connect_timeout": "2"}
    socket = environment.database("postgresql://ayumi@/ayumi?host=/run/postgresql")
    assert (socket["HOST"], socket["PORT"]) == ("/run/postgresql", "")


def test_a_local_file_fills_in_what_the_environment_leaves_open(monkeypatch, tmp_path):
    file = tmp_path / ".env"
    file.write_text(
        f"\ufeff# 磯子区のサーバー\n\nSECRET_KEY = '{KEY}'\nALLOWED_HOSTS=from.file\nDEMO=on\n",
        encoding="utf-8",
    )
    given = settings(monkeypatch, AYUMI_ENV_FILE=str(file), ALLOWED_HOSTS="from.environment")
    assert given["SECRET_KEY"] == KEY
    assert given["ALLOWED_HOSTS"] == ["from.environment"]
    assert given["DEMO"] is True


def test_a_line_that_is_no_setting_is_named_by_its_number(tmp_path):
    file = tmp_path / ".env"
    file.write_text("DEMO=on\nexport SECRET_KEY=abc\n")
    with pytest.raises(ImproperlyConfigured, match=r"\.env line 2"):
        environment.read_env_file(file)


@pytest.mark.parametrize("content", ["DEMO=はい".encode("cp932"), b"DEMO=o\0n"])
def test_a_file_that_is_no_text_is_named(tmp_path, content):
    file = tmp_path / ".env"
    file.write_bytes(content)
    with pytest.raises(ImproperlyConfigured, match=r"\.env"):
        environment.read_env_file(file)


def test_make_run_writes_a_key_of_its_own_that_only_the_owner_reads(monkeypatch, tmp_path):
    from config.local import write_env_file

    monkeypatch.delenv("SECRET_KEY", raising=False)
    first, second = tmp_path / "first", tmp_path / "second"
    write_env_file(first)
    write_env_file(second)
    assert first.stat().st_mode & 0o777 == 0o600
    assert first.read_text() != second.read_text()
    written = first.read_text()
    write_env_file(first)
    assert first.read_text() == written
    given = settings(monkeypatch, AYUMI_ENV_FILE=str(first))
    assert given["DEMO"] is True and given["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost"]
