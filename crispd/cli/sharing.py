"""``crispd unshare``."""

from __future__ import annotations

from crispd import config
from crispd.cli.logs import set_up
from crispd.cli.options import AsJson, ConfigFile, DataDir, Token, Url


def unshare(
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """End every shared link that was made without a device."""
    from crispd.cli.pairing import revoke_shares

    set_up("warning")
    settings = config.load(config_file, data_dir=data_dir, token=token)
    revoke_shares(settings, url, as_json=as_json)
