"""What owners are told of, at the address they have: a row of the outbox for each act."""

from __future__ import annotations

from collections import Counter

from blackbox.authenticator import (
    STEP,
    Phone,
    answer_by_backup_code,
    answer_by_otp,
    challenge,
    log_in,
    with_second_factor,
)
from blackbox.client import HOUR, NOW, Client, Person, require_problem, unique
from blackbox.hosts import Host


def told(host: Host, person: Person) -> Counter[str]:
    """How often the owner is told by each template."""
    account, email = person.account["id"], person.account["email"]
    sql = "SELECT template, kind, recipient, state FROM outbox WHERE account_id = ?1"
    rows = host.rows(sql, account)
    assert all(row[1:] == ("mail", email, "queued") for row in rows), rows
    return Counter(template for template, *_ in rows)


def person_with_address(client: Client) -> tuple[Person, Phone, dict]:
    """Somebody with a second factor who can be told of it."""
    return with_second_factor(client, email=f"{unique('owner')}@example.com")


def test_the_owner_is_told_of_each_change(host: Host, client: Client) -> None:
    # SECURITY 12, 16, 21, 92
    person, phone, tokens = person_with_address(client)
    token, backup_codes = tokens["access_token"], tokens["backup_codes"]
    seen = Counter({"factor_changed": 1})
    assert told(host, person) == seen

    def require_told(template: str) -> None:
        """Asserts that the owner was told of this since, once, and of nothing else."""
        seen[template] += 1
        assert told(host, person) == seen

    later = person.at(NOW + STEP)
    [wrong] = phone.wrong_codes(NOW + STEP, 1)
    require_problem(answer_by_otp(later, wrong), 401, "otp_invalid")
    require_told("second_factor_failed")
    assert answer_by_backup_code(later, backup_codes[0]).status == 200
    require_told("backup_code_used")
    # A right code from where the owner has been is nothing to tell.
    log_in(later, phone)
    assert told(host, person) == seen
    body = {"challenge": challenge(later), "code": backup_codes[1]}
    answer = client.post("/v1/login/backup-code", body, **{"user-agent": "another browser"})
    assert answer.status == 200
    seen["new_sign_in"] += 1
    require_told("backup_code_used")

    assert client.get("/v1/mfa/totp/qr", token).status == 200
    require_told("factor_shown")
    assert client.post("/v1/mfa/backup-codes", {}, token).status == 200
    require_told("backup_codes_renewed")
    new = f"{unique('another horse battery ')} staple"
    client.secrets.add(new)
    body = {"current_password": person.password, "password": new}
    assert client.change("PUT", "/v1/me/password", body, token).status == 204
    require_told("password_changed")
    assert client.delete("/v1/mfa", token).status == 204
    require_told("factor_removed")
    # Once more, without one: nothing is removed.
    assert client.delete("/v1/mfa", token).status == 204
    assert told(host, person) == seen


def test_who_has_no_address_is_told_nothing(host: Host, client: Client) -> None:
    # SECURITY 92
    person, _, tokens = with_second_factor(client)
    assert answer_by_backup_code(person, tokens["backup_codes"][0]).status == 200
    assert client.delete("/v1/mfa", tokens["access_token"]).status == 204
    assert told(host, person) == Counter()


def test_the_same_is_told_five_times_an_hour_and_a_wrong_code_once(
    host: Host, client: Client
) -> None:
    # SECURITY 12, 92
    person, phone, tokens = person_with_address(client)

    def renewed_and_tried(now: int, token: str) -> Counter[str]:
        later = person.at(now)
        assert later.client.post("/v1/mfa/backup-codes", {}, token).status == 200
        [wrong] = phone.wrong_codes(now, 1)
        require_problem(answer_by_otp(later, wrong), 401, "otp_invalid")
        return told(host, person)

    for number in (1, 2, 3, 4, 5, 5):
        seen = renewed_and_tried(NOW, tokens["access_token"])
        assert (seen["backup_codes_renewed"], seen["second_factor_failed"]) == (number, 1)
        if number == 4:
            # Or the fifth wrong code begins a wait.
            log_in(person.at(NOW + STEP), phone)
    token = log_in(person.at(NOW + HOUR - STEP), phone)["access_token"]
    seen = renewed_and_tried(NOW + HOUR - 1, token)
    assert (seen["backup_codes_renewed"], seen["second_factor_failed"]) == (5, 1)
    seen = renewed_and_tried(NOW + HOUR, token)
    assert (seen["backup_codes_renewed"], seen["second_factor_failed"]) == (6, 2)
