"""The way with a second factor: a QR code, a code, a lost phone, backup codes, a new phone."""

from __future__ import annotations

import jwt
import pyotp
import pytest

from blackbox.authenticator import (
    STEP,
    Phone,
    answer_by_backup_code,
    answer_by_otp,
    challenge,
    log_in,
    shown_uri,
    sign_up_with_totp,
    with_second_factor,
)
from blackbox.client import (
    DAY,
    MINUTE,
    NOW,
    SECOND,
    Answer,
    Client,
    Person,
    require_problem,
    unique,
)
from blackbox.conftest import Starter
from blackbox.hosts import Host

FORMS = ["application/json", "image/png", "image/svg+xml"]


def claims(token: str) -> dict:
    """The claims of a token, which others verify elsewhere."""
    return jwt.decode(token, options={"verify_signature": False})


def signed_up_with(client: Client, accept: str) -> tuple[Person, Phone]:
    """Signs somebody up and scans what is shown."""
    password = f"{unique('correct horse battery ')} staple"
    client.secrets.add(password)
    person = Person(client, unique("user"), password)
    body = {"username": person.username, "password": password, "second_factor": "totp"}
    answer = client.post_settled("/v1/accounts", body, accept=accept)
    assert (answer.status, answer.headers["content-type"]) == (201, accept)
    assert answer.headers["cache-control"] == "no-store"
    if accept == "image/svg+xml":
        # SECURITY 33
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    phone = Phone(shown_uri(answer))
    client.secrets |= {phone.uri, phone.secret}
    return person, phone


@pytest.mark.parametrize("accept", FORMS)
def test_from_the_qr_code_to_a_login_with_a_code(client: Client, accept: str) -> None:
    # SECURITY 17
    person, phone = signed_up_with(client, accept)
    asked = person.try_login()
    assert asked.status == 202
    assert asked.json() == {
        "challenge": asked.json()["challenge"],
        "methods": ["totp"],
        "reason": "second_factor_required",
        "expires_in": 300,
    }
    body = {"challenge": asked.json()["challenge"], "code": phone.code(NOW)}
    first = client.post("/v1/login/otp", body)
    assert first.status == 200, first.body
    assert len(set(first.json()["backup_codes"])) == 10
    assert claims(first.json()["access_token"])["amr"] == ["pwd", "otp", "mfa"]
    assert client.me(first.json()["access_token"]).json()["second_factor"] == "totp"

    later = person.at(NOW + STEP)
    assert later.try_login().json()["methods"] == ["totp", "backup_code"]
    second = answer_by_otp(later, phone.oathtool_code(NOW + STEP))
    assert second.status == 200, second.body
    assert "backup_codes" not in second.json()


def test_codes_are_of_the_parameters_that_are_set(new_host: Starter) -> None:
    # SECURITY 17
    settings = {"ALGORITHM": "SHA256", "DIGITS": "8", "PERIOD": "60"}
    host = new_host(**{f"AUTHCORE_OTP_{name}": value for name, value in settings.items()})
    person, phone = signed_up_with(host.client(), "image/png")
    read = pyotp.parse_uri(phone.uri)
    assert (read.digest().name, read.digits, read.interval) == ("sha256", 8, 60)
    code = phone.code(NOW)
    assert len(code) == 8
    # What an app shows that takes it for one of the usual kind.
    require_problem(answer_by_otp(person, phone.oathtool_code(NOW)), 401, "otp_invalid")
    first = answer_by_otp(person, code)
    assert first.status == 200, first.body
    assert len(first.json()["backup_codes"]) == 10
    # It is still shown, and was used.
    later = person.at(NOW + MINUTE - 1)
    assert phone.code(later.client.now) == code
    require_problem(answer_by_otp(later, code), 401, "otp_invalid")
    assert log_in(person.at(NOW + MINUTE), phone)["access_token"]


