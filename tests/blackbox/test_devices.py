"""Devices that are remembered: how long, for what, and what ends them."""

from __future__ import annotations

import jwt

from blackbox.authenticator import STEP, log_in, sign_up_with_totp, with_second_factor
from blackbox.client import DAY, NOW, Client, require_problem, unique


def test_a_remembered_device_is_not_asked_again_until_it_is_ended(client: Client) -> None:
    # SECURITY 22
    person, phone = sign_up_with_totp(client)
    tokens = log_in(person, phone, remember_device=True)
    device = tokens["device_token"]
    remembered = person.try_login(device_token=device)
    assert remembered.status == 200, remembered.body
    claims = jwt.decode(remembered.json()["access_token"], options={"verify_signature": False})
    assert claims["amr"] == ["pwd"]
    # It is no first factor, and nobody else's.
    require_problem(
        person.try_login("wrong horse", device_token=device), 401, "invalid_credentials"
    )
    other, _, others_tokens = with_second_factor(client)
    assert other.try_login(device_token=device).status == 202

    token = tokens["access_token"]
    listed = client.get("/v1/devices", token).json()
    assert listed["total"] == len(listed["items"]) == 1
    assert listed["items"][0]["expires_at"] == NOW + 30 * DAY
    path = f"/v1/devices/{listed['items'][0]['id']}"
    # SECURITY 34
    require_problem(client.delete(path, others_tokens["access_token"]), 404, "not_found")
    assert person.try_login(device_token=device).status == 200
    assert client.delete(path, token).status == 204
    assert person.try_login(device_token=device).status == 202
    assert client.get("/v1/devices", token).json() == {"items": [], "total": 0}


def test_a_remembered_device_alone_signs_nobody_in(client: Client) -> None:
    # SECURITY 22
    person, phone = sign_up_with_totp(client)
    device = log_in(person, phone, remember_device=True)["device_token"]
    login = {"login": person.username, "device_token": device}
    for password in ("", device, "another password"):
        answer = client.post("/v1/login", {**login, "password": password})
        require_problem(answer, 401, "invalid_credentials")
    # A body without a password is no login: its form is refused, before anything is looked at.
    for body in (login, {"device_token": device}):
        require_problem(client.post("/v1/login", body), 422, "invalid_input")
    require_problem(client.get("/v1/me", device), 401, "token_invalid")
    refreshed = client.post("/v1/refresh", {"refresh_token": device})
    require_problem(refreshed, 401, "token_invalid")
    answered = client.post("/v1/login/otp", {"challenge": device, "code": phone.code(NOW + STEP)})
    require_problem(answered, 401, "challenge_dead")


def test_remembered_devices_end_with_time_and_with_every_change(client: Client) -> None:
    # SECURITY 22
    person, phone = sign_up_with_totp(client)
    device = log_in(person, phone, remember_device=True)["device_token"]
    assert person.at(NOW + 30 * DAY - 1).try_login(device_token=device).status == 200
    assert person.at(NOW + 30 * DAY).try_login(device_token=device).status == 202

    later = person.at(NOW + STEP)
    tokens = log_in(later, phone, remember_device=True)
    token, device = tokens["access_token"], tokens["device_token"]
    assert later.try_login(device_token=device).status == 200
    assert later.client.delete("/v1/devices", token).status == 204
    assert later.try_login(device_token=device).status == 202

    later = person.at(NOW + 2 * STEP)
    device = log_in(later, phone, remember_device=True)["device_token"]
    new = f"{unique('another horse battery ')} staple"
    body = {"current_password": person.password, "password": new}
    assert later.client.change("PUT", "/v1/me/password", body, token).status == 204
    assert later.try_login(new, device_token=device).status == 202
