"""Trust in a server of one's own: a file of certificates beside those of the system."""

from __future__ import annotations

import os
import re
import ssl

from desktop.services.errors import RemoteError
from desktop.services.peft_folder.reading import UnreadableFileError, printable, read_start

MAX_BYTES = 4 << 20
_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
_ADVICE = "Choose a file of certificates in PEM form (-----BEGIN CERTIFICATE-----)."


def trust_with(path: str) -> ssl.SSLContext:
    """Whom the system trusts, and the certificates in this file. It is read now.

    Raises:
        RemoteError (`tls`): it can't be read, or there is no certificate in it; or the system's
            can't be used.
    """
    name = f"“{printable(os.path.basename(path) or path, 80)}”"
    folder = os.path.dirname(os.path.realpath(path))
    try:
        data, size = read_start(folder, os.path.basename(os.path.realpath(path)), MAX_BYTES)
    except (UnreadableFileError, ValueError):
        raise RemoteError(
            "tls",
            f"The file of certificates {name} can’t be read.",
            "Check that it is still there, or choose another one in the connection.",
        ) from None
    from desktop.services.web_ways import system_trust

    context = system_trust()
    try:
        if size > MAX_BYTES:
            raise ValueError
        # Bundles have remarks between their certificates, in any language.
        text = b"\n".join(_BLOCK.findall(data)).decode("ascii")
        if not text:
            raise ValueError
        context.load_verify_locations(cadata=text)
    except (ValueError, ssl.SSLError):
        raise RemoteError("tls", f"There is no certificate in {name}.", _ADVICE) from None
    return context