def test_a_code_is_accepted_once(client: Client) -> None:
    # SECURITY 10, 11
    person, phone, tokens = with_second_factor(client)
    code = phone.code(NOW)
    for text in (code, f" {code}", f"{code[:3]} {code[3:]}"):
        require_problem(answer_by_otp(person, text), 401, "otp_invalid")
    spent = client.post("/v1/reauthenticate", {"code": code}, tokens["access_token"])
    require_problem(spent, 401, "otp_invalid")
    assert answer_by_otp(person, phone.code(NOW + STEP)).status == 200


def test_three_wrong_codes_end_a_challenge(client: Client) -> None:
    # SECURITY 12
    person, phone, _ = with_second_factor(client)
    later = person.at(NOW + STEP)
    presented, right = challenge(later), phone.code(NOW + STEP)

    def answer(code: str) -> Answer:
        return later.client.post("/v1/login/otp", {"challenge": presented, "code": code})

    for code in phone.wrong_codes(NOW + STEP, 3):
        require_problem(answer(code), 401, "otp_invalid")
    require_problem(answer(right), 401, "challenge_dead")
    assert answer_by_otp(later, right).status == 200


def test_there_is_no_session_before_the_code(host: Host) -> None:
    # SECURITY 14
    client = host.client()
    person, _ = sign_up_with_totp(client)
    presented = challenge(person)
    of_account = "SELECT count(*) FROM sessions WHERE account_id = ?1"
    assert host.rows(of_account, person.account["id"]) == [(0,)]
    for route in ("/v1/me", "/v1/sessions", "/v1/mfa", "/v1/devices", "/v1/mfa/totp/qr"):
        require_problem(client.get(route, presented), 401, "token_invalid")
    require_problem(client.refresh(presented), 401, "token_invalid")
    require_problem(client.post("/v1/logout", {"refresh_token": presented}), 401, "token_invalid")


def test_a_lost_phone_is_replaced_by_a_backup_code(client: Client) -> None:
    # SECURITY 16, 19
    person, lost, tokens = with_second_factor(client)
    first, second, *_ = tokens["backup_codes"]
    # As somebody types it: small letters, blanks, letters that look like digits.
    typed = first.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    later = person.at(NOW + MINUTE)
    answer = answer_by_backup_code(later, typed)
    assert answer.status == 200, answer.body
    token = answer.json()["access_token"]
    assert claims(token)["amr"] == ["pwd", "mfa"]
    require_problem(answer_by_backup_code(later, first), 401, "otp_invalid")
    assert later.client.get("/v1/mfa", token).json()["backup_codes_left"] == 9

    enrolled = later.client.post("/v1/mfa/totp", {}, token)
    assert enrolled.status == 200, enrolled.body
    found = Phone(shown_uri(enrolled))
    assert found.uri == enrolled.json()["otpauth_uri"]
    assert found.secret != lost.secret
    # Until its first code the old one counts.
    assert answer_by_otp(later, lost.code(NOW + MINUTE)).status == 200
    code = {"code": found.code(NOW + MINUTE)}
    confirmed = later.client.post("/v1/mfa/totp/confirm", code, token)
    assert confirmed.status == 200, confirmed.body
    assert len(confirmed.json()["backup_codes"]) == 10

    now = NOW + MINUTE + STEP
    later = person.at(now)
    require_problem(answer_by_otp(later, lost.code(now)), 401, "otp_invalid")
    require_problem(answer_by_backup_code(later, second), 401, "otp_invalid")
    assert answer_by_otp(later, found.code(now)).status == 200
    renewed = confirmed.json()["backup_codes"][0]
    assert answer_by_backup_code(later, renewed).status == 200


