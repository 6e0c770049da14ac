"""Settings: from the environment, each with a default that is safe. Secrets may come from a file instead.

`NAME_FILE` names a file whose content is the value, for every setting that is a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from engine.errors import InvalidInput

PREFIX = "UPHELD_"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Settings(BaseModel):
    """Every setting; the environment variable is the field's name in capitals with `UPHELD_` before it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: SecretStr = Field(
        SecretStr("sqlite:///var/upheld.db"),
        description="Upheld's own database: SQLite or PostgreSQL",
    )
    policies: Path = Field(Path("policies"), description="the folder of policies")
    policy: str = Field(
        "", description="which policy applies; the only one in the folder if not given"
    )
    datamap: Path | None = Field(
        None, description="the data map; `datamap.yaml` beside the versions if not given"
    )
    state: Path = Field(Path("var"), description="where keys and spools are kept")
    base_url: str = Field(
        "http://127.0.0.1:8080", description="the address that people and services use"
    )
    host: str = Field("127.0.0.1", description="the address to listen on")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(8080, description="the port to listen on")
    workers: Annotated[int, Field(ge=1, le=64)] = Field(1, description="web worker processes")
    secret: SecretStr | None = Field(
        None, description="session secret; generated into the state folder if not given"
    )
    mail: Literal["none", "smtp", "maildir"] = Field(
        "none", description="how mail is sent: `none`, `smtp` or `maildir`"
    )
    maildir: Path = Field(
        Path("var/mail"), description="the folder of mail that is sent to `maildir`"
    )
    smtp_host: str = Field("localhost", description="mail server")
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = Field(587, description="mail server's port")
    smtp_user: str = Field("", description="mail user")
    smtp_password: SecretStr = Field(SecretStr(""), description="mail password")
    smtp_starttls: bool = Field(True, description="encrypt the connection to the mail server")
    mail_from: str = Field("privacy@localhost", description="the sender of mail")
    erasure_list: Path | None = Field(
        None, description="a second place, outside the database, for the list of erased people"
    )
    ledger_origin: str = Field(
        "",
        pattern=r"^[^\s+]*$",
        description="the ledger's name in its checkpoints; kept in the state folder if not given",
    )
    checkpoints: Path | None = Field(
        None, description="a second place, outside the database, for the ledger's checkpoints"
    )
    purge_hour: Annotated[int, Field(ge=0, le=23)] = Field(
        2, description="the hour of the daily purge, in the policy's time zone"
    )
    purge_batch: Annotated[int, Field(ge=100, le=100_000)] = Field(
        20_000,
        description="rows that a purge deletes or changes in one transaction: "
        "more are quicker, fewer lock less",
    )
    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = Field(
        0, description="how many reverse proxies stand before Upheld"
    )
    policy_patience: Annotated[int, Field(ge=0, le=8760)] = Field(
        24,
        description="hours that the last good policy decides when the files on disk cannot be used; "
        "0 is for ever",
    )
    decision_log: Literal["fast", "durable"] = Field(
        "fast",
        description="`fast` keeps every decision when a process dies, `durable` also when the power fails",
    )
    decision_log_limit: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        256, description="MiB that a web worker may hold before they are shipped to the database"
    )
    decision_log_full: Literal["block", "drop"] = Field(
        "block",
        description="beyond that: `block` refuses to decide, `drop` decides, and counts what is not logged",
    )
    log_format: Literal["json", "text"] = Field(
        "json", description="form of the log: `json` or `text`"
    )

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: SecretStr) -> SecretStr:
        scheme, slashes, _ = value.get_secret_value().partition("://")
        if not slashes or scheme.partition("+")[0] not in {"sqlite", "postgresql"}:
            # The address may hold a password, so it is not repeated.
            raise ValueError("write sqlite:///PATH or postgresql+psycopg://USER@HOST/NAME")
        return value

    @field_validator("base_url")
    @classmethod
    def _safe_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"`{value}` is not an address such as https://privacy.example.com")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError(f"`{value}` would send codes and data unencrypted; use https")
        return value.rstrip("/")


@dataclass(frozen=True, slots=True)
class Documented:
    """One setting, for the manual: its variable, default and meaning."""

    variable: str
    default: str
    means: str


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings. InvalidInput names the variable that is wrong and says why."""
    told = {}
    for name in Settings.model_fields:
        value = _value(environ, PREFIX + name.upper())
        if value is not None:
            told[name] = value
    try:
        return Settings.model_validate(told)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        variable = PREFIX + str(first["loc"][0]).upper()
        reason = first["msg"].removeprefix("Value error, ")
        raise InvalidInput(f"the setting `{variable}` is wrong: {reason}", variable) from None


def document_settings() -> list[Documented]:
    """Every setting, for the manual and `upheld check`."""
    return [
        Documented(PREFIX + name.upper(), _shown(info.default), info.description or "")
        for name, info in Settings.model_fields.items()
    ]


def _value(environ: Mapping[str, str], variable: str) -> str | None:
    if variable in environ:
        return environ[variable]
    file = environ.get(f"{variable}_FILE")
    if file is None:
        return None
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as problem:
        reason = (problem.strerror or "unreadable").lower()
        raise InvalidInput(f"`{variable}_FILE` names `{file}`: {reason}", variable) from None


def _shown(default: object) -> str:
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    return "" if default is None else str(default)
