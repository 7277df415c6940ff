"""CAPABILITIES A: sign-up, JWT login, second factor by authenticator app, row by row.

C: the tutorial of FastAPI and pyotp, and of E and B what the second factor brings with it.
"""

from __future__ import annotations

import base64
import re

import jwt
import pyotp

from blackbox.authenticator import (
    STEP,
    Phone,
    answer_by_backup_code,
    answer_by_otp,
    challenge,
    log_in,
    scanned,
    shown_uri,
    sign_up_with_totp,
    with_second_factor,
)
from blackbox.client import DAY, MINUTE, NOW, Client, require_problem, unique
from blackbox.conftest import Starter
from blackbox.hosts import ROOT

NAMED = re.compile(r"`(test_[a-e]\d+_\w+)`\]\[second\]")
FORM = {"content-type": "application/x-www-form-urlencoded"}


def test_the_readme_names_these_tests() -> None:
    named = NAMED.findall((ROOT / "README.md").read_text())
    here = {name for name in globals() if re.match(r"test_[a-e]\d", name)}
    assert sorted(named) == sorted(here)


def test_a1_sign_up_answers_the_picture_for_the_authenticator(client: Client) -> None:
    body = {
        "email": f"{unique('a1')}@example.com",
        "password": "correct horse battery staple",
        "second_factor": "totp",
    }
    answer = client.post_settled("/v1/accounts", body, accept="image/png")
    assert (answer.status, answer.headers["content-type"]) == (201, "image/png")
    totp = pyotp.parse_uri(scanned(answer.body))
    assert (totp.issuer, totp.name) == ("localhost", body["email"])
    # Their QR codes say 10 seconds and are verified with 30.
    assert (totp.interval, totp.digits) == (30, 6)
    asked = client.post("/v1/login", {"login": body["email"], "password": body["password"]})
    answered = {"challenge": asked.json()["challenge"], "code": totp.at(NOW // 1000)}
    assert client.post("/v1/login/otp", answered).status == 200


def test_a2_login_by_the_form_answers_202_where_there_is_a_factor(client: Client) -> None:
    person, _, _ = with_second_factor(client)
    without = client.sign_up()
    form = "grant_type=&username={}&password={}&scope=&client_id=&client_secret="
    for named, status in ((without, 200), (person, 202)):
        sent = form.format(named.username, named.password.replace(" ", "+")).encode()
        for headers in (FORM, {**FORM, "authorization": "Basic Og=="}):
            answer = client.send("POST", "/v1/login", sent, headers)
            assert answer.status == status, answer.body
    assert answer.json()["methods"] == ["totp", "backup_code"]
    assert "access_token" not in answer.json()


def test_a3_who_am_i(client: Client) -> None:
    person, _, tokens = with_second_factor(client)
    me = client.me(tokens["access_token"])
    assert (me.status, me.json()["username"]) == (200, person.username)
    late = client.at(NOW + 5 * MINUTE).me(tokens["access_token"])
    require_problem(late, 401, "token_expired")
    # Their 403: the factor is missing. Here nothing that a password alone gets is a token.
    require_problem(client.me(challenge(person)), 401, "token_invalid")


def test_a4_a_refresh_gives_new_tokens_and_the_old_one_dies(client: Client) -> None:
    _, _, tokens = with_second_factor(client)
    renewed = client.refresh(tokens["refresh_token"])
    assert renewed.status == 200
    claims = jwt.decode(renewed.json()["access_token"], options={"verify_signature": False})
    assert claims["amr"] == ["pwd", "otp", "mfa"]
    later = client.at(NOW + 11_000)
    require_problem(later.refresh(tokens["refresh_token"]), 401, "refresh_reused")
    require_problem(later.refresh(renewed.json()["refresh_token"]), 401, "session_ended")


def test_a5_a_code_answers_the_challenge(client: Client) -> None:
    person, phone, _ = with_second_factor(client)
    later = person.at(NOW + STEP)
    [wrong] = phone.wrong_codes(NOW + STEP, 1)
    require_problem(answer_by_otp(later, wrong), 401, "otp_invalid")
    answer = answer_by_otp(later, phone.code(NOW + STEP))
    assert answer.status == 200
    assert client.me(answer.json()["access_token"]).status == 200


def test_a6_a_backup_code_is_gone_once_it_is_used(new_host: Starter) -> None:
    client = new_host(AUTHCORE_BACKUP_CODES="5").client()
    person, _, tokens = with_second_factor(client)
    for number, code in enumerate(tokens["backup_codes"], 1):
        answer = answer_by_backup_code(person, code)
        assert answer.status == 200, answer.body
        state = client.get("/v1/mfa", answer.json()["access_token"]).json()
        assert state["backup_codes_left"] == 5 - number
    none_left = answer_by_backup_code(person, tokens["backup_codes"][0])
    require_problem(none_left, 401, "backup_codes_exhausted")


def test_a7_the_qr_code_again_to_who_has_just_shown_the_factor(client: Client) -> None:
    person, phone, tokens = with_second_factor(client)
    again = client.get("/v1/mfa/totp/qr", tokens["access_token"], accept="image/png")
    assert (again.status, scanned(again.body)) == (200, phone.uri)
    later = client.at(NOW + 6 * MINUTE)
    token = later.refresh(tokens["refresh_token"]).json()["access_token"]
    proof = {"password": person.password}
    token = later.post_settled("/v1/reauthenticate", proof, token).json()["access_token"]
    refused = later.get("/v1/mfa/totp/qr", token)
    require_problem(refused, 403, "reauthentication_required")


def test_a8_who_is_signed_in_enables_it(client: Client) -> None:
    person = client.sign_up()
    token = person.login()["access_token"]
    enrolled = client.post("/v1/mfa/totp", {}, token)
    assert enrolled.status == 200
    assert enrolled.json()["expires_in"] == 30 * 60
    phone = Phone(shown_uri(enrolled))
    # It asks for nothing before it is confirmed.
    assert person.try_login().status == 200
    [wrong] = phone.wrong_codes(NOW, 1)
    refused = client.post("/v1/mfa/totp/confirm", {"code": wrong}, token)
    require_problem(refused, 401, "otp_invalid")
    confirmed = client.post("/v1/mfa/totp/confirm", {"code": phone.code(NOW)}, token)
    assert (confirmed.status, len(confirmed.json()["backup_codes"])) == (200, 10)
    assert client.me(token).json()["second_factor"] == "totp"
    assert person.try_login().status == 202


def test_a9_backup_codes_are_shown_once_and_kept_as_hashes(new_host: Starter) -> None:
    host = new_host(AUTHCORE_BACKUP_CODES="5")
    client = host.client()
    _, phone, tokens = with_second_factor(client)
    assert len(tokens["backup_codes"]) == 5
    state = client.get("/v1/mfa", tokens["access_token"])
    assert state.json()["backup_codes_left"] == 5
    seed = base64.b32decode(phone.secret)
    assert len(seed) == 20
    # SECURITY 17, 19, 23
    stored = host.stored()
    for code in tokens["backup_codes"]:
        assert code.encode() not in state.body
        assert code.encode() not in stored
        assert code.replace("-", "").encode() not in stored
    for hidden in (seed, phone.secret.encode(), seed.hex().encode(), base64.b64encode(seed)):
        assert hidden not in stored


def test_c1_basic_and_a_code_in_one_call_say_what_is_wrong(client: Client) -> None:
    person, phone, _ = with_second_factor(client)
    later = client.at(NOW + STEP)
    json = {"content-type": "application/json"}

    def log_in_by_basic(password: str, body: bytes = b"") -> tuple[int, str]:
        pair = base64.b64encode(f"{person.username}:{password}".encode()).decode()
        headers = {"authorization": f"Basic {pair}", **(json if body else {})}
        answer = later.send("POST", "/v1/login", body, headers)
        return answer.status, answer.code or answer.json().get("reason", "")

    [wrong] = phone.wrong_codes(NOW + STEP, 1)
    right = f'{{"otp": "{phone.code(NOW + STEP)}"}}'.encode()
    assert log_in_by_basic("wrong horse") == (401, "invalid_credentials")
    assert log_in_by_basic("wrong horse", right) == (401, "invalid_credentials")
    assert log_in_by_basic(person.password) == (202, "second_factor_required")
    assert log_in_by_basic(person.password, f'{{"otp": "{wrong}"}}'.encode()) == (
        401,
        "otp_invalid",
    )
    assert log_in_by_basic(person.password, right) == (200, "")


def test_c2_whoami_with_bearer(client: Client) -> None:
    person = client.sign_up(full_name="Grace Hopper")
    me = client.get("/v1/me", person.login()["access_token"])
    assert (me.status, me.json()["full_name"]) == (200, "Grace Hopper")
    refused = require_problem(client.get("/v1/me"), 401, "token_missing")
    assert refused.headers["www-authenticate"].startswith("Bearer")


def test_c3_the_second_factor_is_turned_on_and_off(client: Client) -> None:
    person = client.sign_up()
    token = person.login()["access_token"]
    phone = Phone(client.post("/v1/mfa/totp", {}, token).json()["otpauth_uri"])
    code = {"code": phone.code(NOW)}
    assert client.post("/v1/mfa/totp/confirm", code, token).status == 200
    # SECURITY 21: the password alone does not turn it off.
    password = {"password": person.password}
    later = client.at(NOW + 6 * MINUTE)
    token = log_in(person.at(later.now), phone)["access_token"]
    later = client.at(NOW + 11 * MINUTE - 1)
    token = later.post_settled("/v1/reauthenticate", password, token).json()["access_token"]
    later = client.at(NOW + 12 * MINUTE)
    refused = later.delete("/v1/mfa", token)
    require_problem(refused, 403, "reauthentication_required")
    proof = {"code": phone.code(later.now)}
    token = later.post("/v1/reauthenticate", proof, token).json()["access_token"]
    assert later.delete("/v1/mfa", token).status == 204
    assert person.at(later.now).try_login().status == 200
    assert later.me(token).json()["second_factor"] is None


def test_c4_the_picture_names_issuer_and_account(new_host: Starter) -> None:
    client = new_host(AUTHCORE_OTP_ISSUER="Büro & Söhne").client()
    person = client.sign_up()
    token = person.login()["access_token"]
    answer = client.change("POST", "/v1/mfa/totp", None, token, accept="image/png")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
    totp = pyotp.parse_uri(scanned(answer.body))
    assert (totp.issuer, totp.name) == ("Büro & Söhne", person.username)


def test_b6_a_deleted_account_keeps_its_names(client: Client) -> None:
    person, phone = sign_up_with_totp(client)
    tokens = log_in(person, phone)
    stale = client.at(NOW + 6 * MINUTE)
    token = stale.refresh(tokens["refresh_token"]).json()["access_token"]
    require_problem(stale.delete("/v1/me", token), 403, "reauthentication_required")
    proof = {"code": phone.code(stale.now)}
    token = stale.post("/v1/reauthenticate", proof, token).json()["access_token"]
    assert stale.delete("/v1/me", token).status == 204
    require_problem(stale.delete("/v1/me", token), 401, "session_ended")
    require_problem(person.try_login(), 401, "invalid_credentials")
    again = {"username": person.username, "password": person.password}
    require_problem(client.post_settled("/v1/accounts", again), 409, "taken")


def test_e4_sessions_are_listed_and_ended(client: Client) -> None:
    person = client.sign_up()
    first, second, third = (person.login() for _ in range(3))
    token = second["access_token"]
    listed = client.get("/v1/sessions", token).json()["items"]
    assert {item["id"] for item in listed} == {
        tokens["session_id"] for tokens in (first, second, third)
    }
    assert [item["id"] for item in listed if item["current"]] == [second["session_id"]]
    assert client.delete(f"/v1/sessions/{first['session_id']}", token).status == 204
    require_problem(client.me(first["access_token"]), 401, "session_ended")
    assert client.delete("/v1/sessions", token).status == 204
    require_problem(client.me(third["access_token"]), 401, "session_ended")
    assert client.post("/v1/logout", {}, token).status == 204
    require_problem(client.me(token), 401, "session_ended")


def test_e6_wrong_codes_end_the_login_and_then_the_tries(client: Client) -> None:
    # SECURITY 12
    person, phone, tokens = with_second_factor(client)
    wrong = phone.wrong_codes(NOW, 6)
    presented = challenge(person)
    body = {"challenge": presented}
    for code in wrong[:3]:
        answer = client.post("/v1/login/otp", {**body, "code": code})
        require_problem(answer, 401, "otp_invalid")
    dead = client.post("/v1/login/otp", {**body, "code": wrong[3]})
    require_problem(dead, 401, "challenge_dead")
    # A new challenge, and the right password, give no new tries.
    for code in wrong[3:5]:
        require_problem(answer_by_otp(person, code), 401, "otp_invalid")
    locked = require_problem(answer_by_otp(person, wrong[5]), 429, "locked")
    assert locked.headers["retry-after"] == "60"
    # The set-up in two steps, and renewal, are theirs who are signed in.
    assert client.post("/v1/mfa/backup-codes", {}, tokens["access_token"]).status == 200
    assert answer_by_otp(person.at(NOW + MINUTE), phone.code(NOW + MINUTE)).status == 200


def test_e10_the_password_is_changed_with_the_old_one(client: Client) -> None:
    person = client.sign_up()
    token = person.login()["access_token"]
    new = f"{unique('another horse battery ')} staple"
    client.secrets.add(new)
    wrong = {"current_password": "wrong horse", "password": new}
    refused = client.change("PUT", "/v1/me/password", wrong, token)
    require_problem(refused, 401, "invalid_credentials")
    body = {"current_password": person.password, "password": new}
    assert client.change("PUT", "/v1/me/password", body, token).status == 204
    require_problem(person.try_login(), 401, "invalid_credentials")
    assert person.try_login(new).status == 200


def test_e10_a_hash_is_renewed_at_login_when_the_cost_has_changed(new_host: Starter) -> None:
    host = new_host()
    person = host.client().sign_up()
    phc = "SELECT phc FROM credentials WHERE account_id = ?1"
    assert host.rows(phc, person.account["id"])[0][0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    host.stop()
    host.variables["AUTHCORE_ARGON2"] = "m=19456,t=3,p=1"
    host.start()
    client = host.client()
    person.client = client
    assert person.try_login().status == 200
    assert host.rows(phc, person.account["id"])[0][0].startswith("$argon2id$v=19$m=19456,t=3,p=1$")
    assert person.at(NOW + DAY).try_login().status == 200