def test_it_is_told_when_no_backup_code_is_left(new_host: Starter) -> None:
    # SECURITY 19
    client = new_host(AUTHCORE_BACKUP_CODES="5").client()
    person, phone, tokens = with_second_factor(client)
    assert len(tokens["backup_codes"]) == 5
    for code in tokens["backup_codes"]:
        assert answer_by_backup_code(person, code).status == 200
    spent = answer_by_backup_code(person, tokens["backup_codes"][0])
    require_problem(spent, 401, "backup_codes_exhausted")

    later = person.at(NOW + STEP)
    token = log_in(later, phone)["access_token"]
    renewed = later.client.post("/v1/mfa/backup-codes", {}, token)
    assert len(renewed.json()["backup_codes"]) == 5
    assert answer_by_backup_code(later, renewed.json()["backup_codes"][4]).status == 200


def test_renewed_backup_codes_replace_the_old_ones(client: Client) -> None:
    # SECURITY 19
    person, _, tokens = with_second_factor(client)
    renewed = client.post("/v1/mfa/backup-codes", {}, tokens["access_token"])
    assert renewed.status == 200
    old, new = tokens["backup_codes"], renewed.json()["backup_codes"]
    assert not set(old) & set(new)
    require_problem(answer_by_backup_code(person, old[0]), 401, "otp_invalid")
    assert answer_by_backup_code(person, new[0]).status == 200


def test_the_qr_code_is_shown_to_who_has_just_shown_the_factor(client: Client) -> None:
    # SECURITY 16, 43
    person, phone, tokens = with_second_factor(client)
    token = tokens["access_token"]
    for accept in FORMS:
        again = client.get("/v1/mfa/totp/qr", token, accept=accept)
        assert (again.status, again.headers["content-type"]) == (200, accept)
        assert shown_uri(again) == phone.uri

    now = NOW + 5 * MINUTE + 1
    later = client.at(now)
    token = later.refresh(tokens["refresh_token"]).json()["access_token"]
    stale = later.get("/v1/mfa/totp/qr", token)
    require_problem(stale, 403, "reauthentication_required")
    by_password = later.post_settled("/v1/reauthenticate", {"password": person.password}, token)
    assert by_password.status == 200
    stale = later.get("/v1/mfa/totp/qr", by_password.json()["access_token"])
    require_problem(stale, 403, "reauthentication_required")
    by_code = later.post("/v1/reauthenticate", {"code": phone.code(now)}, token)
    assert by_code.status == 200, by_code.body
    again = later.get("/v1/mfa/totp/qr", by_code.json()["access_token"])
    assert shown_uri(again) == phone.uri


def test_a_closed_page_costs_a_new_qr_code(client: Client) -> None:
    # SECURITY 16
    person, unseen = sign_up_with_totp(client)
    presented = challenge(person)
    traded = client.post("/v1/login/enrolment", {"challenge": presented})
    assert traded.status == 200, traded.body
    phone = Phone(shown_uri(traded))
    assert phone.secret != unseen.secret
    body = {"challenge": presented, "code": unseen.code(NOW)}
    require_problem(client.post("/v1/login/otp", body), 401, "otp_invalid")
    answer = client.post("/v1/login/otp", {**body, "code": phone.code(NOW)})
    assert answer.status == 200, answer.body
    assert len(answer.json()["backup_codes"]) == 10
    # What is confirmed is traded no more.
    later = challenge(person.at(NOW + STEP))
    refused = client.post("/v1/login/enrolment", {"challenge": later})
    require_problem(refused, 403, "reauthentication_required")


def test_a_new_qr_code_is_given_a_few_times_a_day(client: Client) -> None:
    person, _ = sign_up_with_totp(client)
    body = {"challenge": challenge(person)}
    for _ in range(5):
        traded = client.post("/v1/login/enrolment", body)
        assert traded.status == 200
    refused = require_problem(client.post("/v1/login/enrolment", body), 429, "rate_limited")
    assert int(refused.headers["retry-after"]) == refused.json()["retry_after"] >= 1
    # The last one still counts.
    phone = Phone(traded.json()["otpauth_uri"])
    assert client.post("/v1/login/otp", {**body, "code": phone.code(NOW)}).status == 200


