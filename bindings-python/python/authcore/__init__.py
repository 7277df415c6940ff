"""Authentication for Python: passwords, one-time codes, and a whole auth service over SQLite.

Hash a password, check it later; a wrong one raises:

>>> import authcore
>>> stored = authcore.hash_password("correct horse battery staple")
>>> authcore.verify_password(stored, "correct horse battery staple")
>>> authcore.verify_password(stored, "Tr0ub4dor&3")
Traceback (most recent call last):
    ...
authcore.InvalidCredentials: invalid_credentials: invalid credentials

Ask for a second factor: show the picture once, store the secret sealed and the step of each code
that was accepted. A code is accepted once:

>>> totp = authcore.Totp(issuer="Example", account="ada@example.org")
>>> picture = totp.qr_png()
>>> code = totp.generate()
>>> accepted = totp.verify(code)
>>> totp.verify(code, after_step=accepted.step)
Traceback (most recent call last):
    ...
authcore.OtpInvalid: otp_invalid: the code is wrong, too old, or was used before

Serve accounts, logins and tokens from one file:

>>> import base64, os
>>> settings = authcore.Settings.from_variables({
...     "AUTHCORE_ENV": "dev",
...     "AUTHCORE_SECRET": "k1:" + base64.b64encode(os.urandom(32)).decode(),
... })
>>> service = authcore.Service(settings, authcore.Sqlite("auth.db"))
>>> service.migrate()
2
>>> service.handle(authcore.Request("GET", "/healthz")).body
b'{"status":"ok"}'

Every error is an `authcore.Error` with a stable `code`; its classes say whose fault it is.
"""

from authcore._authcore import *  # noqa: F403 (what its `__all__` and its stub name)
from authcore._service import Service as Service
from authcore._sqlite import Sqlite as Sqlite