def test_an_enrolment_without_a_code_is_forgotten_after_a_day(client: Client) -> None:
    # SECURITY 16
    person, phone = sign_up_with_totp(client)
    assert person.account["second_factor"] is None
    assert person.at(NOW + DAY - 1).try_login().status == 202
    later = person.at(NOW + DAY)
    tokens = later.login()
    assert claims(tokens["access_token"])["amr"] == ["pwd"]
    assert later.client.me(tokens["access_token"]).json()["second_factor"] is None
    state = later.client.get("/v1/mfa", tokens["access_token"]).json()
    assert state == {
        "second_factor": None,
        "confirmed_at": None,
        "backup_codes_left": 0,
        "enrolment": None,
    }
    confirmed = later.client.post(
        "/v1/mfa/totp/confirm", {"code": phone.code(NOW + DAY)}, tokens["access_token"]
    )
    require_problem(confirmed, 409, "no_enrolment")


def test_sessions_are_listed_and_ended(client: Client) -> None:
    # SECURITY 34
    person, phone, tokens = with_second_factor(client)
    later = person.at(NOW + STEP)
    other = log_in(later, phone)
    listed = later.client.get("/v1/sessions", tokens["access_token"]).json()
    assert listed["total"] == 2
    assert {item["id"]: item["current"] for item in listed["items"]} == {
        tokens["session_id"]: True,
        other["session_id"]: False,
    }
    assert {item["aal"] for item in listed["items"]} == {2}
    stranger = client.sign_up().login()["access_token"]
    path = f"/v1/sessions/{other['session_id']}"
    require_problem(client.delete(path, stranger), 404, "not_found")
    assert later.client.me(other["access_token"]).status == 200
    assert later.client.delete(path, tokens["access_token"]).status == 204
    require_problem(later.client.me(other["access_token"]), 401, "session_ended")

    third = log_in(person.at(NOW + 2 * STEP), phone)
    last = client.at(NOW + 2 * STEP)
    assert last.delete("/v1/sessions", third["access_token"]).status == 204
    require_problem(last.me(tokens["access_token"]), 401, "session_ended")
    assert last.me(third["access_token"]).status == 200


def test_a_changed_password_ends_the_other_sessions(client: Client) -> None:
    # SECURITY 28
    person, phone, tokens = with_second_factor(client)
    now = NOW + STEP
    later = person.at(now)
    other = log_in(later, phone)
    open_challenge = challenge(later)
    new = f"{unique('another horse battery ')} staple"
    client.secrets.add(new)
    body = {"current_password": person.password, "password": new, "password_confirm": new}
    changed = later.client.change("PUT", "/v1/me/password", body, tokens["access_token"])
    assert changed.status == 204, changed.body
    assert later.client.me(tokens["access_token"]).status == 200
    require_problem(later.client.me(other["access_token"]), 401, "session_ended")
    require_problem(later.try_login(), 401, "invalid_credentials")
    answer = {"challenge": open_challenge, "code": phone.code(now + STEP)}
    require_problem(later.client.post("/v1/login/otp", answer), 401, "challenge_dead")
    assert later.try_login(new).status == 202


def test_a_deleted_account_is_gone_and_its_names_stay_reserved(client: Client) -> None:
    address = f"{unique('gone')}@example.com"
    person, phone = sign_up_with_totp(client, email=address)
    tokens = log_in(person, phone)
    stale = client.at(NOW + 4 * MINUTE + 59 * SECOND)
    assert stale.me(tokens["access_token"]).status == 200
    assert client.delete("/v1/me", tokens["access_token"]).status == 204
    require_problem(client.me(tokens["access_token"]), 401, "session_ended")
    require_problem(client.refresh(tokens["refresh_token"]), 401, "session_ended")
    require_problem(person.try_login(), 401, "invalid_credentials")
    body = {"password": "correct horse battery staple"}
    for names in ({"username": person.username.upper()}, {"email": address}):
        require_problem(client.post_settled("/v1/accounts", {**body, **names}), 409, "taken")
